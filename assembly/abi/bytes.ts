import { isWithin } from "../base/arith";
import { sumLong, update } from "../base/checksum";
import { Status } from "../base/status";

/**
 * The internet sum of bytes anywhere in memory (RFC 1071), as it lies.
 *
 * seed    what it goes on from: 0, or an earlier sum
 * returns 0 to 65535, not complemented, or BadArgument
 */
export function checksum_sum(ptr: usize, len: u32, seed: u32): i32 {
  const end = (<usize>memory.size()) << 16; // at most 32767 pages
  if (!isWithin(0, end, ptr, len)) return Status.BadArgument;
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
