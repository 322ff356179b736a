import { isWithin } from "../base/arith";
import { sumLong, update } from "../base/checksum";
import { isClaimed } from "../base/memory";
import { Status } from "../base/status";
import { decode } from "../path/decode";
import { LayerAt, LayerKind } from "../path/layer";

const CAP_MAX: u32 = 1 << 26;

/**
 * The internet sum of bytes anywhere in memory (RFC 1071), as it lies.
 *
 * seed    what it goes on from: 0, or an earlier sum
 * returns 0 to 65535, not complemented, or BadArgument
 */
export function checksum_sum(ptr: usize, len: u32, seed: u32): i32 {
  if (!isMemory(ptr, len)) return Status.BadArgument;
  return sumLong(ptr, len, seed);
}

/**
 * The checksum after one word changed (RFC 1624).
 *
 * old     the checksum, as it lies; of all three the low 16 bits count
 * from    the word as it was
 * to      the word as it is
 * returns 0 to 65535, as it lies
 */
export function checksum_update(old: u32, from: u32, to: u32): i32 {
  return update(old, from, to);
}

/**
 * The layers of a packet anywhere in memory, whatever its bytes.
 *
 * start   LayerKind of its first header: Ethernet or Ipv4
 * out     takes layer records, in the claimed memory and apart from the packet
 * cap     records that there is room for, at most 2^26; the rest is left out
 * returns records written, or BadArgument
 */
export function packet_decode(ptr: usize, len: u32, start: i32, out: usize, cap: u32): i32 {
  if (start != LayerKind.Ethernet && start != LayerKind.Ipv4) return Status.BadArgument;
  if (!isMemory(ptr, len) || cap > CAP_MAX || (out & 3) != 0) return Status.BadArgument;
  const outLen = cap * <u32>LayerAt.End;
  if (!isClaimed(out, outLen)) return Status.BadArgument;
  if (ptr < out + outLen && out < ptr + len) return Status.BadArgument;
  return decode(ptr, len, start, out, cap);
}

function isMemory(ptr: usize, len: u32): bool {
  return isWithin(0, (<usize>memory.size()) << 16, ptr, len); // at most 32767 pages
}
