// The internet checksum (RFC 1071). Sums are taken over 16-bit words as they lie in memory:
// one's complement addition does not care about byte order (section 2, B), so a folded sum is
// complemented and stored as it is, and no word is ever swapped.

import { swap16 } from "./endian";

const SUM_LEN_MAX: u32 = 65536; // `sum`: what means are too large by stays below 2^16

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

/** The same answer, 128 bytes a turn. Requires: len <= SUM_LEN_MAX. */
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

// Of eight vectors their sum, whatever overflows, and their mean, rounded up: what overflowed is
// what the one is short of the other. A mean of eight words is at most 12/8 too large, so eight
// times all means of 65,536 bytes are too large by less than 2^16, and by how much is known.
function sumWide(ptr: usize, len: u32, seed: u32): u32 {
  let low = i16x8.splat(0); // sums of words modulo 2^16
  let large = i32x4.splat(0); // sums of means, and of what is no multiple of eight vectors
  let at = ptr;
  for (const end = ptr + (len & ~127); at < end; at += 128) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    const e = v128.load(at, 64);
    const f = v128.load(at, 80);
    const g = v128.load(at, 96);
    const h = v128.load(at, 112);
    const sumAD = i16x8.add(i16x8.add(a, b), i16x8.add(c, d));
    const sumEH = i16x8.add(i16x8.add(e, f), i16x8.add(g, h));
    low = i16x8.add(low, i16x8.add(sumAD, sumEH));
    const meanAD = i16x8.avgr_u(i16x8.avgr_u(a, b), i16x8.avgr_u(c, d));
    const meanEH = i16x8.avgr_u(i16x8.avgr_u(e, f), i16x8.avgr_u(g, h));
    large = i32x4.add(large, pairs(i16x8.avgr_u(meanAD, meanEH)));
  }
  large = i32x4.shl(large, 3);
  for (const end = ptr + (len & ~15); at < end; at += 16) {
    const a = v128.load(at);
    low = i16x8.add(low, a);
    large = i32x4.add(large, pairs(a));
  }
  const excess = i32x4.sub(large, pairs(low)); // in the lower half; the upper one means nothing
  const words = i32x4.sub(large, i32x4.shr_u(i32x4.shl(excess, 16), 16));
  const total = i64x2.extract_lane(words, 0) + i64x2.extract_lane(words, 1); // to be folded
  return sumWords(at, len & 15, total + seed);
}

function pairs(words: v128): v128 {
  return i32x4.extadd_pairwise_i16x8_u(words);
}

function sumWords(ptr: usize, len: u32, total: u64): u32 {
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
