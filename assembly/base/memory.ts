// Linear memory is claimed once; after that it is handed out upwards, and what was handed out last
// may be given back. Nobody owns the addresses below 1024.

import { isWithin, toLine } from "./arith";
import { Status } from "./status";

const PAGE_SHIFT: u32 = 16;
const CLAIM_MAX: u32 = 0x7ffc0000; // every address stays below 2^31

let first: usize = 0; // where the claim begins; 0 until then
let next: usize = 0; // the first byte that nobody has
let end: usize = 0;

/** Grows the memory by at least `bytes`, once. Returns: the first claimed address, or Status. */
export function claim(bytes: u32): i32 {
  if (first != 0) return Status.Busy;
  if (bytes == 0 || bytes > CLAIM_MAX) return Status.BadArgument;
  const pages = (bytes + 0xffff) >> PAGE_SHIFT;
  const before = memory.grow(pages);
  if (before < 0) return Status.NoMemory;
  first = (<usize>before) << PAGE_SHIFT;
  next = first;
  end = first + ((<usize>pages) << PAGE_SHIFT);
  return <i32>first;
}

/** Hands out `bytes`, rounded up to a cache line and aligned to one; 0 when they are not left. */
export function take(bytes: u32): usize {
  if (<usize>bytes > end - next) return 0;
  const ptr = next;
  next += toLine(bytes);
  if (next > end) next = end;
  return ptr;
}

/** Takes back what `take` handed out last; false, and nothing is changed, for anything else. */
export function giveBack(ptr: usize, bytes: u32): bool {
  const behind = ptr + toLine(bytes);
  if ((behind < end ? behind : end) != next) return false;
  next = ptr;
  return true;
}

/** True when every byte of the range was handed out already. */
export function isTaken(ptr: usize, len: u32): bool {
  return isWithin(first, next, ptr, len);
}

/** True when the range may be read: claimed, handed out or not. */
export function isClaimed(ptr: usize, len: u32): bool {
  return first != 0 && isWithin(first, end, ptr, len);
}

/** Where the claim begins, and with it the first node. */
export function claimStart(): usize {
  return first;
}
