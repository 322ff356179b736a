// Arithmetic on lengths that come from the network or from a caller: it subtracts where adding
// could wrap.

/** True when [ptr, ptr + len) lies within [start, end). Requires: start <= end. */
export function isWithin(start: usize, end: usize, ptr: usize, len: u32): bool {
  return ptr >= start && ptr <= end && <usize>len <= end - ptr;
}

/** True when `need` more fit behind `used` of `cap`. Requires: used <= cap. */
export function fits(cap: u32, used: u32, need: u32): bool {
  return need <= cap - used;
}

/** Rounds up to a multiple of 64, the cache line. Requires: len <= 2^32 - 64. */
export function toLine(len: u32): u32 {
  return (len + 63) & ~63;
}

/** True when `len` bytes at `ptr` are all zero. */
export function isZero(ptr: usize, len: u32): bool {
  for (let at: u32 = 0; at < len; at++) {
    if (load<u8>(ptr + at) != 0) return false;
  }
  return true;
}
