/* Stations looked up in bulk: in heddle's own table, and in the one that suits look-ups best. */
#include "heddle.h"
#include <stdlib.h>
#include <sys/mman.h>

enum { LEARNED = 1, SEEN_BITS = 28, AHEAD = 16 };
#define SEEN_MASK ((1u << SEEN_BITS) - 1)
#define MISS 0xffffffffu

struct domain {
  uint16_t index, mark;
  uint32_t vni, age_s;
  uint8_t rest[20];
};

static inline bool is_expired(const struct domain *domains, uint64_t key, uint32_t meta,
                              uint32_t now_s) {
  if (!((meta >> SEEN_BITS) & LEARNED)) return false;
  uint32_t age_s = domains[key & 0xffff].age_s;
  return age_s && ((now_s - meta) & SEEN_MASK) >= age_s;
}

/* As fdb_lookup_bulk. */
uint32_t fdb_same(const uint8_t *base, const struct map *map, uint32_t domains_at,
                  const uint64_t *keys, uint32_t *out, uint32_t count, uint32_t now_s) {
  const struct domain *domains = (const struct domain *)(base + domains_at);
  uint32_t hits = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint64_t key = keys[i];
    const struct entry *found = key >> 16 ? map_pick(base, map, key) : NULL;
    bool is_hit = found && !is_expired(domains, key, found->meta, now_s);
    out[i] = is_hit ? found->value : MISS;
    hits += is_hit;
  }
  return hits;
}

/* Open addressing, half full, one multiplication to hash, the lines fetched sixteen keys ahead. */
struct probe {
  struct entry *entries;
  uint32_t shift, mask;
};

static inline uint32_t home(const struct probe *probe, uint64_t key) {
  return key * 0x9e3779b97f4a7c15 >> probe->shift;
}

/* Copies a table of heddle's. */
struct probe *probe_make(const uint8_t *base, const struct map *map) {
  uint32_t bits = 1;
  while (1u << bits < 2 * map->count) bits++;
  struct probe *probe = malloc(sizeof *probe);
  size_t bytes = sizeof(struct entry) << bits;
  *probe = (struct probe){aligned_alloc(1 << 21, (bytes + (1 << 21) - 1) >> 21 << 21), 64 - bits,
                          (1u << bits) - 1};
  madvise(probe->entries, bytes, MADV_HUGEPAGE);
  memset(probe->entries, 0, bytes);
  const struct entry *from = (const struct entry *)(base + map->base);
  for (uint32_t i = 0; i < 4 * map->bucket_count; i++) {
    if (!from[i].key) continue;
    uint32_t at = home(probe, from[i].key);
    while (probe->entries[at].key) at = (at + 1) & probe->mask;
    probe->entries[at] = from[i];
  }
  return probe;
}

void probe_free(struct probe *probe) {
  free(probe->entries);
  free(probe);
}

uint32_t fdb_probe(const uint8_t *base, const struct probe *probe, uint32_t domains_at,
                   const uint64_t *keys, uint32_t *out, uint32_t count, uint32_t now_s) {
  const struct domain *domains = (const struct domain *)(base + domains_at);
  const struct entry *entries = probe->entries;
  uint32_t hits = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (i + AHEAD < count) __builtin_prefetch(entries + home(probe, keys[i + AHEAD]));
    uint64_t key = keys[i];
    uint32_t at = home(probe, key);
    while (entries[at].key != key && entries[at].key) at = (at + 1) & probe->mask;
    const struct entry *found = entries + at;
    bool is_hit = found->key && !is_expired(domains, key, found->meta, now_s);
    out[i] = is_hit ? found->value : MISS;
    hits += is_hit;
  }
  return hits;
}
