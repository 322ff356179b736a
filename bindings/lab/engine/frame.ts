// Where things lie in a frame or a packet, for those who have to look before the core does.
import { ipv4At, MAC_BROADCAST, macAt, viewOf } from "../packet/bytes.ts";
import { ETHERNET_HEADER_LEN, ETHERTYPE_ARP, ETHERTYPE_IPV4 } from "../packet/ethernet.ts";
import type { Carried } from "./journey.ts";

type Piece = Pick<Carried, "bytes" | "link">;

export const GROUP_BIT = 1;

const IPV4_HEADER_LEN = 20;
const ARP_LEN = 28;

export function etherTypeOf({ bytes, link }: Piece): number {
  if (link === "ipv4") return ETHERTYPE_IPV4;
  return bytes.length < ETHERNET_HEADER_LEN ? 0 : viewOf(bytes).getUint16(12);
}

export function isArp(piece: Piece): boolean {
  return etherTypeOf(piece) === ETHERTYPE_ARP;
}

/** True for what has no room for its link's header: a card does not hand that on. */
export function isRunt({ bytes, link }: Piece): boolean {
  return link === "ethernet" && bytes.length < ETHERNET_HEADER_LEN;
}

/** Requires: a frame that is no runt. */
export function dstMacOf({ bytes }: Piece): string {
  return macAt(bytes, 0);
}

export function srcMacOf({ bytes }: Piece): string {
  return macAt(bytes, 6);
}

export function isGroup({ bytes }: Piece): boolean {
  return ((bytes[0] ?? 0) & GROUP_BIT) !== 0;
}

export function isBroadcast(piece: Piece): boolean {
  return dstMacOf(piece) === MAC_BROADCAST;
}

/** The IP packet, and whatever is behind it. */
export function packetOf({ bytes, link }: Piece): Uint8Array {
  return link === "ipv4" ? bytes : bytes.subarray(ETHERNET_HEADER_LEN);
}

/** The IP packet without padding; null where there is none, or less than its header. */
export function wholePacketOf(piece: Piece): Uint8Array | null {
  const packet = packetOf(piece);
  if (etherTypeOf(piece) !== ETHERTYPE_IPV4 || packet.length < IPV4_HEADER_LEN) return null;
  const totalLen = viewOf(packet).getUint16(2);
  return totalLen < IPV4_HEADER_LEN ? null : packet.subarray(0, totalLen);
}

export function ttlOf(packet: Uint8Array): number {
  return packet[8] ?? 0;
}

export function protocolOf(packet: Uint8Array): number {
  return packet[9] ?? 0;
}

export function srcOf(packet: Uint8Array): string {
  return ipv4At(packet, 12);
}

export function dstOf(packet: Uint8Array): string {
  return ipv4At(packet, 16);
}

/** Bytes of the header. */
export function headerLenOf(packet: Uint8Array): number {
  return ((packet[0] ?? 0) & 0xf) * 4;
}

export function isFragment(packet: Uint8Array): boolean {
  return (viewOf(packet).getUint16(6) & 0x3fff) !== 0;
}

/** True for one that has no header of its transport. */
export function isLaterFragment(packet: Uint8Array): boolean {
  return (viewOf(packet).getUint16(6) & 0x1fff) !== 0;
}

/** What the fragments of a packet have in common. */
export function fragmentName(packet: Uint8Array): string {
  const id = viewOf(packet).getUint16(4);
  return `${srcOf(packet)} ${dstOf(packet)} ${protocolOf(packet)} ${id}`;
}

/** The UDP or TCP destination port; null where the packet shows none. */
export function dstPortOf(packet: Uint8Array): number | null {
  const at = headerLenOf(packet) + 2;
  return packet.length < at + 2 ? null : viewOf(packet).getUint16(at);
}

/** True where an ARP message ends before its addresses do. Requires: isArp. */
export function isCutArp({ bytes }: Piece): boolean {
  return bytes.length < ETHERNET_HEADER_LEN + ARP_LEN;
}

/** Whom an ARP message is about. Requires: isArp, and not isCutArp. */
export function arpTargetOf({ bytes }: Piece): string {
  return ipv4At(bytes, ETHERNET_HEADER_LEN + 24);
}

export function arpSenderOf({ bytes }: Piece): string {
  return ipv4At(bytes, ETHERNET_HEADER_LEN + 14);
}

export function isArpRequest({ bytes }: Piece): boolean {
  return viewOf(bytes).getUint16(ETHERNET_HEADER_LEN + 6) === 1;
}
