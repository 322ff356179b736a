// Coalescing, the slow way. What may join is not told by rules but by what they are for: packets
// are one super-packet if that, cut again, gives the same packets.
import { foldedSum } from "./checksum.ts";
import { hexOf, internetChecksum, join } from "./packet.ts";
import { type Ipv4View, isWrong, judgeIpv4, judgeUdp, wordAt } from "./parse.ts";
import { GSO_TCPV4, GSO_UDP_L4, judgeOffered, type VirtioFields, virtio } from "./segment.ts";

const FLOWS_MAX = 8;
const SEGMENTS_MAX = 64;
const IP_LEN_MAX = 65535;
const FIN_PSH = 0x09;
const SYN_RST_URG = 0x26;
const CWR = 0x80;
const TCP = 6;
const UDP = 17;

/** What goes to a device: ten bytes, and the packet behind them. */
export interface Delivered {
  readonly header: Uint8Array;
  readonly packet: Uint8Array;
}

interface Group {
  readonly packets: Uint8Array[];
  /** Addresses and protocol, and all that with ports. */
  readonly ends: string;
  readonly flow: string;
  isOpen: boolean;
}

/** A burst of plain packets: frames or, where `linkLen` is zero, IP packets. */
export function coalesced(
  packets: readonly Uint8Array[],
  linkLen: number,
  hasUdp: boolean,
): Delivered[] {
  const groups: Group[] = [];
  for (const packet of packets) place(groups, packet, linkLen, hasUdp);
  return groups.map(({ packets: those }) => deliveredOf(those, linkLen));
}

function place(groups: Group[], packet: Uint8Array, linkLen: number, hasUdp: boolean): void {
  const isIpv4 = linkLen === 0 || wordAt(packet, 12) === 0x0800;
  const ip = packet.subarray(linkLen);
  const ends = isIpv4 ? hexOf(ip.subarray(12, 20)) + (ip[9] ?? 0) : "";
  const open = groups.filter((group) => group.isOpen);
  const segment = isIpv4 ? segmentOf(ip, hasUdp) : undefined;
  if (segment === undefined) {
    for (const group of open) if (group.ends === ends) group.isOpen = false;
    groups.push({ packets: [packet], ends, flow: "", isOpen: false });
    return;
  }
  const flow = ends + hexOf(segment.ip.payload.subarray(0, 4));
  const group = open.find((one) => one.flow === flow);
  if (group !== undefined) {
    const both = [...group.packets, packet];
    if (isWhole(both, linkLen)) {
      group.packets.push(packet);
      group.isOpen = !endsFlow(group.packets, segment, linkLen);
      return;
    }
    group.isOpen = false;
  }
  const isOpen = mayBegin(segment);
  const others = open.filter((one) => one.isOpen);
  if (isOpen && others.length === FLOWS_MAX) (others[0] as Group).isOpen = false;
  groups.push({ packets: [packet], ends, flow, isOpen });
}

interface Segment {
  readonly ip: Ipv4View;
  readonly payloadLen: number;
  /** Of TCP. */
  readonly flags: number;
}

// A whole packet without options, of TCP, or of UDP where that is wanted.
function segmentOf(packet: Uint8Array, hasUdp: boolean): Segment | undefined {
  const ip = judgeIpv4(packet);
  if (isWrong(ip) || ip.headerLen !== 20 || ip.totalLength !== packet.length) return undefined;
  if (ip.moreFragments || ip.offset !== 0) return undefined;
  const { payload } = ip;
  if (ip.protocol === UDP && hasUdp) {
    const udp = judgeUdp(ip);
    if (isWrong(udp) || udp.length !== payload.length) return undefined;
    return { ip, payloadLen: payload.length - 8, flags: 0 };
  }
  const headerLen = ((payload[12] ?? 0) >> 4) * 4;
  if (ip.protocol !== TCP || payload.length < 20) return undefined;
  if (headerLen < 20 || headerLen > payload.length) return undefined;
  return { ip, payloadLen: payload.length - headerLen, flags: payload[13] ?? 0 };
}

function mayBegin({ ip, payloadLen, flags }: Segment): boolean {
  if (payloadLen === 0) return false;
  if (ip.protocol === UDP) return wordAt(ip.payload, 6) !== 0;
  return (flags & (FIN_PSH | SYN_RST_URG)) === 0;
}

// A flow ends with a segment that is shorter than the first, or that pushes.
function endsFlow(packets: Uint8Array[], last: Segment, linkLen: number): boolean {
  const first = segmentOf((packets[0] as Uint8Array).subarray(linkLen), true);
  return last.payloadLen < (first?.payloadLen ?? 0) || (last.flags & FIN_PSH) !== 0;
}

function isWhole(packets: readonly Uint8Array[], linkLen: number): boolean {
  const { header, packet } = superOf(packets, linkLen);
  if (packets.length > SEGMENTS_MAX || packet.length - linkLen > IP_LEN_MAX) return false;
  const offered = judgeOffered(header, packet, linkLen);
  if (isWrong(offered)) return false;
  const isSame = (segment: Uint8Array, at: number): boolean =>
    hexOf(segment) === hexOf(packets[at] ?? new Uint8Array());
  return offered.packets.length === packets.length && offered.packets.every(isSame);
}

function deliveredOf(packets: readonly Uint8Array[], linkLen: number): Delivered {
  const [packet = new Uint8Array()] = packets;
  return packets.length === 1 ? { header: virtio({}), packet } : superOf(packets, linkLen);
}

// The headers of the first, the ends of the last, and the sum of the pseudo header for a checksum.
function superOf(packets: readonly Uint8Array[], linkLen: number): Delivered {
  const first = packets[0] as Uint8Array;
  const last = packets.at(-1) as Uint8Array;
  const bodyAt = linkLen + 20;
  const isTcp = first[linkLen + 9] === TCP;
  const headersLen = bodyAt + (isTcp ? ((first[bodyAt + 12] ?? 0) >> 4) * 4 : 8);
  const payloads = packets.map((packet) => packet.subarray(headersLen));
  const packet = join(first.subarray(0, headersLen), ...payloads);
  const put = (at: number, word: number): void => packet.set([word >> 8, word & 255], at);
  const bodyLen = packet.length - bodyAt;
  put(linkLen + 2, (20 + bodyLen) & 0xffff);
  put(linkLen + 10, 0);
  put(linkLen + 10, internetChecksum(packet.subarray(linkLen, bodyAt)));
  const flags = packet[bodyAt + 13] ?? 0;
  if (isTcp) packet[bodyAt + 13] = flags | ((last[bodyAt + 13] ?? 0) & FIN_PSH);
  else put(bodyAt + 4, bodyLen & 0xffff);
  const csumOffset = isTcp ? 16 : 6;
  const length = Uint8Array.of(0, isTcp ? TCP : UDP, (bodyLen >> 8) & 255, bodyLen & 255);
  const pseudo = foldedSum(join(first.subarray(linkLen + 12, bodyAt), length));
  packet.set([pseudo & 255, pseudo >> 8], bodyAt + csumOffset);
  const fields: VirtioFields = {
    needsCsum: true,
    gsoType: isTcp ? GSO_TCPV4 : GSO_UDP_L4,
    hasEcn: isTcp && (flags & CWR) !== 0,
    headersLen,
    gsoSize: payloads[0]?.length ?? 0,
    csumStart: bodyAt,
    csumOffset,
  };
  return { header: virtio(fields), packet };
}
