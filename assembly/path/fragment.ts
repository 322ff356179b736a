// Fragmentation (RFC 791, section 3.2, and section 2.3 for what a fragment is).
import { Ipv4 } from "../wire/ipv4";
import { Burst } from "./burst";
import { DescAt } from "./desc";
import { linkLen } from "./link";

const UNIT_MASK: u32 = 7; // offsets count eight bytes
const OPTIONS_END: u32 = 60;

const later: usize = memory.data(OPTIONS_END, 4); // the header of all fragments but the first

/**
 * Appends the packet that `b.next` has been written for in pieces of at most `mtu` bytes, each
 * behind a copy of what is in front of it. One that is a fragment already stays part of the same
 * whole. Requires: Ipv4.check and checkOptions; it may be fragmented, and is longer than `mtu`.
 * Returns: false when there is no room for all of them, or the MTU has none for a header and eight
 * bytes, and then nothing was appended.
 */
export function fragment(b: Burst, mtu: u32): bool {
  const first = b.next;
  const frame = first.ptr;
  const frontLen = linkLen(first);
  const ip = Ipv4.at(frame + frontLen);
  const laterLen = ip.emitLater(later);
  const end = ip.payloadLen;
  if (end == 0) return false; // the header alone is longer than the MTU
  const before = b.mark();
  let from: u32 = 0;
  while (from < end) {
    const headerLen = from == 0 ? ip.headerLen : laterLen;
    const room = mtu > headerLen ? mtu - headerLen : 0;
    const rest = end - from;
    const len = rest > room ? room & ~UNIT_MASK : rest;
    const copy = b.hasRoom && len != 0 ? b.takeSpare(frontLen + headerLen + len) : 0;
    if (copy == 0) {
      b.reset(before);
      return false;
    }
    memory.copy(copy, frame, frontLen);
    const header = from == 0 ? changetype<usize>(ip) : later;
    memory.copy(copy + frontLen, header, headerLen);
    memory.copy(copy + frontLen + headerLen, ip.payload + from, len);
    const piece = Ipv4.at(copy + frontLen);
    piece.setTotalLength(headerLen + len);
    piece.setFragment(ip.fragmentOffset + from, from + len < end || ip.hasMoreFragments);
    memory.copy(changetype<usize>(b.next), changetype<usize>(first), DescAt.End);
    b.next.setRange(copy, frontLen + headerLen + len);
    b.commit();
    from += len;
  }
  return true;
}
