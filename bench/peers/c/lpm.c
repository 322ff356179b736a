/* Longest-prefix match beside DPDK's rte_lpm, in bursts of 64, for prefixes of up to 24 bits.

   Its tables are filled here, as rte_lpm_add would fill them: that one searches a list of all rules
   of a length for each rule, and a million of them take hours. The look-ups are DPDK's own. Tables
   lie in huge pages where the machine has some to give. */
#include "heddle.h"
#include <rte_lpm.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { BURST = 64, SLOTS = 1 << 24, HUGE_PAGE = 1 << 21 };

static struct rte_lpm *lpm;
static uint16_t *dir; /* DIR-24-8 of two bytes: a hop plus one, or 0 */

static void *huge(size_t len) {
  void *ptr = aligned_alloc(HUGE_PAGE, (len + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1));
  if (!ptr) abort();
  madvise(ptr, len, MADV_HUGEPAGE);
  memset(ptr, 0, len);
  return ptr;
}

void lpm_open(void) {
  lpm = huge(sizeof *lpm);
  dir = huge(SLOTS * sizeof *dir);
}

void lpm_close(void) {
  free(lpm);
  free(dir);
}

/* Shorter prefixes come first. Requires: depth <= 24. */
void lpm_put(uint32_t address, uint32_t depth, uint32_t hop) {
  struct rte_lpm_tbl_entry entry = {.next_hop = hop, .valid = 1, .depth = depth};
  uint32_t first = address >> 8, end = first + (1u << (24 - depth));
  for (uint32_t at = first; at < end; at++) {
    lpm->tbl24[at] = entry;
    dir[at] = hop + 1;
  }
}

/* Entries as DPDK gives them: RTE_LPM_LOOKUP_SUCCESS, and the hop in the low three bytes. */
uint32_t lpm_bulk(const uint32_t *addresses, uint32_t *out, uint32_t count) {
  uint32_t hits = 0;
  for (uint32_t at = 0; at < count; at += BURST) {
    rte_lpm_lookup_bulk(lpm, addresses + at, out + at, BURST);
    for (int i = 0; i < BURST; i++) hits += (out[at + i] & RTE_LPM_LOOKUP_SUCCESS) != 0;
  }
  return hits;
}

/* A hop, or all ones. */
uint32_t lpm_x4(const uint32_t *addresses, uint32_t *out, uint32_t count) {
  uint32_t hits = 0;
  for (uint32_t at = 0; at < count; at += 4) {
    rte_xmm_t four;
    memcpy(&four, addresses + at, sizeof four);
    rte_lpm_lookupx4(lpm, four.x, out + at, UINT32_MAX);
    for (int i = 0; i < 4; i++) hits += out[at + i] != UINT32_MAX;
  }
  return hits;
}

uint32_t dir_bulk(const uint32_t *addresses, uint32_t *out, uint32_t count) {
  uint32_t hits = 0;
  for (uint32_t at = 0; at < count; at++) {
    uint32_t found = dir[addresses[at] >> 8];
    out[at] = found - 1;
    hits += found != 0;
  }
  return hits;
}

/* The spans of assembly/table/span.ts. */
struct span {
  uint64_t starts;
  uint32_t leaves;
  uint16_t shorter, only;
};

/* Gives up, with all ones, where a span asks the tree. */
uint32_t spans_bulk(uintptr_t base, uint32_t spans, uint32_t addresses, uint32_t out,
                    uint32_t count) {
  const struct span *all = (const struct span *)(base + spans);
  const uint32_t *in = (const uint32_t *)(base + addresses);
  uint32_t *hops = (uint32_t *)(base + out), hits = 0;
  for (uint32_t at = 0; at < count; at++) {
    const struct span *span = all + (in[at] >> 14);
    int run = __builtin_popcountll(span->starts << (~(in[at] >> 8) & 63));
    uint32_t leaf = ((const uint16_t *)(base + span->leaves))[run];
    if (leaf == UINT16_MAX) return UINT32_MAX;
    leaf |= span->shorter & -(uint32_t)(leaf == 0);
    hops[at] = leaf - 1;
    hits += leaf != 0;
  }
  return hits;
}
