// The internet checksum (RFC 1071). Sums are taken over 16-bit words as they lie in memory:
// one's complement addition does not care about byte order (section 2, B), so a folded sum is
// complemented and stored as it is, and no word is ever swapped.

import { swap16 } from "./endian";

const SUM_LEN_MAX: u32 = 65536; // `sum`: a lane bears 2048 sums of at most 2^16, and far more

/**
 * The folded sum of `len` bytes, on top of `seed`; an odd last byte is padded with zero.
 * One word at a time: the definition, and the twin that `sum` is compared with.
 */
export function sumPlain(ptr: usize, len: u32, seed: u32): u32 {
  let total: u64 = seed;
  let at: u32 = 0;
  for (; at + 1 < len; at += 2) total += load<u16>(ptr + at);
  if (at < len) total += load<u8>(ptr + at);
  return fold(total);
}

/** The same answer, 64 bytes a turn. Requires: len <= SUM_LEN_MAX. */
export function sum(ptr: usize, len: u32, seed: u32): u32 {
  if (ASC_FEATURE_SIMD) {
    return len < 64 ? sumWords(ptr, len, seed) : sumWide(ptr, len, seed);
  }
  return sumWords(ptr, len, seed);
}

/** `sum` for any length. */
export function sumLong(ptr: usize, len: u32, seed: u32): u32 {
  while (len > SUM_LEN_MAX) {
    seed = sum(ptr, SUM_LEN_MAX, seed);
    ptr += SUM_LEN_MAX;
    len -= SUM_LEN_MAX;
  }
  return sum(ptr, len, seed);
}

// Each lane of 32 bits sums pairs of words, whatever overflows, and the upper words alone: what
// the lower ones sum up to is the difference.
function sumWide(ptr: usize, len: u32, seed: u32): u32 {
  let pairs = i32x4.splat(0);
  let upper = i32x4.splat(0);
  const end = ptr + (len & ~63);
  for (let at = ptr; at < end; at += 64) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    pairs = i32x4.add(pairs, i32x4.add(i32x4.add(a, b), i32x4.add(c, d)));
    const ab = i32x4.add(i32x4.shr_u(a, 16), i32x4.shr_u(b, 16));
    upper = i32x4.add(upper, i32x4.add(ab, i32x4.add(i32x4.shr_u(c, 16), i32x4.shr_u(d, 16))));
  }
  const words = i32x4.add(i32x4.sub(pairs, i32x4.shl(upper, 16)), upper);
  const both = i64x2.add(i64x2.extend_low_i32x4_u(words), i64x2.extend_high_i32x4_u(words));
  const total = i64x2.extract_lane(both, 0) + i64x2.extract_lane(both, 1);
  return sumWords(end, len & 63, fold(total + seed));
}

function sumWords(ptr: usize, len: u32, seed: u32): u32 {
  let total: u64 = seed;
  const end = ptr + (len & ~3);
  for (; ptr < end; ptr += 4) total += load<u32>(ptr);
  if (len & 2) {
    total += load<u16>(ptr);
    ptr += 2;
  }
  if (len & 1) total += load<u8>(ptr);
  return fold(total);
}

/**
 * Folds a sum of words into 16 bits by end-around carry: a half that is added to its other half
 * carries into it, so that nothing is left to fold.
 */
export function fold(total: u64): u32 {
  const words = <u32>((total + rotl<u64>(total, 32)) >> 32);
  return (words + rotl<u32>(words, 16)) >> 16;
}

/**
 * The checksum after one 16-bit word changed from `from` to `to`: HC' = ~(~HC + ~m + m')
 * (RFC 1624, equation 3). All three as they lie in memory.
 */
export function update(checksum: u32, from: u32, to: u32): u32 {
  return ~fold(<u64>(~checksum & 0xffff) + (~from & 0xffff) + (to & 0xffff)) & 0xffff;
}

/** The same for a word of 32 bits. */
export function updateLong(checksum: u32, from: u32, to: u32): u32 {
  return ~fold(<u64>(~checksum & 0xffff) + <u64>~from + <u64>to) & 0xffff;
}

/** The part of the UDP and TCP pseudo header that is no address (RFC 768): protocol and length. */
export function pseudoSeed(protocol: u32, length: u32): u32 {
  return (protocol << 8) + swap16(length);
}
