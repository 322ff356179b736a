/* The records of ABI.md, and heddle's tables, as C that works in the core's memory sees them.
   Addresses of the core are offsets from `base`. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The header of a cuckoo map: assembly/table/cuckoo.ts and assembly/base/node.ts. */
struct map {
  uint32_t base, capacity, count, bucket_count;
  uint64_t odd;
};

struct entry {
  uint64_t key;
  uint32_t value, meta;
};

static inline uint64_t mix(uint64_t state) {
  state += 0x9e3779b97f4a7c15;
  state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
  state = (state ^ (state >> 27)) * 0x94d049bb133111eb;
  return state ^ (state >> 31);
}

static inline uint32_t scale(uint32_t hash, uint32_t count) {
  return (uint64_t)hash * count >> 32;
}

static inline const struct entry *find_in(const struct entry *bucket, uint64_t key) {
  for (int i = 0; i < 4; i++) {
    if (bucket[i].key == key) return bucket + i;
  }
  return NULL;
}

/* The same without a branch between the four. */
static inline const struct entry *pick_in(const struct entry *bucket, uint64_t key) {
  int at = (bucket[1].key == key) | (bucket[2].key == key) << 1 | (bucket[3].key == key) * 3;
  return bucket[at].key == key ? bucket + at : NULL;
}

/* As map_find, for keys at random. */
static inline const struct entry *map_pick(const uint8_t *base, const struct map *map,
                                           uint64_t key) {
  const struct entry *buckets = (const struct entry *)(base + map->base);
  uint64_t hash = mix(key * map->odd);
  uint32_t count = map->bucket_count, first = scale(hash >> 32, count);
  const struct entry *found = pick_in(buckets + 4 * first, key);
  if (found) return found;
  uint32_t sum = scale((uint32_t)hash, count) | 1;
  return pick_in(buckets + 4 * ((sum < first ? sum + count : sum) - first), key);
}

/* The entry of `key`, or NULL. */
static inline const struct entry *map_find(const uint8_t *base, const struct map *map,
                                           uint64_t key) {
  const struct entry *buckets = (const struct entry *)(base + map->base);
  uint64_t hash = mix(key * map->odd);
  uint32_t count = map->bucket_count, first = scale(hash >> 32, count);
  const struct entry *found = find_in(buckets + 4 * first, key);
  if (found) return found;
  uint32_t sum = scale((uint32_t)hash, count) | 1;
  return find_in(buckets + 4 * ((sum < first ? sum + count : sum) - first), key);
}
