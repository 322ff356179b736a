import { claim } from "../base/memory";

/**
 * Grows the memory once, for every node that is to come.
 *
 * bytes   at most 0x7ffc0000; rounded up to whole pages of 64 KiB
 * returns the first claimed address, Busy the second time, NoMemory, or BadArgument
 */
export function memory_claim(bytes: u32): i32 {
  return claim(bytes);
}
