import { ipv4At, putIpv4, viewOf } from "./bytes.ts";
import { checksum } from "./checksum.ts";

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_UDP = 17;
export const IPV4_HEADER_LEN_MIN = 20;

const FLAG_DONT_FRAGMENT = 0x4000;
const FRAGMENT_BITS = 0x3fff; // "more fragments" and the offset

export interface Ipv4 {
  readonly id: number;
  readonly isDontFragment: boolean;
  readonly ttl: number;
  readonly protocol: number;
  readonly src: string;
  readonly dst: string;
  readonly payload: Uint8Array;
}

/** Null for what no station would take: a broken header or a wrong checksum; or a fragment. */
export function readIpv4(packet: Uint8Array): Ipv4 | null {
  if (packet.length < IPV4_HEADER_LEN_MIN) return null;
  const view = viewOf(packet);
  const versionAndWords = view.getUint8(0);
  const headerLen = (versionAndWords & 0xf) * 4;
  const totalLength = view.getUint16(2);
  const isWhole =
    versionAndWords >> 4 === 4 &&
    headerLen >= IPV4_HEADER_LEN_MIN &&
    headerLen <= totalLength &&
    totalLength <= packet.length;
  if (!isWhole || checksum(packet.subarray(0, headerLen)) !== 0) return null;
  const flags = view.getUint16(6);
  if ((flags & FRAGMENT_BITS) !== 0) return null;
  return {
    id: view.getUint16(4),
    isDontFragment: (flags & FLAG_DONT_FRAGMENT) !== 0,
    ttl: view.getUint8(8),
    protocol: view.getUint8(9),
    src: ipv4At(packet, 12),
    dst: ipv4At(packet, 16),
    payload: packet.subarray(headerLen, totalLength),
  };
}

export function writeIpv4(ip: Ipv4): Uint8Array {
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
