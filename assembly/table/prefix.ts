// A prefix as numbers.
//
// Its name is its bits behind a leading one: 1 is the prefix of no bits, 2 and 3 are those of one,
// 4 to 7 those of two. Its key is address << 6 | length, which orders prefixes as walks do: by
// address, then by length.

export const PREFIX_LEN_MAX: u32 = 32;
export const KEY_END: u64 = 0x4000000000; // 2^38, above every key
const KEY_LEN_BITS: u32 = 6;

/** True for a prefix of at most 32 bits without host bits. */
export function isPrefix(address: u32, len: u32): bool {
  return len <= PREFIX_LEN_MAX && <u32>((<u64>address) << len) == 0;
}

/** The first `len` of 32 bits behind a leading one. Requires: len < 32. */
export function nameOf(bits: u32, len: u32): u32 {
  return <u32>((((<u64>1) << 32) | bits) >> (32 - len));
}

/** The four bits of an address behind its first `depth`. Requires: depth <= 28. */
export function nibbleAt(address: u32, depth: u32): u32 {
  return (address << depth) >> 28;
}

export function keyOf(address: u32, len: u32): u64 {
  return ((<u64>address) << KEY_LEN_BITS) | len;
}

export function keyAddress(key: u64): u32 {
  return <u32>(key >> KEY_LEN_BITS);
}

export function keyLen(key: u64): u32 {
  return <u32>key & ((1 << KEY_LEN_BITS) - 1);
}
