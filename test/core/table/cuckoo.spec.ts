import { claim, take } from "../../../assembly/base/memory";
import { tableAt, tableCount } from "../../../assembly/base/node";
import {
  cuckooAdd,
  cuckooBody,
  cuckooFind,
  cuckooKey,
  cuckooLay,
  cuckooNext,
  cuckooPlace,
  cuckooPlaces,
  cuckooRemove,
} from "../../../assembly/table/cuckoo";

const CAPACITY_MAX: u32 = 20000;
const MEMORY_LEN: u32 = 1 << 19;
const SEEDS: u64 = 20;
const PLACES: u32 = 4; // of a bucket
const ENTRY_LEN: u32 = 16;
const STEPS: u32 = 682; // the words of a search

// Keys as tables have them, in a row: the worst that a hash can be given.
const enum Row {
  Macs = 0, // of one maker, from the last byte on, which is the key's highest
  Addresses = 1, // at a port
  Subnets = 2,
  Ports = 3, // the same addresses at many ports
  COUNT = 4,
}

let map: usize = 0;
let base: usize = 0;
let odd: u64 = 0; // the key that finds no place
const keys: usize = memory.data(64, 8); // the eight that took them

function open(capacity: u32, seed: u64): void {
  if (map == 0) {
    heap.alloc(1); // or the specs' own heap, once it begins, would take the claim for its own
    claim(MEMORY_LEN);
    map = take(<u32>tableAt.END);
    base = take(MEMORY_LEN - <u32>tableAt.END);
  }
  memory.fill(map, 0, tableAt.END);
  const end = cuckooLay(map, base, capacity, seed);
  memory.fill(base, 0, end - base);
}

function keyOf(row: Row, index: u32): u64 {
  if (row == Row.Macs) return ((<u64>bswap<u32>(index)) << 32) | 0x00025a0001;
  if (row == Row.Addresses) return 0x30a000000 + index;
  if (row == Row.Subnets) return 0x0a000000 + ((<u64>index) << 8);
  return ((<u64>(index & 15)) << 32) | (0x0a000000 + (index >> 4));
}

/** Where a map of this capacity ends. */
function endOf(): usize {
  return cuckooPlace(map, cuckooPlaces(map));
}

/** Nothing in bucket `index`, or four entries of keys that nobody asks for. */
function setBucket(index: u32, isTaken: bool): void {
  for (let place: u32 = 0; place < PLACES; place++) {
    store<u64>(cuckooPlace(map, index * PLACES + place), isTaken ? 0xffff0000 + place : 0);
  }
}

/** The bucket that a key takes when it may, of an empty map. */
function bucketFor(key: u64): u32 {
  const entry = cuckooAdd(map, key, 0);
  const bucket = <u32>(entry - base) / (PLACES * ENTRY_LEN);
  cuckooRemove(map, entry);
  return bucket;
}

/** True when the key's buckets are these two. */
function isBetween(key: u64, one: u32, other: u32): bool {
  const first = bucketFor(key);
  if (first != one && first != other) return false;
  setBucket(first, true);
  const twin = bucketFor(key);
  setBucket(first, false);
  return twin == one + other - first;
}

/** The first key above `key` between buckets 0 and 1. Requires: an empty map. */
function keyAbove(key: u64): u64 {
  do key += 1;
  while (!isBetween(key, 0, 1));
  return key;
}

/** Fills an empty map. Returns: how many keys it took. */
function fill(row: Row, capacity: u32): u32 {
  for (let index: u32 = 0; index < capacity; index++) {
    if (cuckooAdd(map, keyOf(row, index), index) == 0) return index;
  }
  return capacity;
}

describe("cuckoo", () => {
  it("holds what its capacity says, and no more", () => {
    for (let capacity: u32 = 0; capacity <= 64; capacity++) {
      for (let seed: u64 = 0; seed < SEEDS; seed++) {
        for (let row = 0; row < Row.COUNT; row++) {
          open(capacity, seed);
          expect<u32>(fill(row, capacity)).toBe(capacity);
          expect<usize>(cuckooAdd(map, 1, 0)).toBe(0);
          expect<u32>(tableCount(map)).toBe(capacity);
        }
      }
    }
  });

  it("holds as much when it is large", () => {
    for (let row = 0; row < Row.COUNT; row++) {
      open(CAPACITY_MAX, row);
      expect<u32>(fill(row, CAPACITY_MAX)).toBe(CAPACITY_MAX);
    }
  });

  it("finds every key after others made it move, and no other key", () => {
    open(CAPACITY_MAX, 7);
    fill(Row.Subnets, CAPACITY_MAX);
    let wrong = 0;
    for (let index: u32 = 0; index < CAPACITY_MAX; index++) {
      const entry = cuckooFind(map, keyOf(Row.Subnets, index));
      if (entry == 0 || cuckooBody(entry) != index) wrong += 1;
      if (cuckooFind(map, keyOf(Row.Subnets, index) + 1) != 0) wrong += 1;
    }
    expect<i32>(wrong).toBe(0);
  });

  it("stays exact while full and changing", () => {
    const capacity: u32 = 1000;
    open(capacity, 1);
    fill(Row.Addresses, capacity);
    let wrong = 0;
    for (let index = capacity; index < 200 * capacity; index++) {
      cuckooRemove(map, cuckooFind(map, keyOf(Row.Addresses, index - capacity)));
      if (cuckooAdd(map, keyOf(Row.Addresses, index), index) == 0) wrong += 1;
    }
    expect<i32>(wrong).toBe(0);
    expect<u32>(tableCount(map)).toBe(capacity);
  });

  it("shows each entry once on a walk", () => {
    const capacity: u32 = 500;
    open(capacity, 2);
    fill(Row.Macs, capacity);
    let sum: u64 = 0;
    let seen: u32 = 0;
    for (let place = cuckooNext(map, 0); place != 0; place = cuckooNext(map, place)) {
      const entry = cuckooPlace(map, place - 1);
      expect<usize>(cuckooFind(map, cuckooKey(entry))).toBe(entry);
      sum += cuckooBody(entry);
      seen += 1;
    }
    expect<u32>(seen).toBe(capacity);
    expect<u64>(sum).toBe((capacity * (capacity - 1)) / 2);
  });

  it("is walked to its end, and no further", () => {
    open(10, 3);
    store<u64>(endOf(), 1); // somebody else's
    expect<u32>(cuckooNext(map, 0)).toBe(0);
    expect<u32>(cuckooNext(map, cuckooPlaces(map))).toBe(0);
    store<u64>(cuckooPlace(map, cuckooPlaces(map) - 1), 1);
    expect<u32>(cuckooNext(map, 0)).toBe(cuckooPlaces(map));
    expect<u32>(cuckooNext(map, cuckooPlaces(map))).toBe(0);
  });
});

// Nine keys for two buckets, which nobody meets who does not know the seed.
describe("a key whose buckets lead nowhere", () => {
  beforeEach(() => {
    open(64, 5);
    let key: u64 = 0;
    for (let i: u32 = 0; i < 2 * PLACES; i++) {
      key = keyAbove(key);
      store<u64>(keys + i * 8, key);
    }
    odd = keyAbove(key);
    for (let i: u32 = 0; i < 2 * PLACES; i++) cuckooAdd(map, load<u64>(keys + i * 8), i);
  });

  it("is refused, and nothing has changed", () => {
    expect<usize>(cuckooAdd(map, odd, 9)).toBe(0);
    expect<usize>(cuckooFind(map, odd)).toBe(0);
    expect<u32>(tableCount(map)).toBe(2 * PLACES);
    for (let i: u32 = 0; i < 2 * PLACES; i++) {
      expect<u64>(cuckooBody(cuckooFind(map, load<u64>(keys + i * 8)))).toBe(i);
    }
  });

  it("is sought for in words of the search's own, and no others", () => {
    const elsewhere = base + MEMORY_LEN / 2; // so that every word of the search is a new one
    memory.copy(elsewhere, base, endOf() - base);
    store<u32>(map, <u32>elsewhere, tableAt.BASE);
    expect<usize>(cuckooAdd(map, odd, 9)).toBe(0);
    let count: u32 = 0;
    let end: usize = 0;
    for (let at: usize = 0; at < __data_end; at += 4) {
      if (load<u32>(at) - <u32>elsewhere >= <u32>(endOf() - elsewhere)) continue;
      count += 1;
      end = at + 4;
    }
    expect<u32>(count).toBe(STEPS);
    const behind = load<u32>(end);
    store<u32>(end, <u32>endOf()); // free places, for who looks there
    expect<usize>(cuckooAdd(map, odd, 9)).toBe(0);
    store<u32>(end, behind);
  });
});
