// What a device with virtio headers hands over, and how it is fed to a tunnel: what the tests of
// offloads share.
import type { BurstFlagName, Desc, ElementName } from "../../../bindings/core/index.ts";
import { tcp, vlan } from "../../model/headers.ts";
import { ethernet, ipv4, udp } from "../../model/packet.ts";
import { GSO_TCPV4, GSO_UDP_L4, type VirtioFields, virtio } from "../../model/segment.ts";
import { type Given, OWN_MAC, PEER_MAC, type Vtep } from "./vtep.ts";

type Ends = Readonly<Record<"src" | "dst", string>>;
type Macs = Ends;

export const ENDS: Ends = { src: "10.1.15.2", dst: "10.1.16.3" };
export const ROUTED: Ends = { src: "100.96.1.2", dst: "100.96.2.3" };
export const MACS: Macs = { dst: PEER_MAC, src: OWN_MAC };
export const MACS_BACK: Macs = { dst: OWN_MAC, src: PEER_MAC };
const FLAGS: readonly BurstFlagName[] = ["virtio"];
export const SIZE = 1398; // what fits into an MTU of 1450 with the option that is there
const STAMP = Uint8Array.of(1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8);
const ALL_FLAGS = 0x99; // CWR, ACK, PSH and FIN

/** A packet, and what the virtio header in front of it says. */
export interface Super {
  readonly packet: Uint8Array;
  readonly header: VirtioFields;
}

export function bytesOfLen(len: number): Uint8Array {
  return Uint8Array.from({ length: len }, (_, at) => (at * 7 + (at >> 8)) & 255);
}

/** As a kernel hands it over, but for the checksum, whose place a device may fill as it likes. */
export function tcpSuper(payloadLen: number, ends: Ends = ENDS, gsoSize: number = SIZE): Super {
  const fields = { srcPort: 5201, dstPort: 40000, sequence: 0xfffffc00, flags: ALL_FLAGS };
  const body = tcp(
    { ...fields, options: STAMP, checksum: 0x1234, pseudo: ends },
    bytesOfLen(payloadLen),
  );
  const packet = ipv4({ ...ends, id: 0xfffe, protocol: 6, fragment: 0x4000 }, body);
  const header = { needsCsum: true, gsoType: GSO_TCPV4, gsoSize, csumStart: 20, csumOffset: 16 };
  return { packet, header };
}

export function udpSuper(payloadLen: number, ends: Ends = ENDS, gsoSize: number = SIZE): Super {
  const body = udp({ srcPort: 5201, dstPort: 40000, checksum: 0x1234 }, bytesOfLen(payloadLen));
  const packet = ipv4({ ...ends, id: 7 }, body);
  const header = { needsCsum: true, gsoType: GSO_UDP_L4, gsoSize, csumStart: 20, csumOffset: 6 };
  return { packet, header };
}

/** The same in a frame. */
export function framed({ packet, header }: Super, macs: Macs = MACS): Super {
  return { packet: ethernet(macs, packet), header: { ...header, csumStart: 34 } };
}

/** The same in a frame with a tag. */
export function tagged({ packet, header }: Super): Super {
  const tag = vlan({ vid: 9, etherType: 0x0800 }, packet);
  const frame = ethernet({ ...MACS, etherType: 0x8100 }, tag);
  return { packet: frame, header: { ...header, csumStart: 38 } };
}

export interface Fed {
  readonly verdict: string;
  readonly given: readonly Given[];
  /** The datagrams that they hold. */
  readonly datagrams: readonly Uint8Array[];
}

/** What becomes of a packet of a device with virtio headers. */
export function give(
  vtep: Vtep,
  element: ElementName,
  { packet, header }: Super,
  flags: Desc["flags"],
): Fed {
  const front = virtio(header);
  const { verdict, given } = vtep.feed(element, packet, { front, burstFlags: FLAGS, flags });
  const datagrams = given.flatMap(({ desc, bytes }) => {
    if (desc.gsoSize === 0) return [bytes];
    const count = Math.ceil(bytes.length / desc.gsoSize);
    return Array.from({ length: count }, (_, at) =>
      bytes.subarray(at * desc.gsoSize, (at + 1) * desc.gsoSize),
    );
  });
  return { verdict, given, datagrams };
}
