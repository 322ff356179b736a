// Neighbors: which MAC answers for an address at a port. The map leads to a record of 32 bytes,
// which is what the host sees; a free record leads to the next free one.
import { nodeAt } from "../base/node";
import { Status } from "../base/status";
import {
  CUCKOO_HEADER_LEN,
  cuckooAdd,
  cuckooCount,
  cuckooFind,
  cuckooLen,
  cuckooOpen,
  cuckooRemove,
  cuckooValue,
} from "./cuckoo";
import { portAt, usePort } from "./port";

/** A neighbor record, 32 bytes. */
export const enum NeighborAt {
  Family = 0, // u16: 4; zero in a free record
  Port = 2, // u16
  Mac = 4, // u8[6]
  State = 10, // u8, NeighborState
  Flags = 11, // u8, zero
  Status = 12, // i16, written by bulk calls
  Address = 16, // u8[16]
  End = 32,
}

export const enum NeighborState {
  Reachable = 1,
  Permanent = 2,
}

namespace poolAt {
  export const BASE: usize = <usize>CUCKOO_HEADER_LEN;
  export const FREE: usize = <usize>CUCKOO_HEADER_LEN + 4; // an index plus one; 0 for none
  export const FRESH: usize = <usize>CUCKOO_HEADER_LEN + 8; // records that were never used
}

const MAP: usize = nodeAt.NEIGHBOR;
const RECORD_LEN: u32 = NeighborAt.End;
const NO_MAC: u64 = ~0;
const MAC_MASK: u64 = 0xffffffffffff;

export function neighborsLen(neighbors: u32): u64 {
  return ((<u64>neighbors * RECORD_LEN + 63) & ~63) + cuckooLen(neighbors);
}

/** Returns: the first address behind the table. */
export function neighborsOpen(node: usize, base: usize, neighbors: u32, seed: u64): usize {
  const records = cuckooOpen(node + MAP, base, neighbors, seed);
  store<u32>(node + MAP, <u32>records, poolAt.BASE);
  return base + <usize>neighborsLen(neighbors);
}

export function neighborCount(node: usize): u32 {
  return cuckooCount(node + MAP);
}

/** The MAC that answers for `address` at `port`, or ~0. */
export function neighborFind(node: usize, port: u32, address: u32): u64 {
  return neighborFindKey(node, keyOf(port, address));
}

/** The same for a key of `port << 32 | address`, which may be any number. */
export function neighborFindKey(node: usize, key: u64): u64 {
  if (key == 0) return NO_MAC;
  const entry = cuckooFind(node + MAP, key);
  if (entry == 0) return NO_MAC;
  return load<u64>(recordAt(node, cuckooValue(entry)), NeighborAt.Mac) & MAC_MASK;
}

/** Makes or replaces an entry. Requires: a legal record. Returns: Ok, NotFound or NoRoom. */
export function neighborSet(node: usize, rec: usize): Status {
  const port: u32 = load<u16>(rec, NeighborAt.Port);
  if (portAt(node, port) == 0) return Status.NotFound;
  const key = keyOfRecord(rec);
  const entry = cuckooFind(node + MAP, key);
  if (entry != 0) {
    memory.copy(recordAt(node, cuckooValue(entry)), rec, RECORD_LEN);
    return Status.Ok;
  }
  const index = nextFree(node);
  if (cuckooAdd(node + MAP, key, index, 0) == 0) return Status.NoRoom;
  take(node, index);
  memory.copy(recordAt(node, index), rec, RECORD_LEN);
  usePort(node, port, 1);
  return Status.Ok;
}

/** Returns: Ok or NotFound. */
export function neighborRemove(node: usize, rec: usize): Status {
  const entry = cuckooFind(node + MAP, keyOfRecord(rec));
  if (entry == 0) return Status.NotFound;
  const index = cuckooValue(entry);
  cuckooRemove(node + MAP, entry);
  usePort(node, load<u16>(rec, NeighborAt.Port), -1);
  const record = recordAt(node, index);
  memory.fill(record, 0, RECORD_LEN);
  store<u32>(record, load<u32>(node + MAP, poolAt.FREE), NeighborAt.Address);
  store<u32>(node + MAP, index + 1, poolAt.FREE);
  return Status.Ok;
}

/** Fills a record in by its port and address. Returns: Ok or NotFound. */
export function neighborTell(node: usize, rec: usize): Status {
  const entry = cuckooFind(node + MAP, keyOfRecord(rec));
  if (entry == 0) return Status.NotFound;
  memory.copy(rec, recordAt(node, cuckooValue(entry)), RECORD_LEN);
  return Status.Ok;
}

/** Copies the first record at or behind `cursor`. Returns: the cursor behind it, or 0. */
export function neighborNext(node: usize, cursor: u32, rec: usize): u32 {
  const fresh = load<u32>(node + MAP, poolAt.FRESH);
  for (let index = cursor; index < fresh; index++) {
    const record = recordAt(node, index);
    if (load<u16>(record, NeighborAt.Family) == 0) continue;
    memory.copy(rec, record, RECORD_LEN);
    return index + 1;
  }
  return 0;
}

// The record that the next new entry gets.
function nextFree(node: usize): u32 {
  const free = load<u32>(node + MAP, poolAt.FREE);
  return free != 0 ? free - 1 : load<u32>(node + MAP, poolAt.FRESH);
}

function take(node: usize, index: u32): void {
  const map = node + MAP;
  if (load<u32>(map, poolAt.FREE) == 0) store<u32>(map, index + 1, poolAt.FRESH);
  else store<u32>(map, load<u32>(recordAt(node, index), NeighborAt.Address), poolAt.FREE);
}

function recordAt(node: usize, index: u32): usize {
  return <usize>load<u32>(node + MAP, poolAt.BASE) + index * RECORD_LEN;
}

function keyOfRecord(rec: usize): u64 {
  return keyOf(load<u16>(rec, NeighborAt.Port), bswap<u32>(load<u32>(rec, NeighborAt.Address)));
}

function keyOf(port: u32, address: u32): u64 {
  return ((<u64>port) << 32) | address;
}
