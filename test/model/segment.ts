// What leaves a device with virtio headers, the slow way (OASIS virtio 1.2, section 5.1.6): plain
// packets, whose checksums are finished, and super-packets cut as Linux's GSO cuts them.
import { internetChecksum, join } from "./packet.ts";
import { type Ipv4View, isWrong, judgeIpv4, type Wrong, wordAt } from "./parse.ts";

export const GSO_NONE = 0;
export const GSO_TCPV4 = 1;
export const GSO_TCPV6 = 4;
export const GSO_UDP_L4 = 5;

const FIN = 0x01;
const PSH = 0x08;
const CWR = 0x80;

export interface VirtioFields {
  readonly needsCsum?: boolean;
  readonly gsoType?: number;
  /** The first segment has CWR. */
  readonly hasEcn?: boolean;
  readonly headersLen?: number;
  readonly gsoSize?: number;
  readonly csumStart?: number;
  readonly csumOffset?: number;
}

/** The ten bytes in front of a packet. */
export function virtio(fields: VirtioFields): Uint8Array {
  const header = new DataView(new ArrayBuffer(10));
  header.setUint8(0, fields.needsCsum ? 1 : 0);
  header.setUint8(1, (fields.gsoType ?? GSO_NONE) + (fields.hasEcn ? 0x80 : 0));
  header.setUint16(2, fields.headersLen ?? 0, true);
  header.setUint16(4, fields.gsoSize ?? 0, true);
  header.setUint16(6, fields.csumStart ?? 0, true);
  header.setUint16(8, fields.csumOffset ?? 0, true);
  return new Uint8Array(header.buffer);
}

/** What the header and the packet behind it say together. */
export interface Offered {
  /** As they go on their way; one for a plain packet. */
  readonly packets: readonly Uint8Array[];
  /** Bytes of the headers that each segment has; undefined for a plain packet. */
  readonly headersLen?: number;
}

/** What a device hands over: a frame, or, where `linkLen` is zero, an IP packet. */
export function judgeOffered(
  header: Uint8Array,
  packet: Uint8Array,
  linkLen: number,
): Offered | Wrong {
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const type = view.getUint8(1) & 0x7f;
  const gsoSize = view.getUint16(4, true);
  const start = view.getUint16(6, true);
  const offset = view.getUint16(8, true);
  if ((view.getUint8(0) & 1) === 0) {
    return type === GSO_NONE ? { packets: [packet] } : { wrong: "BadOffload" };
  }
  const isInside = start >= linkLen && start + offset + 2 <= packet.length;
  if (!isInside || offset > 255) return { wrong: "BadOffload" };
  if (type !== GSO_NONE) {
    const judged = judgeSuper(packet, linkLen, { type, gsoSize, start, offset });
    if (isWrong(judged) || judged.payloadLen > gsoSize) {
      return isWrong(judged) ? judged : cut(packet, judged, gsoSize);
    }
  }
  return { packets: [finished(packet, start, offset)] };
}

interface Claims {
  readonly type: number;
  readonly gsoSize: number;
  readonly start: number;
  readonly offset: number;
}

interface Super {
  readonly ip: Ipv4View;
  /** Bytes in front of the IP header. */
  readonly ipAt: number;
  readonly headersLen: number;
  readonly payloadLen: number;
}

function judgeSuper(packet: Uint8Array, linkLen: number, claims: Claims): Super | Wrong {
  const { type, gsoSize, start, offset } = claims;
  if (type !== GSO_TCPV4 && type !== GSO_UDP_L4) return { wrong: "NeedsOffload" };
  if (gsoSize === 0) return { wrong: "BadOffload" };
  const ipAt = linkLen === 0 ? 0 : ipv4At(packet);
  if (ipAt === undefined) return { wrong: "NeedsOffload" };
  const ip = judgeIpv4(packet.subarray(ipAt));
  if (isWrong(ip)) return ip;
  const isTcp = type === GSO_TCPV4;
  const isRight =
    ip.totalLength === packet.length - ipAt &&
    !ip.moreFragments &&
    ip.offset === 0 &&
    ip.protocol === (isTcp ? 6 : 17) &&
    start === ipAt + ip.headerLen &&
    offset === (isTcp ? 16 : 6);
  if (!isRight) return { wrong: "BadOffload" };
  const least = isTcp ? 20 : 8;
  if (ip.payload.length < least) return { wrong: "Truncated" };
  const bodyLen = isTcp ? ((ip.payload[12] ?? 0) >> 4) * 4 : 8;
  const claimed = isTcp ? bodyLen : wordAt(ip.payload, 4);
  if (claimed < least) return { wrong: "BadLength" };
  if (claimed > ip.payload.length) return { wrong: "Truncated" };
  if (!isTcp && claimed !== ip.payload.length) return { wrong: "BadOffload" };
  const headersLen = start + bodyLen;
  return { ip, ipAt, headersLen, payloadLen: packet.length - headersLen };
}

// Behind the Ethernet header and one tag at most (IEEE 802.1Q).
function ipv4At(frame: Uint8Array): number | undefined {
  if (frame.length < 18) return undefined;
  const type = wordAt(frame, 12);
  if (type === 0x0800) return 14;
  return type === 0x8100 && wordAt(frame, 16) === 0x0800 ? 18 : undefined;
}

// The device has summed the pseudo header into the checksum's place.
function finished(packet: Uint8Array, start: number, offset: number): Uint8Array {
  const whole = Uint8Array.from(packet);
  const checksum = internetChecksum(whole.subarray(start)) || 0xffff;
  whole.set([checksum >> 8, checksum & 255], start + offset);
  return whole;
}

function cut(packet: Uint8Array, claims: Super, gsoSize: number): Offered {
  const { headersLen, payloadLen } = claims;
  const count = Math.ceil(payloadLen / gsoSize);
  const packets = Array.from({ length: count }, (_, at) => {
    const begin = headersLen + at * gsoSize;
    return segment(packet, claims, { begin, end: Math.min(begin + gsoSize, packet.length), at });
  });
  return { packets, headersLen };
}

interface Slice {
  readonly begin: number;
  readonly end: number;
  /** Which of the segments it is. */
  readonly at: number;
}

// One segment: the headers of the whole, and what is its own.
function segment(packet: Uint8Array, claims: Super, { begin, end, at }: Slice): Uint8Array {
  const { ip, ipAt, headersLen } = claims;
  const bytes = join(packet.subarray(0, headersLen), packet.subarray(begin, end));
  const bodyAt = ipAt + ip.headerLen;
  const put = (place: number, word: number): void =>
    bytes.set([(word >> 8) & 255, word & 255], place);
  put(ipAt + 2, bytes.length - ipAt);
  put(ipAt + 4, wordAt(packet, ipAt + 4) + at);
  put(ipAt + 10, 0);
  put(ipAt + 10, internetChecksum(bytes.subarray(ipAt, bodyAt)));
  const isTcp = ip.protocol === 6;
  if (isTcp) {
    const view = new DataView(bytes.buffer);
    view.setUint32(bodyAt + 4, view.getUint32(bodyAt + 4) + begin - headersLen);
    const ends = end === packet.length ? 0 : FIN | PSH;
    view.setUint8(bodyAt + 13, view.getUint8(bodyAt + 13) & ~(ends | (at === 0 ? 0 : CWR)));
  } else put(bodyAt + 4, bytes.length - bodyAt);
  const sumAt = bodyAt + (isTcp ? 16 : 6);
  put(sumAt, 0);
  const checksum = transportSum(ip, bytes.subarray(bodyAt));
  put(sumAt, isTcp ? checksum : checksum || 0xffff);
  return bytes;
}

// Over the pseudo header and the body (RFC 9293, section 3.1; RFC 768).
function transportSum(ip: Ipv4View, body: Uint8Array): number {
  const rest = Uint8Array.of(0, ip.protocol, body.length >> 8, body.length & 255);
  return internetChecksum(join(ip.header.subarray(12, 20), rest, body));
}
