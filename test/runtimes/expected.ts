// What every runtime has to find. The bytes are written by hand from RFC 7348, section 5, and
// RFC 826: eight bytes of VXLAN header with VNI 42, and the frame as it was.
import type { CarryFindings } from "./carry.ts";
import type { CoreFindings, Findings } from "./exercise.ts";

const FRAME =
  "020000000007020000000003080600010800060400010200000000030a010f020000000000000a010f09" +
  "00".repeat(18);

// RFC 791 and RFC 768: 96 bytes 192.0.2.1 to 192.0.2.7, ports 40000 to 4789, no checksum.
const OUTER = "4500006000000000" + "4011f684c0000201" + "c0000207" + "9c4012b5004c0000";

const CORE: CoreFindings = {
  layers: [
    ...["ipv4 0 0", "udp 0 20", "vxlan 0 28"],
    ...["ethernet 1 36", "arp 1 50", "padding 1 78"],
  ],
  packet: `${OUTER}0800000000002a00${FRAME}`,
  broken: ["ipv4", 0, 96, 40, "Truncated"],
  datagram: `0800000000002a00${FRAME}`,
  peer: "192.0.2.7",
  frame: FRAME,
  learned: "192.0.2.1",
  route: "10.1.0.0/16",
  counters: { Ok: 1 },
};

const WITHOUT_BINARY = ["simd", "plain", "debug", "compiled"];
const WITH_BINARY = [...WITHOUT_BINARY, "bytes", "module", "response", "streamed"];

/** With every way to give `openCore` a binary, or with those that need none. */
export function expected(hasBinary: boolean): Findings {
  const names = hasBinary ? WITH_BINARY : WITHOUT_BINARY;
  return {
    simd: true,
    cores: Object.fromEntries(names.map((name) => [name, CORE])),
    refused: ["BadCore", "BadCore", "BadCore"],
    containers: ["10.1.15.2", "10.1.16.3"],
  };
}

/** Of `carry`. */
export const expectedCarry: CarryFindings = {
  applied: ["Ok", "Ok", "Ok", "Ok", "NotFound"],
  verdicts: ["consumed", "UnknownStation", "consumed"],
  datagrams: ["0 42 7 82", "0 42 7 68"],
  peers: ["192.0.2.7", "192.0.2.7"],
  counters: { Ok: 2, UnknownStation: 1 },
  refused: [
    ...["NoRoom", "BadValue", "Error: the carrier was closed", "BadValue"],
    "Error: the carrier's worker failed",
  ],
};
