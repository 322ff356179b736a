// Options of IPv4 (RFC 791, section 3.1) and TCP (RFC 9293, section 3.1) have one grammar: kinds 0
// and 1 are a byte alone, the end of the list and padding; every other kind is followed by a length
// that counts both bytes, and by its data.
namespace at {
  export const KIND: usize = 0;
  export const LENGTH: usize = 1;
  export const END: usize = 2;
}

const OPTION_END: u32 = 0;
const OPTION_NOP: u32 = 1;
const COPIED: u32 = 0x80; // RFC 791: the option is copied into every fragment

export const OPTION_LOOSE_ROUTE: u32 = 131; // RFC 791
export const OPTION_STRICT_ROUTE: u32 = 137; // RFC 791
export const OPTION_ROUTER_ALERT: u32 = 148; // RFC 2113
export const OPTION_MSS: u32 = 2; // RFC 9293, section 3.2
export const OPTION_MSS_LEN: u32 = 4;

/** How many bytes the option at `ptr` takes, or 0 when its length is wrong. Requires: room > 0. */
export function optionLen(ptr: usize, room: u32): u32 {
  if (<u32>load<u8>(ptr, at.KIND) <= OPTION_NOP) return 1;
  if (room < <u32>at.END) return 0;
  const len: u32 = load<u8>(ptr, at.LENGTH);
  return len < <u32>at.END || len > room ? 0 : len;
}

/** True when each option of the list lies within its `len` bytes. */
export function areOptionsWhole(ptr: usize, len: u32): bool {
  while (len != 0 && <u32>load<u8>(ptr, at.KIND) != OPTION_END) {
    const taken = optionLen(ptr, len);
    if (taken == 0) return false;
    ptr += taken;
    len -= taken;
  }
  return true;
}

/** The first option of a kind, or 0 for none in front of a wrong length. Requires: kind > 1. */
export function findOption(ptr: usize, len: u32, kind: u32): usize {
  while (len != 0 && <u32>load<u8>(ptr, at.KIND) != OPTION_END) {
    const taken = optionLen(ptr, len);
    if (taken == 0) return 0;
    if (<u32>load<u8>(ptr, at.KIND) == kind) return ptr;
    ptr += taken;
    len -= taken;
  }
  return 0;
}

/**
 * Writes the options of the list that every fragment carries to `to`, ended to a multiple of four
 * bytes. Returns: how many bytes that took, at most `len`. Requires: areOptionsWhole; len is a
 * multiple of four.
 */
export function copyOptions(ptr: usize, len: u32, to: usize): u32 {
  let end = to;
  while (len != 0 && <u32>load<u8>(ptr, at.KIND) != OPTION_END) {
    const taken = optionLen(ptr, len);
    if ((<u32>load<u8>(ptr, at.KIND) & COPIED) != 0) {
      memory.copy(end, ptr, taken);
      end += taken;
    }
    ptr += taken;
    len -= taken;
  }
  for (; ((end - to) & 3) != 0; end++) store<u8>(end, <u8>OPTION_END, at.KIND);
  return <u32>(end - to);
}
