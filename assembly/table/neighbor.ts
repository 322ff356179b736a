// Neighbors: which MAC answers for an address at a port. Port and address are an entry's key; what
// it holds is MAC, state and flags, as they lie in a record.
import { nodeAt } from "../base/node";
import { Status } from "../base/status";
import {
  cuckooAdd,
  cuckooBody,
  cuckooFind,
  cuckooKey,
  cuckooLay,
  cuckooNext,
  cuckooPlace,
  cuckooPut,
  cuckooRemove,
} from "./cuckoo";
import { portAt, usePort } from "./port";

/** A neighbor record, 32 bytes. */
export const enum NeighborAt {
  Family = 0, // u16: 4
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

const MAP: usize = nodeAt.NEIGHBOR;
const NO_MAC: u64 = ~0;
const MAC_MASK: u64 = 0xffffffffffff;
const FAMILY_IPV4: u16 = 4;

if (NeighborAt.Status - NeighborAt.Mac != 8) ERROR("neighbor: a record's middle fills an entry");

/** Returns: the first address behind the table. */
export function layNeighbors(node: usize, base: usize, neighbors: u32, seed: u64): usize {
  return cuckooLay(node + MAP, base, neighbors, seed);
}

/** The MAC that answers for `address` at `port`, or ~0. */
export function neighborFind(node: usize, port: u32, address: u32): u64 {
  return neighborFindKey(node, keyOf(port, address));
}

/** The same for a key of `port << 32 | address`, which may be any number. */
export function neighborFindKey(node: usize, key: u64): u64 {
  if (key == 0) return NO_MAC;
  const entry = cuckooFind(node + MAP, key);
  return entry == 0 ? NO_MAC : cuckooBody(entry) & MAC_MASK;
}

/** Makes or replaces an entry. Requires: a legal record. Returns: Ok, NotFound or NoRoom. */
export function neighborSet(node: usize, rec: usize): Status {
  const port: u32 = load<u16>(rec, NeighborAt.Port);
  if (portAt(node, port) == 0) return Status.NotFound;
  const body = load<u64>(rec, NeighborAt.Mac);
  const entry = neighborEntry(node, rec);
  if (entry != 0) {
    cuckooPut(entry, body);
    return Status.Ok;
  }
  if (cuckooAdd(node + MAP, keyOfRecord(rec), body) == 0) return Status.NoRoom;
  usePort(node, port, 1);
  return Status.Ok;
}

/** Returns: Ok or NotFound. */
export function neighborRemove(node: usize, rec: usize): Status {
  const entry = neighborEntry(node, rec);
  if (entry == 0) return Status.NotFound;
  cuckooRemove(node + MAP, entry);
  usePort(node, load<u16>(rec, NeighborAt.Port), -1);
  return Status.Ok;
}

/** The entry of a record's port and address, or 0. */
export function neighborEntry(node: usize, rec: usize): usize {
  return cuckooFind(node + MAP, keyOfRecord(rec));
}

/** Writes an entry as a record. */
export function neighborTell(entry: usize, rec: usize): void {
  const key = cuckooKey(entry);
  memory.fill(rec, 0, NeighborAt.End);
  store<u16>(rec, FAMILY_IPV4, NeighborAt.Family);
  store<u16>(rec, <u16>(key >> 32), NeighborAt.Port);
  store<u64>(rec, cuckooBody(entry), NeighborAt.Mac);
  store<u32>(rec, bswap<u32>(<u32>key), NeighborAt.Address);
}

/** The cursor behind the first entry at or behind `cursor`, or 0. */
export function neighborNext(node: usize, cursor: u32): u32 {
  return cuckooNext(node + MAP, cursor);
}

/** The entry in front of `cursor`, which neighborNext gave. */
export function neighborBefore(node: usize, cursor: u32): usize {
  return cuckooPlace(node + MAP, cursor - 1);
}

function keyOfRecord(rec: usize): u64 {
  return keyOf(load<u16>(rec, NeighborAt.Port), bswap<u32>(load<u32>(rec, NeighborAt.Address)));
}

function keyOf(port: u32, address: u32): u64 {
  return ((<u64>port) << 32) | address;
}
