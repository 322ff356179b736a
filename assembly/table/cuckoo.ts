// A bounded hash map from u64 to two u32, in which every look-up reads one or two cache lines.
//
// Buckets of four entries fill a line each, and a key may lie in either of two buckets, by two
// hashes with multipliers drawn from the node's seed. An insert that finds both full moves entries
// to their other buckets along the shortest path to a free place, which a search of bounded width
// finds. With a ninth more places than entries that does not fail, but for luck that nobody can
// bring about without the seed; then a stash of eight takes the entry. Removal is a clear: there
// are no tombstones, and no rehash.
import { mix, multiplyShift, scale } from "../base/hash";

// The header of a map.
namespace mapAt {
  export const BUCKETS: usize = 0; // address; the stash lies behind them
  export const BUCKET_COUNT: usize = 4;
  export const CAPACITY: usize = 8;
  export const COUNT: usize = 12;
  export const STASHED: usize = 16;
  export const ODD_1: usize = 24; // u64
  export const ODD_2: usize = 32; // u64
  export const END: usize = 64;
}

// An entry. Its key is zero in a free place.
namespace entryAt {
  export const KEY: usize = 0;
  export const VALUE: usize = 8;
  export const META: usize = 12;
  export const END: usize = 16;
}

// A step of the search for a free place: a bucket, and the place that led to it.
namespace stepAt {
  export const BUCKET: usize = 0;
  export const FROM: usize = 4; // the step before, plus one; 0 at the start
  export const PLACE: usize = 6; // in the bucket of the step before
  export const END: usize = 8;
}

export const CUCKOO_HEADER_LEN: u32 = <u32>mapAt.END;

const PLACES: u32 = 4;
const BUCKET_LEN: u32 = PLACES * <u32>entryAt.END;
const BUCKETS_MIN: u32 = 2; // a key has two, and they differ
const STASH_PLACES: u32 = 8;
const STEPS_MAX: u32 = 340; // five generations of both buckets' entries

const steps: usize = memory.data(<i32>(STEPS_MAX * <u32>stepAt.END), 8);

if (BUCKET_LEN != 64) ERROR("cuckoo: a bucket is a cache line");

function bucketCountFor(capacity: u32): u32 {
  return (capacity + capacity / 8) / PLACES + BUCKETS_MIN;
}

/** Bytes of a map that holds `capacity` keys. */
export function cuckooLen(capacity: u32): u64 {
  return <u64>bucketCountFor(capacity) * BUCKET_LEN + STASH_PLACES * <u32>entryAt.END;
}

/**
 * Begins an empty map. Requires: cuckooLen(capacity) bytes at `base`, a line's beginning.
 * Returns: the first address behind them.
 */
export function cuckooOpen(map: usize, base: usize, capacity: u32, seed: u64): usize {
  const len = <u32>cuckooLen(capacity);
  memory.fill(map, 0, mapAt.END);
  store<u32>(map, <u32>base, mapAt.BUCKETS);
  store<u32>(map, bucketCountFor(capacity), mapAt.BUCKET_COUNT);
  store<u32>(map, capacity, mapAt.CAPACITY);
  store<u64>(map, mix(seed) | 1, mapAt.ODD_1);
  store<u64>(map, mix(seed + 1) | 1, mapAt.ODD_2);
  memory.fill(base, 0, len);
  return base + len;
}

export function cuckooCount(map: usize): u32 {
  return load<u32>(map, mapAt.COUNT);
}

/** Places to walk over, taken or not: the map's own, then the stash's. */
export function cuckooPlaces(map: usize): u32 {
  return bucketCount(map) * PLACES + STASH_PLACES;
}

/** Place `index` of cuckooPlaces. */
export function cuckooPlace(map: usize, index: u32): usize {
  return buckets(map) + index * <u32>entryAt.END;
}

/** The key of a place; zero where it is free. */
export function cuckooKey(entry: usize): u64 {
  return load<u64>(entry, entryAt.KEY);
}

export function cuckooValue(entry: usize): u32 {
  return load<u32>(entry, entryAt.VALUE);
}

export function cuckooMeta(entry: usize): u32 {
  return load<u32>(entry, entryAt.META);
}

/** Changes what an entry holds; it stays where it is. */
export function cuckooPut(entry: usize, value: u32, meta: u32): void {
  store<u32>(entry, value, entryAt.VALUE);
  store<u32>(entry, meta, entryAt.META);
}

/** The entry of `key`, or 0. Requires: key != 0. */
export function cuckooFind(map: usize, key: u64): usize {
  const first = bucketOf(map, key);
  const found = findIn(first, key);
  if (found != 0) return found;
  const second = findIn(otherBucketOf(map, key, first), key);
  if (second != 0 || load<u32>(map, mapAt.STASHED) == 0) return second;
  return findInStash(map, key);
}

/**
 * Adds a key; entries may change their places. Requires: key != 0, and it is not there.
 * Returns: its entry, or 0 when the map is full, and then nothing has changed.
 */
export function cuckooAdd(map: usize, key: u64, value: u32, meta: u32): usize {
  if (cuckooCount(map) == load<u32>(map, mapAt.CAPACITY)) return 0;
  let entry = makeRoom(map, key);
  if (entry == 0) {
    entry = findInStash(map, 0);
    if (entry == 0) return 0;
    store<u32>(map, load<u32>(map, mapAt.STASHED) + 1, mapAt.STASHED);
  }
  store<u64>(entry, key, entryAt.KEY);
  cuckooPut(entry, value, meta);
  store<u32>(map, cuckooCount(map) + 1, mapAt.COUNT);
  return entry;
}

/** Clears an entry. One of the stash may take its place. */
export function cuckooRemove(map: usize, entry: usize): void {
  memory.fill(entry, 0, entryAt.END);
  store<u32>(map, cuckooCount(map) - 1, mapAt.COUNT);
  const stashed = load<u32>(map, mapAt.STASHED);
  if (stashed == 0) return;
  if (entry >= stash(map)) store<u32>(map, stashed - 1, mapAt.STASHED);
  else unstash(map, entry);
}

// Fills the free place `entry` from the stash, if anything there may lie in its bucket.
function unstash(map: usize, entry: usize): void {
  const bucket = entry & ~(<usize>BUCKET_LEN - 1);
  for (let index: u32 = 0; index < STASH_PLACES; index++) {
    const from = stash(map) + index * <u32>entryAt.END;
    const key = cuckooKey(from);
    if (key == 0) continue;
    const first = bucketOf(map, key);
    if (bucket != first && bucket != otherBucketOf(map, key, first)) continue;
    move(from, entry);
    store<u32>(map, load<u32>(map, mapAt.STASHED) - 1, mapAt.STASHED);
    return;
  }
}

// A free place in one of the key's buckets: breadth first, so no bucket is twice on the path, and
// the moves along it, from its end, never touch an entry that was moved.
function makeRoom(map: usize, key: u64): usize {
  const first = bucketOf(map, key);
  emitStep(0, first, 0, 0);
  emitStep(1, otherBucketOf(map, key, first), 0, 0);
  let count: u32 = 2;
  for (let index: u32 = 0; index < count; index++) {
    const bucket = stepBucket(index);
    const free = findIn(bucket, 0);
    if (free != 0) return shift(index, free);
    for (let place: u32 = 0; place < PLACES && count < STEPS_MAX; place++) {
      emitStep(count, twinOf(map, bucket + place * <u32>entryAt.END, bucket), index + 1, place);
      count += 1;
    }
  }
  return 0;
}

// Moves entries towards the free place at the end of the path. Returns: what is free at its start.
function shift(index: u32, free: usize): usize {
  let from = stepFrom(index);
  while (from != 0) {
    const place: u32 = load<u16>(steps + index * <u32>stepAt.END, stepAt.PLACE);
    const source = stepBucket(from - 1) + place * <u32>entryAt.END;
    move(source, free);
    free = source;
    index = from - 1;
    from = stepFrom(index);
  }
  return free;
}

function emitStep(index: u32, bucket: usize, from: u32, place: u32): void {
  const step = steps + index * <u32>stepAt.END;
  store<u32>(step, <u32>bucket, stepAt.BUCKET);
  store<u16>(step, <u16>from, stepAt.FROM);
  store<u16>(step, <u16>place, stepAt.PLACE);
}

function stepFrom(index: u32): u32 {
  return load<u16>(steps + index * <u32>stepAt.END, stepAt.FROM);
}

function stepBucket(index: u32): usize {
  return <usize>load<u32>(steps + index * <u32>stepAt.END, stepAt.BUCKET);
}

function move(from: usize, to: usize): void {
  memory.copy(to, from, entryAt.END);
  memory.fill(from, 0, entryAt.END);
}

// The other bucket of the entry at `entry`, which lies in `bucket`.
function twinOf(map: usize, entry: usize, bucket: usize): usize {
  const key = cuckooKey(entry);
  const first = bucketOf(map, key);
  return first == bucket ? otherBucketOf(map, key, first) : first;
}

function bucketOf(map: usize, key: u64): usize {
  const hash = multiplyShift(key, load<u64>(map, mapAt.ODD_1));
  return buckets(map) + scale(hash, bucketCount(map)) * BUCKET_LEN;
}

function otherBucketOf(map: usize, key: u64, first: usize): usize {
  const hash = multiplyShift(key, load<u64>(map, mapAt.ODD_2));
  const other = buckets(map) + scale(hash, bucketCount(map)) * BUCKET_LEN;
  if (other != first) return other;
  const next = first + BUCKET_LEN;
  return next == stash(map) ? buckets(map) : next;
}

// The place in `bucket` that holds `key`, or 0; key 0 finds a free one.
function findIn(bucket: usize, key: u64): usize {
  for (let entry = bucket; entry < bucket + BUCKET_LEN; entry += entryAt.END) {
    if (cuckooKey(entry) == key) return entry;
  }
  return 0;
}

function findInStash(map: usize, key: u64): usize {
  const found = findIn(stash(map), key);
  return found != 0 ? found : findIn(stash(map) + BUCKET_LEN, key);
}

function buckets(map: usize): usize {
  return <usize>load<u32>(map, mapAt.BUCKETS);
}

function bucketCount(map: usize): u32 {
  return load<u32>(map, mapAt.BUCKET_COUNT);
}

function stash(map: usize): usize {
  return buckets(map) + bucketCount(map) * BUCKET_LEN;
}
