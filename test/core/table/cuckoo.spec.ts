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
  cuckooRemove,
} from "../../../assembly/table/cuckoo";

const CAPACITY_MAX: u32 = 20000;
const MEMORY_LEN: u32 = 1 << 19;
const SEEDS: u64 = 20;

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

function open(capacity: u32, seed: u64): void {
  if (map == 0) {
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
});
