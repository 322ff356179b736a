// What Linux answers to one VXLAN datagram: kernel 6.18, VNI 5, a learning device. Each row is a
// complete frame of the underlay, what the core says to it, and by that whether it is delivered.
import {
  bytesOf,
  type EthernetFields,
  ethernet,
  type Ipv4Fields,
  ipv4,
  type UdpFields,
  udp,
  type VxlanFields,
  vxlan,
} from "../../model/packet.ts";
import type { DecapRow } from "../conformance/rows.ts";
import { LOCAL, OWN_MAC, PEER, UDP_PORT, VNI } from "./vtep.ts";

/** What is different from a datagram that is right in every way. */
export interface Changes {
  outer?: Partial<Ipv4Fields>;
  udp?: Partial<UdpFields>;
  vxlan?: Partial<VxlanFields>;
  inner?: Partial<EthernetFields>;
  innerTos?: number;
  /** In place of the whole UDP payload. */
  payload?: Uint8Array;
  /** In place of the inner frame. */
  frame?: Uint8Array;
  /** How much of the inner frame is sent. */
  innerLen?: number;
}

/** The MAC of the underlay's device, and of a station behind the peer. */
export const UNDERLAY_MAC = "02:00:0a:a8:00:02";
export const STATION = "02:42:0a:01:10:03";

/** The frame inside. */
export function innerFrame({ inner, innerTos = 0 }: Changes): Uint8Array {
  const payload = udp({ srcPort: 1, dstPort: 2 }, bytesOf("68656464 6c65"));
  const ip = ipv4({ src: "10.1.16.3", dst: "10.1.15.2", tos: innerTos }, payload);
  return ethernet({ dst: OWN_MAC, src: STATION, ...inner }, ip);
}

/** The whole frame of the underlay. */
export function outerFrame(changes: Changes = {}): Uint8Array {
  const frame = (changes.frame ?? innerFrame(changes)).subarray(0, changes.innerLen);
  const payload = changes.payload ?? vxlan({ vni: VNI, ...changes.vxlan }, frame);
  const addresses = { src: PEER, dst: LOCAL, ...changes.outer };
  const datagram = udp(
    { srcPort: 40000, dstPort: UDP_PORT, pseudo: addresses, ...changes.udp },
    payload,
  );
  return ethernet({ dst: UNDERLAY_MAC, src: "02:00:0a:a8:00:03" }, ipv4(addresses, datagram));
}

export interface Row {
  readonly name: string;
  readonly verdict: string;
  readonly changes: Changes;
}

const row = (name: string, verdict: string, changes: Changes): Row => ({ name, verdict, changes });

function reservedBits(): Row[] {
  const whole = vxlan({ vni: VNI }, innerFrame({}));
  const bits = Array.from({ length: 64 }, (_, bit) => bit);
  const reserved = bits.filter((bit) => bit !== 4 && (bit < 32 || bit >= 56));
  return reserved.map((bit) => {
    const payload = Uint8Array.from(whole);
    payload[bit >> 3] = (payload[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
    return row(`drops reserved bit ${bit}`, "ReservedBits", { payload });
  });
}

function lengths(from: number, below: number, make: (len: number) => Row): Row[] {
  return Array.from({ length: below - from }, (_, at) => make(from + at));
}

const shortHeader = (len: number): Row => {
  const payload = vxlan({ vni: VNI }, new Uint8Array()).subarray(0, len);
  return row(`drops ${len} bytes of a VXLAN header`, "Truncated", { payload });
};

/** The inner ECN after decapsulation by outer and inner one; null for a packet that is dropped. */
export const ECN_AFTER: readonly (readonly (number | null)[])[] = [
  [0, 1, 2, 3],
  [0, 1, 1, 3],
  [0, 1, 2, 3],
  [null, 3, 3, 3],
];

// Rows for all sixteen pairs of marks.
function marks(): Row[] {
  return ECN_AFTER.flatMap((afters, outer) =>
    afters.map((after, innerTos) => {
      const changes: Changes = { outer: { tos: outer }, innerTos };
      const outcome = after === null ? "drops" : `gives ${after} for`;
      const verdict = after === null ? "EcnMismatch" : "consumed";
      return row(`${outcome} an outer ECN of ${outer} over an inner ${innerTos}`, verdict, changes);
    }),
  );
}

/** Every row of the table. */
export const TABLE: Readonly<Record<DecapRow, readonly Row[]>> = {
  "UDP checksum 0 / correct: delivered": [
    row("delivers a datagram without a UDP checksum", "consumed", { udp: { checksum: 0 } }),
    row("delivers a datagram with a right UDP checksum", "consumed", {}),
  ],
  "wrong non-zero UDP checksum: dropped": [
    row("drops a wrong UDP checksum", "BadChecksum", { udp: { checksum: 0x1234 } }),
  ],
  "I flag clear, VNI not ours, less than 8 B of header, header only, 13 B inner: dropped": [
    row("drops a clear I flag", "BadFlags", { vxlan: { flags: 0 } }),
    row("drops a VNI that is not ours", "UnknownVni", { vxlan: { vni: VNI + 1 } }),
    ...lengths(0, 8, shortHeader),
    row("drops a header without a frame", "InnerTruncated", { innerLen: 0 }),
    row("drops thirteen bytes of a frame", "InnerTruncated", { innerLen: 13 }),
  ],
  "any reserved bit set: dropped by Linux, ignored by RFC 7348": reservedBits(),
  "inner exactly 14 B, or inner IP truncated: dropped": [
    row("drops exactly fourteen bytes that promise IP", "InnerTruncated", { innerLen: 14 }),
    ...lengths(15, 34, (innerLen) =>
      row(`drops an inner IP header cut at ${innerLen - 14} bytes`, "InnerTruncated", { innerLen }),
    ),
  ],
  "inner source = own MAC, multicast, or zero: dropped": [
    row("drops our own MAC as the inner source", "BadSourceMac", { inner: { src: OWN_MAC } }),
    row("drops a multicast inner source", "BadSourceMac", { inner: { src: "01:00:5e:00:00:01" } }),
    row("drops a zero inner source", "BadSourceMac", { inner: { src: "00:00:00:00:00:00" } }),
  ],
  "inner dst another MAC: delivered": [
    row("delivers a frame for another MAC: the bridge decides", "consumed", {
      inner: { dst: "02:42:0a:01:0f:99" },
    }),
  ],
  "outer source any (spoofed): delivered and learned": [
    row("delivers from any outer source", "consumed", { outer: { src: "203.0.113.9" } }),
  ],
  "outer source = own address: dropped": [
    row("drops our own address as the outer source", "Martian", { outer: { src: LOCAL } }),
  ],
  "outer first fragment only, UDP length > data or < 8, bad outer IP checksum: dropped": [
    row("drops a first fragment", "Fragment", { outer: { fragment: 0x2000 } }),
    row("drops a UDP length beyond the data", "Truncated", { udp: { length: 1000, checksum: 0 } }),
    ...lengths(0, 8, (length) =>
      row(`drops a UDP length of ${length}`, "BadLength", { udp: { length, checksum: 0 } }),
    ),
    row("drops a bad outer IP checksum", "BadChecksum", { outer: { checksum: 0x1234 } }),
  ],
  "outer IP options, outer TTL 0 or 1: delivered": [
    row("delivers behind outer IP options", "consumed", {
      outer: { options: bytesOf("01010101 94040000") },
    }),
    row("delivers an outer TTL of 0", "consumed", { outer: { ttl: 0 } }),
    row("delivers an outer TTL of 1", "consumed", { outer: { ttl: 1 } }),
  ],
  "ECN outer x inner (RFC 6040)": marks(),
};

/** All of them, behind one another. */
export const ROWS: readonly Row[] = Object.values(TABLE).flat();

/** What RFC 7348 and RFC 6040 ask for where Linux has an answer of its own. */
export function rfcVerdict({ verdict }: Row): string {
  return verdict === "ReservedBits" ? "consumed" : verdict;
}

/** What a row delivers, or nothing. */
export function deliveredBy({ verdict, changes }: Row): Uint8Array | undefined {
  return verdict === "consumed" ? innerAfter(changes) : undefined;
}

/** The frame inside as it comes out. */
export function innerAfter(changes: Changes): Uint8Array {
  const tos = changes.outer?.tos ?? 0;
  const innerTos = ECN_AFTER[tos & 3]?.[(changes.innerTos ?? 0) & 3] ?? 0;
  return innerFrame({ ...changes, innerTos });
}
