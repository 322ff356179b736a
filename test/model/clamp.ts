// MSS clamping, the slow way (RFC 9293, section 3.2).
import { withWord } from "./checksum.ts";
import { isWrong, judgeIpv4, wordAt } from "./parse.ts";

const TCP = 6;
const SYN = 2;
const MSS = 2;

/** The packet for a path of `mtu` bytes; the same one if nothing changes. */
export function clamped(packet: Uint8Array, mtu: number): Uint8Array {
  const ip = judgeIpv4(packet);
  if (isWrong(ip) || ip.protocol !== TCP || ip.offset !== 0) return packet;
  const at = mssAt(ip.payload);
  const most = mtu - 40;
  if (at === undefined || most < 0 || wordAt(ip.payload, at) <= most) return packet;
  const first = ip.headerLen;
  const sumAt = first + 16;
  if (at % 2 === 0) return withWord(packet, first + at, most, sumAt);
  // Two words have half of it each.
  const before = packet[first + at - 1] ?? 0;
  const behind = packet[first + at + 2] ?? 0;
  const half = withWord(packet, first + at - 1, before * 256 + (most >> 8), sumAt);
  return withWord(half, first + at + 1, (most & 255) * 256 + behind, sumAt);
}

// Where a SYN has the value of its first MSS option.
function mssAt(tcp: Uint8Array): number | undefined {
  const end = ((tcp[12] ?? 0) >> 4) * 4;
  if (tcp.length < 20 || end < 20 || end > tcp.length) return undefined;
  if (((tcp[13] ?? 0) & SYN) === 0) return undefined;
  for (let at = 20; at < end; ) {
    const kind = tcp[at] ?? 0;
    if (kind === 0) return undefined;
    const len = kind === 1 ? 1 : at + 1 < end ? (tcp[at + 1] ?? 0) : 0;
    if (len === 0 || (kind !== 1 && len < 2) || at + len > end) return undefined;
    if (kind === MSS) return len === 4 ? at + 2 : undefined;
    at += len;
  }
  return undefined;
}
