// What the specs write into memory, and how they look for bytes that nobody should have touched.

import { mix } from "../../assembly/base/hash";

const DIRT: u8 = 0xa5;

/** Yesterday's packet. */
export function dirty(ptr: usize, len: u32): void {
  memory.fill(ptr, DIRT, len);
}

/** True when nothing was written there since `dirty`. */
export function isDirty(ptr: usize, len: u32): bool {
  for (let i: u32 = 0; i < len; i++) {
    if (load<u8>(ptr + i) != DIRT) return false;
  }
  return true;
}

/** Writes bytes given as hex digits; blanks are for the eye. Returns how many. */
export function put(ptr: usize, hex: string): u32 {
  const digits = hex.replaceAll(" ", "");
  const len = <u32>digits.length / 2;
  for (let i: u32 = 0; i < len; i++) store<u8>(ptr + i, <u8>parseInt(digits.substr(i * 2, 2), 16));
  return len;
}

/** The bytes as hex digits. */
export function hexOf(ptr: usize, len: u32): string {
  let text = "";
  for (let i: u32 = 0; i < len; i++) {
    text += load<u8>(ptr + i)
      .toString(16)
      .padStart(2, "0");
  }
  return text;
}

/** The same noise for the same seed. */
export function noise(ptr: usize, len: u32, seed: u64): void {
  for (let i: u32 = 0; i < len; i++) store<u8>(ptr + i, <u8>mix(seed + i));
}

/** The last `len` bytes of memory: to read past them is a trap. */
export function edge(len: u32): usize {
  return ((<usize>(memory.grow(1) + 1)) << 16) - len;
}

/** Turns one bit over, counted from the lowest of the first byte. */
export function flip(ptr: usize, bit: u32): void {
  const at = ptr + (bit >> 3);
  store<u8>(at, load<u8>(at) ^ ((<u8>1) << (<u8>bit & 7)));
}
