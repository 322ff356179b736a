// Packets taken apart the slow way: the pair of packet.ts. Each `judge` reads a header and gives
// the name of what is wrong with it, or what it says.
import { foldedSum } from "./checksum.ts";
import { type Address, hexOf, join, type Mac } from "./packet.ts";

/** The name of a status. */
export interface Wrong {
  readonly wrong: string;
}

export function isWrong<T extends object>(judged: T | Wrong): judged is Wrong {
  return "wrong" in judged;
}

/** The two bytes at `at` as a number. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}

export function macAt(bytes: Uint8Array, at: number): Mac {
  return (hexOf(bytes.subarray(at, at + 6)).match(/../g) ?? []).join(":");
}

export function addressAt(bytes: Uint8Array, at: number): Address {
  return bytes.subarray(at, at + 4).join(".");
}

export interface EthernetView {
  readonly dst: Mac;
  readonly src: Mac;
  readonly etherType: number;
  readonly payload: Uint8Array;
}

export function judgeEthernet(bytes: Uint8Array): EthernetView | Wrong {
  if (bytes.length < 14) return { wrong: "Truncated" };
  const etherType = wordAt(bytes, 12);
  return { dst: macAt(bytes, 0), src: macAt(bytes, 6), etherType, payload: bytes.subarray(14) };
}

export interface Ipv4View {
  readonly headerLen: number;
  readonly totalLength: number;
  readonly tos: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly src: Address;
  readonly dst: Address;
  readonly isDontFragment: boolean;
  readonly moreFragments: boolean;
  /** In units of eight bytes. */
  readonly offset: number;
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
}

/** RFC 791. What lies behind the total length is no part of the packet. */
export function judgeIpv4(bytes: Uint8Array): Ipv4View | Wrong {
  if (bytes.length < 20) return { wrong: "Truncated" };
  const [first = 0, tos = 0] = bytes;
  if (first >> 4 !== 4) return { wrong: "BadVersion" };
  const headerLen = (first & 15) * 4;
  const totalLength = wordAt(bytes, 2);
  if (headerLen < 20 || totalLength < headerLen) return { wrong: "BadLength" };
  if (totalLength > bytes.length) return { wrong: "Truncated" };
  const header = bytes.subarray(0, headerLen);
  if (foldedSum(header) !== 0xffff) return { wrong: "BadChecksum" };
  return {
    headerLen,
    totalLength,
    tos,
    ttl: bytes[8] ?? 0,
    protocol: bytes[9] ?? 0,
    src: addressAt(bytes, 12),
    dst: addressAt(bytes, 16),
    isDontFragment: (wordAt(bytes, 6) & 0x4000) !== 0,
    moreFragments: (wordAt(bytes, 6) & 0x2000) !== 0,
    offset: wordAt(bytes, 6) & 0x1fff,
    header,
    payload: bytes.subarray(headerLen, totalLength),
  };
}

export interface UdpView {
  readonly srcPort: number;
  readonly dstPort: number;
  readonly length: number;
  readonly payload: Uint8Array;
  readonly isChecksumValid: boolean;
}

/** RFC 768. `ip` is the header in front. */
export function judgeUdp(ip: Ipv4View): UdpView | Wrong {
  const bytes = ip.payload;
  if (bytes.length < 8) return { wrong: "Truncated" };
  const length = wordAt(bytes, 4);
  if (length < 8) return { wrong: "BadLength" };
  if (length > bytes.length) return { wrong: "Truncated" };
  const pseudo = join(ip.header.subarray(12, 20), Uint8Array.of(0, 17, length >> 8, length & 255));
  const sum = foldedSum(join(pseudo, bytes.subarray(0, length)));
  return {
    srcPort: wordAt(bytes, 0),
    dstPort: wordAt(bytes, 2),
    length,
    payload: bytes.subarray(8, length),
    isChecksumValid: wordAt(bytes, 6) === 0 || sum === 0xffff,
  };
}

export interface VxlanView {
  readonly vni: number;
  readonly payload: Uint8Array;
}

/** RFC 7348, section 5. A strict receiver refuses reserved bits. */
export function judgeVxlan(
  bytes: Uint8Array,
  isStrict: boolean,
  hasGbp = false,
): VxlanView | Wrong {
  if (bytes.length < 8) return { wrong: "Truncated" };
  const [flags = 0, b1 = 0, b2 = 0, b3 = 0] = bytes;
  if ((flags & 8) === 0) return { wrong: "BadFlags" };
  // draft-smith-vxlan-group-policy, section 2.1: G, and the three bytes behind it.
  const policy = hasGbp ? 0 : (flags & 0x80) | b1 | b2 | b3;
  const reserved = (flags & 0x77) | policy | (bytes[7] ?? 0);
  if (isStrict && reserved !== 0) return { wrong: "ReservedBits" };
  return { vni: wordAt(bytes, 4) * 256 + (bytes[6] ?? 0), payload: bytes.subarray(8) };
}

export interface ArpView {
  readonly operation: number;
  readonly senderMac: Mac;
  readonly senderAddress: Address;
  readonly targetAddress: Address;
}

/** RFC 826, for Ethernet and IPv4. */
export function judgeArp(bytes: Uint8Array): ArpView | Wrong {
  if (bytes.length < 28) return { wrong: "Truncated" };
  const isOurs = hexOf(bytes.subarray(0, 6)) === "000108000604";
  const operation = wordAt(bytes, 6);
  if (!isOurs || (operation !== 1 && operation !== 2)) return { wrong: "BadHardware" };
  return {
    operation,
    senderMac: macAt(bytes, 8),
    senderAddress: addressAt(bytes, 14),
    targetAddress: addressAt(bytes, 24),
  };
}

/** A source that no packet can come from (RFC 1812, section 5.3.7). */
export function isMartian(address: Address): boolean {
  const [first = 0] = address.split(".").map(Number);
  return first === 0 || first === 127 || isGroup(address);
}

/** Multicast, or the limited broadcast. */
export function isGroup(address: Address): boolean {
  const [first = 0] = address.split(".").map(Number);
  return (first >= 224 && first < 240) || address === "255.255.255.255";
}
