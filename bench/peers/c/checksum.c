/* The internet checksum (RFC 1071): folded sums of 16-bit words as they lie in memory. */
#include "heddle.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

static inline uint32_t fold(uint64_t total) {
  total = (total & 0xffffffff) + (total >> 32);
  total = (total & 0xffff) + (total >> 16);
  total = (total & 0xffff) + (total >> 16);
  total = (total & 0xffff) + (total >> 16);
  return total;
}

static inline uint32_t sum_words(const uint8_t *at, uint32_t len) {
  uint64_t total = 0;
  for (; len >= 4; at += 4, len -= 4) {
    uint32_t word;
    memcpy(&word, at, 4);
    total += word;
  }
  if (len & 2) {
    uint16_t word;
    memcpy(&word, at, 2);
    total += word;
    at += 2;
  }
  if (len & 1) total += *at;
  return fold(total);
}

/* The C of RFC 1071, section 4.1. */
static inline uint32_t sum_plain(const uint8_t *at, uint32_t len) {
  uint64_t total = 0;
  for (; len > 1; at += 2, len -= 2) {
    uint16_t word;
    memcpy(&word, at, 2);
    total += word;
  }
  if (len) total += *at;
  return fold(total);
}

uint32_t checksum_plain(const uint8_t *at, uint32_t len, uint32_t times) {
  uint32_t all = 0;
  for (uint32_t i = 0; i < times; i++) {
    all += sum_plain(at, len);
    __asm__ volatile("" ::: "memory");
  }
  return all;
}

/* What gcc vectorises best, as wide as the processor is. */
uint32_t checksum_words(const uint8_t *at, uint32_t len, uint32_t times) {
  uint32_t all = 0;
  for (uint32_t i = 0; i < times; i++) {
    all += sum_words(at, len);
    __asm__ volatile("" ::: "memory");
  }
  return all;
}

#ifdef __AVX2__
/* 128 bytes a turn: words are widened by unpacking them with zeros. */
static inline uint32_t sum_avx2(const uint8_t *at, uint32_t len) {
  __m256i zero = _mm256_setzero_si256(), a = zero, b = zero, c = zero, d = zero;
  const uint8_t *end = at + (len & ~127u);
  for (; at < end; at += 128) {
    __m256i w0 = _mm256_loadu_si256((const __m256i *)at);
    __m256i w1 = _mm256_loadu_si256((const __m256i *)(at + 32));
    __m256i w2 = _mm256_loadu_si256((const __m256i *)(at + 64));
    __m256i w3 = _mm256_loadu_si256((const __m256i *)(at + 96));
    a = _mm256_add_epi32(a, _mm256_unpacklo_epi16(w0, zero));
    b = _mm256_add_epi32(b, _mm256_unpackhi_epi16(w0, zero));
    c = _mm256_add_epi32(c, _mm256_unpacklo_epi16(w1, zero));
    d = _mm256_add_epi32(d, _mm256_unpackhi_epi16(w1, zero));
    a = _mm256_add_epi32(a, _mm256_unpacklo_epi16(w2, zero));
    b = _mm256_add_epi32(b, _mm256_unpackhi_epi16(w2, zero));
    c = _mm256_add_epi32(c, _mm256_unpacklo_epi16(w3, zero));
    d = _mm256_add_epi32(d, _mm256_unpackhi_epi16(w3, zero));
  }
  len &= 127;
  for (; len >= 32; at += 32, len -= 32) {
    __m256i word = _mm256_loadu_si256((const __m256i *)at);
    a = _mm256_add_epi32(a, _mm256_unpacklo_epi16(word, zero));
    b = _mm256_add_epi32(b, _mm256_unpackhi_epi16(word, zero));
  }
  __m256i low = _mm256_add_epi64(_mm256_unpacklo_epi32(a, zero), _mm256_unpackhi_epi32(a, zero));
  low = _mm256_add_epi64(low, _mm256_unpacklo_epi32(b, zero));
  low = _mm256_add_epi64(low, _mm256_unpackhi_epi32(b, zero));
  low = _mm256_add_epi64(low, _mm256_unpacklo_epi32(c, zero));
  low = _mm256_add_epi64(low, _mm256_unpackhi_epi32(c, zero));
  low = _mm256_add_epi64(low, _mm256_unpacklo_epi32(d, zero));
  low = _mm256_add_epi64(low, _mm256_unpackhi_epi32(d, zero));
  __m128i pair = _mm_add_epi64(_mm256_castsi256_si128(low), _mm256_extracti128_si256(low, 1));
  uint64_t total = _mm_cvtsi128_si64(pair) + _mm_extract_epi64(pair, 1);
  return fold(total + sum_words(at, len));
}

uint32_t checksum_avx2(const uint8_t *at, uint32_t len, uint32_t times) {
  uint32_t all = 0;
  for (uint32_t i = 0; i < times; i++) {
    all += sum_avx2(at, len);
    __asm__ volatile("" ::: "memory");
  }
  return all;
}
#endif
