// A bounded hash map from u64 to 64 bits, in which every look-up reads one or two cache lines.
//
// Buckets of four entries fill a line each, and a key may lie in either of two buckets. One hash
// says which: its high half names the first, its low half the sum of both, so that each leads to
// the other. The sum is odd and the buckets even in number, so they always differ. An insert that
// finds both full moves entries to their other buckets along the shortest path to a free place.
// Up to eight in nine places are ever taken, and never so many of a small map; such a path is
// then short, and nobody who does not know the seed can choose keys that have none. Removal is a
// clear: there are no tombstones, and no rehash.
import { mix, scale } from "../base/hash";
import { layTable, tableAt, tableCount } from "../base/node";

// The header of a map goes on from tableAt.
namespace mapAt {
  export const BUCKET_COUNT: usize = 12;
  export const ODD: usize = 16; // u64, the hash's multiplier
  export const END: usize = 24;
}

// An entry. Its key is zero in a free place.
namespace entryAt {
  export const KEY: usize = 0;
  export const VALUE: usize = 8;
  export const META: usize = 12;
  export const END: usize = 16;
}

const ENTRY_LEN: u32 = <u32>entryAt.END;
const PLACES: u32 = 4;
const BUCKET_LEN: u32 = PLACES * ENTRY_LEN;
const BUCKETS_MIN: u32 = 8; // more than a small map needs, or luck would decide what it holds
const STEPS_MAX: u32 = 682; // five generations of both buckets' entries

// The search for a free place. Both buckets of the key come first, and the twins of the four
// entries of step i are the steps from 4i + 2 on.
const steps: usize = memory.data(<i32>(STEPS_MAX * sizeof<u32>()), 8);

if (BUCKET_LEN != 64) ERROR("cuckoo: a bucket is a cache line");

/**
 * Lays an empty map out at `base`, a line's beginning. Requires: a header of zeros, and zeros at
 * `base` before the map is used. Returns: the first address behind it.
 */
export function cuckooLay(map: usize, base: usize, capacity: u32, seed: u64): usize {
  const count = ((capacity + capacity / 8) / (2 * PLACES)) * 2 + BUCKETS_MIN;
  store<u32>(map, count, mapAt.BUCKET_COUNT);
  store<u64>(map, mix(seed) | 1, mapAt.ODD);
  return layTable(map, base, capacity, count * BUCKET_LEN);
}

/** Places to walk over, taken or not. */
export function cuckooPlaces(map: usize): u32 {
  return bucketCount(map) * PLACES;
}

/** Place `index` of cuckooPlaces. */
export function cuckooPlace(map: usize, index: u32): usize {
  return buckets(map) + index * ENTRY_LEN;
}

/** Counts places from one: the first taken one behind `place`, or 0. Begins with 0. */
export function cuckooNext(map: usize, place: u32): u32 {
  const places = cuckooPlaces(map);
  for (let index = place; index < places; index++) {
    if (cuckooKey(cuckooPlace(map, index)) != 0) return index + 1;
  }
  return 0;
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

/** Value and meta in one, the meta above. */
export function cuckooBody(entry: usize): u64 {
  return load<u64>(entry, entryAt.VALUE);
}

/** Changes what an entry holds; it stays where it is. */
export function cuckooPut(entry: usize, body: u64): void {
  store<u64>(entry, body, entryAt.VALUE);
}

/** The same for the meta alone. */
export function cuckooPutMeta(entry: usize, meta: u32): void {
  store<u32>(entry, meta, entryAt.META);
}

/** The entry of `key`, or 0. Requires: key != 0. */
export function cuckooFind(map: usize, key: u64): usize {
  return cuckooSeek(map, key);
}

/** The same for loops over packets: the linker puts it where it is called. */
export function cuckooSeek(map: usize, key: u64): usize {
  const hash = hashOf(map, key);
  const first = firstOf(map, hash);
  const found = findIn(first, key);
  return found != 0 ? found : findIn(twinOf(map, hash, first), key);
}

/** The same for loops over keys of all kinds. */
export function cuckooPick(map: usize, key: u64): usize {
  const hash = hashOf(map, key);
  const first = firstOf(map, hash);
  const found = pickIn(first, key);
  return found != 0 ? found : pickIn(twinOf(map, hash, first), key);
}

/**
 * Adds a key; entries may change their places. Requires: key != 0, and it is not there.
 * Returns: its entry, or 0 when the map is full, and then nothing has changed.
 */
export function cuckooAdd(map: usize, key: u64, body: u64): usize {
  const count = tableCount(map);
  if (count == load<u32>(map, tableAt.CAPACITY)) return 0;
  const entry = makeRoom(map, key);
  if (entry == 0) return 0;
  store<u64>(entry, key, entryAt.KEY);
  cuckooPut(entry, body);
  store<u32>(map, count + 1, tableAt.COUNT);
  return entry;
}

/** Clears an entry. */
export function cuckooRemove(map: usize, entry: usize): void {
  store<u64>(entry, 0, entryAt.KEY);
  store<u32>(map, tableCount(map) - 1, tableAt.COUNT);
}

// A place in one of the key's buckets that may be written, or 0: breadth first, so no bucket is
// twice on the path, and the moves along it, from its end, never touch an entry that was moved.
function makeRoom(map: usize, key: u64): usize {
  const hash = hashOf(map, key);
  const first = firstOf(map, hash);
  setStep(0, first);
  setStep(1, twinOf(map, hash, first));
  for (let index: u32 = 0; index < STEPS_MAX; index++) {
    const bucket = step(index);
    const free = freeIn(bucket);
    if (free != 0) return shift(index, free);
    const next = index * PLACES + 2;
    for (let place: u32 = 0; place < PLACES && next + place < STEPS_MAX; place++) {
      const moved = hashOf(map, cuckooKey(bucket + place * ENTRY_LEN));
      setStep(next + place, twinOf(map, moved, bucket));
    }
  }
  return 0;
}

// Moves entries towards the free place at the end of the path. Returns: the place at its start.
function shift(index: u32, free: usize): usize {
  while (index >= 2) {
    const place = (index - 2) % PLACES;
    index = (index - 2) / PLACES;
    const from = step(index) + place * ENTRY_LEN;
    memory.copy(free, from, ENTRY_LEN);
    free = from;
  }
  return free;
}

function step(index: u32): usize {
  return <usize>load<u32>(steps + (index << 2));
}

function setStep(index: u32, bucket: usize): void {
  store<u32>(steps + (index << 2), <u32>bucket);
}

// Keys in a row, as addresses are, would stay in a row under a product alone, and two products of
// them fall into few pairs of buckets (Dietzfelbinger and Schellbach, 2009).
function hashOf(map: usize, key: u64): u64 {
  return mix(key * load<u64>(map, mapAt.ODD));
}

function firstOf(map: usize, hash: u64): usize {
  return buckets(map) + scale(<u32>(hash >> 32), bucketCount(map)) * BUCKET_LEN;
}

// The other bucket of a key that may lie in `bucket`.
function twinOf(map: usize, hash: u64, bucket: usize): usize {
  const count = bucketCount(map);
  const sum = (scale(<u32>hash, count) | 1) * BUCKET_LEN;
  const own = <u32>(bucket - buckets(map));
  return buckets(map) + (sum < own ? sum + count * BUCKET_LEN : sum) - own;
}

// The place in `bucket` that holds `key`, or 0.
function findIn(bucket: usize, key: u64): usize {
  if (cuckooKey(bucket) == key) return bucket;
  if (cuckooKey(bucket + ENTRY_LEN) == key) return bucket + ENTRY_LEN;
  if (cuckooKey(bucket + 2 * ENTRY_LEN) == key) return bucket + 2 * ENTRY_LEN;
  const last = bucket + 3 * ENTRY_LEN;
  return cuckooKey(last) == key ? last : 0;
}

// The same without a branch between the four, which nobody can foretell for keys at random; for
// those that come again, as packets of a flow do, the branches are the faster way.
function pickIn(bucket: usize, key: u64): usize {
  const second = cuckooKey(bucket + ENTRY_LEN) == key ? ENTRY_LEN : 0;
  const third = cuckooKey(bucket + 2 * ENTRY_LEN) == key ? 2 * ENTRY_LEN : 0;
  const fourth = cuckooKey(bucket + 3 * ENTRY_LEN) == key ? 3 * ENTRY_LEN : 0;
  const entry = bucket + (second | third | fourth);
  return cuckooKey(entry) == key ? entry : 0;
}

// A free place in `bucket`, or 0.
function freeIn(bucket: usize): usize {
  for (let entry = bucket; entry < bucket + BUCKET_LEN; entry += entryAt.END) {
    if (cuckooKey(entry) == 0) return entry;
  }
  return 0;
}

function buckets(map: usize): usize {
  return <usize>load<u32>(map, tableAt.BASE);
}

function bucketCount(map: usize): u32 {
  return load<u32>(map, mapAt.BUCKET_COUNT);
}
