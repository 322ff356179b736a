import type { StatusName } from "../../core/index.ts";
import { checksum } from "../../core/index.ts";
import { ipv4At, putIpv4, viewOf } from "./bytes.ts";

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_UDP = 17;
export const IPV4_HEADER_LEN_MIN = 20;

const FLAG_DONT_FRAGMENT = 0x4000;
const FRAGMENT_BITS = 0x3fff; // "more fragments" and the offset

export interface Ipv4 {
  readonly id: number;
  readonly isDontFragment: boolean;
  /** The offset and "more fragments" as they lie: zero for a whole packet. */
  readonly fragment: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly src: string;
  readonly dst: string;
  readonly payload: Uint8Array;
}

/** Ok, or what is wrong with the header, in the core's words. */
export function checkIpv4(packet: Uint8Array): StatusName {
  if (packet.length < IPV4_HEADER_LEN_MIN) return "Truncated";
  const view = viewOf(packet);
  if (view.getUint8(0) >> 4 !== 4) return "BadVersion";
  const headerLen = headerLenOf(packet);
  const totalLength = view.getUint16(2);
  if (headerLen < IPV4_HEADER_LEN_MIN || totalLength < headerLen) return "BadLength";
  if (totalLength > packet.length) return "Truncated";
  return checksum(packet.subarray(0, headerLen)) === 0 ? "Ok" : "BadChecksum";
}

/** Null unless checkIpv4 says Ok. */
export function readIpv4(packet: Uint8Array): Ipv4 | null {
  if (checkIpv4(packet) !== "Ok") return null;
  const view = viewOf(packet);
  const flags = view.getUint16(6);
  return {
    id: view.getUint16(4),
    isDontFragment: (flags & FLAG_DONT_FRAGMENT) !== 0,
    fragment: flags & FRAGMENT_BITS,
    ttl: view.getUint8(8),
    protocol: view.getUint8(9),
    src: ipv4At(packet, 12),
    dst: ipv4At(packet, 16),
    payload: packet.subarray(headerLenOf(packet), view.getUint16(2)),
  };
}

/** A whole packet without options. */
export function writeIpv4(ip: Omit<Ipv4, "fragment">): Uint8Array {
  const totalLength = IPV4_HEADER_LEN_MIN + ip.payload.length;
  const packet = new Uint8Array(totalLength);
  const view = viewOf(packet);
  view.setUint8(0, 0x45);
  view.setUint16(2, totalLength);
  view.setUint16(4, ip.id);
  view.setUint16(6, ip.isDontFragment ? FLAG_DONT_FRAGMENT : 0);
  view.setUint8(8, ip.ttl);
  view.setUint8(9, ip.protocol);
  putIpv4(packet, 12, ip.src);
  putIpv4(packet, 16, ip.dst);
  view.setUint16(10, checksum(packet.subarray(0, IPV4_HEADER_LEN_MIN)));
  packet.set(ip.payload, IPV4_HEADER_LEN_MIN);
  return packet;
}

/** The packet one hop further: TTL less by one. The checksum follows without a new sum. */
export function withTtlDecremented(packet: Uint8Array): Uint8Array {
  const next = packet.slice();
  const view = viewOf(next);
  view.setUint8(8, view.getUint8(8) - 1);
  const sum = view.getUint16(10) + 0x0100; // the TTL is the high byte of its word
  // A carry comes round, and 0xffff is zero, as in a new sum (RFC 1624).
  view.setUint16(10, sum < 0xffff ? sum : sum + 1);
  return next;
}

/** Bytes of the packet itself: what is behind them is padding. Requires: checkIpv4 said Ok. */
export function totalLengthOf(packet: Uint8Array): number {
  return viewOf(packet).getUint16(2);
}

function headerLenOf(packet: Uint8Array): number {
  return ((packet[0] ?? 0) & 0xf) * 4;
}
