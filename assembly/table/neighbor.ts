// Neighbors: which MAC answers for an address at a port, in which state, and since when. How they
// come from state to state stands in reach.ts.
//
// An entry is 16 bytes: port and address in the key, six bytes of MAC, and behind them a word of
// state, requests sent, and a stamp of eleven bits: seconds in a state that may last, units of
// eight milliseconds in one that may not. Stamps wrap after 34 minutes and after 16 seconds; a tick
// that comes round less often may find an entry young again, and leaves it for the next round.
//
// While nobody knows the MAC, its bytes count the packets that wait.
import { nodeAt, nowMilliseconds, nowSeconds } from "../base/node";
import { Status } from "../base/status";
import {
  cuckooAdd,
  cuckooBody,
  cuckooFind,
  cuckooKey,
  cuckooLay,
  cuckooNext,
  cuckooPlace,
  cuckooPlaces,
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
  AgeS = 14, // u16, read
  Address = 16, // u8[16]
  End = 32,
}

export const enum NeighborState {
  Reachable = 1,
  Permanent = 2,
  Stale = 3, // the last that a host may set, and that may last
  Delay = 4,
  Probe = 5,
  Incomplete = 6, // the first without a MAC
  Failed = 7,
}

// Behind the header of the map.
namespace at {
  export const ROUND: usize = nodeAt.NEIGHBOR + 64; // u32, the place that was looked at last
  export const NAMELESS: usize = nodeAt.NEIGHBOR + 68; // u32, entries without a MAC
}

const MAP: usize = nodeAt.NEIGHBOR;
const NO_MAC: u64 = ~0;
const MAC_MASK: u64 = 0xffffffffffff;
const FAMILY_IPV4: u16 = 4;

// The word behind the MAC.
const WORD: usize = 14; // of an entry
const WORD_AT: u32 = 48; // bits behind the MAC
const STATE_MASK: u32 = 7;
const ASKED_AT: u32 = 3;
const STAMP_AT: u32 = 5;
const STAMP_MASK: u32 = 0x7ff;

/** The most requests that an entry can count. */
export const ASKED_MAX: u32 = 3;

/** Units of a short age in a second. */
export const SHORT_PER_S: u32 = 125;
const SHORT_SHIFT: u32 = 3; // eight milliseconds

const NEVER: u16 = <u16>STAMP_MASK + 1;

// How old an entry may become in each state, in its own units. Linux's times, but that no entry
// without a MAC outlives three seconds, and no unused one twenty minutes.
const limits: usize = memory.data<u16>([NEVER, 30, NEVER, 1200, 625, 125, 125, 375], 2);

if (SHORT_PER_S << SHORT_SHIFT != 1000) ERROR("neighbor: a second is exact");
if (ASKED_MAX << ASKED_AT >= 1 << STAMP_AT) ERROR("neighbor: requests are counted in two bits");

/** Returns: the first address behind the table. */
export function layNeighbors(node: usize, base: usize, neighbors: u32, seed: u64): usize {
  return cuckooLay(node + MAP, base, neighbors, seed);
}

/** The MAC that answers for `address` at `port`, or ~0. */
export function neighborFind(node: usize, port: u32, address: u32): u64 {
  return neighborFindKey(node, neighborKey(port, address));
}

/** The same for a key of `port << 32 | address`, which may be any number. */
export function neighborFindKey(node: usize, key: u64): u64 {
  const entry = neighborAt(node, key);
  return entry == 0 || isNameless(stateOf(entry)) ? NO_MAC : neighborMac(entry);
}

/** True when a permanent entry says that `address` at `port` is `mac`. */
export function isAssigned(node: usize, port: u32, address: u32, mac: u64): bool {
  const entry = neighborAt(node, neighborKey(port, address));
  return entry != 0 && stateOf(entry) == NeighborState.Permanent && neighborMac(entry) == mac;
}

/** Makes or replaces an entry. Requires: a legal record. Returns: Ok, NotFound or NoRoom. */
export function neighborSet(node: usize, rec: usize): Status {
  const port: u32 = load<u16>(rec, NeighborAt.Port);
  if (portAt(node, port) == 0) return Status.NotFound;
  const mac = load<u64>(rec, NeighborAt.Mac) & MAC_MASK;
  const state: u32 = load<u8>(rec, NeighborAt.State);
  const entry = neighborEntry(node, rec);
  if (entry != 0) {
    neighborPut(node, entry, mac, state, 0);
    return Status.Ok;
  }
  const isMade = neighborAdd(node, keyOfRecord(rec), mac, state, neighborPlaces(node));
  return isMade ? Status.Ok : Status.NoRoom;
}

/** Returns: Ok or NotFound. */
export function neighborRemove(node: usize, rec: usize): Status {
  const entry = neighborEntry(node, rec);
  if (entry == 0) return Status.NotFound;
  neighborDrop(node, entry);
  return Status.Ok;
}

/** The entry of a record's port and address, or 0. */
export function neighborEntry(node: usize, rec: usize): usize {
  return neighborAt(node, keyOfRecord(rec));
}

/** The entry of a key, or 0. */
export function neighborAt(node: usize, key: u64): usize {
  return key == 0 ? 0 : cuckooFind(node + MAP, key); // zero would find a free place
}

/** Writes an entry as a record. */
export function neighborTell(node: usize, entry: usize, rec: usize): void {
  const state = neighborState(node, entry);
  const age = neighborAge(node, entry);
  memory.fill(rec, 0, NeighborAt.End);
  store<u16>(rec, FAMILY_IPV4, NeighborAt.Family);
  store<u16>(rec, <u16>neighborPort(entry), NeighborAt.Port);
  if (!isNameless(state)) store<u64>(rec, neighborMac(entry), NeighborAt.Mac);
  store<u8>(rec, <u8>state, NeighborAt.State);
  const ageS = isShort(state) ? age / SHORT_PER_S : age;
  if (state != NeighborState.Permanent) store<u16>(rec, <u16>ageS, NeighborAt.AgeS);
  store<u32>(rec, bswap<u32>(neighborAddress(entry)), NeighborAt.Address);
}

/** The cursor behind the first entry at or behind `cursor`, or 0. */
export function neighborNext(node: usize, cursor: u32): u32 {
  return cuckooNext(node + MAP, cursor);
}

/** The entry in front of `cursor`, which neighborNext gave. */
export function neighborBefore(node: usize, cursor: u32): usize {
  return cuckooPlace(node + MAP, cursor - 1);
}

export function neighborPort(entry: usize): u32 {
  return <u32>(cuckooKey(entry) >> 32);
}

export function neighborAddress(entry: usize): u32 {
  return <u32>cuckooKey(entry);
}

/** The MAC of an entry; of one that has none, a number below 2^48 of the owner's choice. */
export function neighborMac(entry: usize): u64 {
  return cuckooBody(entry) & MAC_MASK;
}

/** Requests that were sent in this state. */
export function neighborAsked(entry: usize): u32 {
  return (<u32>load<u16>(entry, WORD) >> ASKED_AT) & ASKED_MAX;
}

/** The state now, whether a tick has seen the entry or not. */
export function neighborState(node: usize, entry: usize): u32 {
  const state = stateOf(entry);
  const isOld = state == NeighborState.Reachable && isDue(node, entry);
  return isOld ? <u32>NeighborState.Stale : state;
}

/** True when an entry has been in its state for as long as it may. */
export function isDue(node: usize, entry: usize): bool {
  return neighborAge(node, entry) >= load<u16>(limits + (stateOf(entry) << 1));
}

/** How long an entry has been in its state, in the state's units. */
export function neighborAge(node: usize, entry: usize): u32 {
  const stamp = <u32>load<u16>(entry, WORD) >> STAMP_AT;
  return (clockFor(node, stateOf(entry)) - stamp) & STAMP_MASK;
}

// The clock of a state.
function clockFor(node: usize, state: u32): u32 {
  return isShort(state) ? <u32>(nowMilliseconds(node) >> SHORT_SHIFT) : nowSeconds(node);
}

// True for a state that does not last.
function isShort(state: u32): bool {
  return state > <u32>NeighborState.Stale;
}

/** The state as it was written. */
export function stateOf(entry: usize): u32 {
  return <u32>load<u16>(entry, WORD) & STATE_MASK;
}

/** True for a state in which nobody knows the MAC. */
export function isNameless(state: u32): bool {
  return state >= <u32>NeighborState.Incomplete;
}

/** Entries in such a state. */
export function nameless(node: usize): u32 {
  return load<u32>(node + at.NAMELESS);
}

/** Gives an entry a MAC and a state, as of now. */
export function neighborPut(node: usize, entry: usize, mac: u64, state: u32, asked: u32): void {
  const more = <i32>isNameless(state) - <i32>isNameless(stateOf(entry));
  store<u32>(node + at.NAMELESS, nameless(node) + more);
  const word = state | (asked << ASKED_AT) | (clockFor(node, state) << STAMP_AT);
  cuckooPut(entry, mac | ((<u64>word) << WORD_AT));
}

/** A MAC that is not confirmed any more: the entry keeps its age. Requires: Reachable. */
export function neighborWither(entry: usize): void {
  const word: u32 = load<u16>(entry, WORD);
  store<u16>(entry, <u16>(word ^ NeighborState.Reachable ^ NeighborState.Stale), WORD);
}

/**
 * Makes an entry, as of now; `turns` places are looked at for one that may go where there is no
 * room. Returns: true, or false when there is none. Requires: it is not there, the port is set.
 */
export function neighborAdd(node: usize, key: u64, mac: u64, state: u32, turns: u32): bool {
  let entry = cuckooAdd(node + MAP, key, 0);
  if (entry == 0 && makeRoom(node, state, turns)) entry = cuckooAdd(node + MAP, key, 0);
  if (entry == 0) return false;
  usePort(node, <u32>(key >> 32), 1);
  neighborPut(node, entry, mac, state, isNameless(state) ? 1 : 0);
  return true;
}

/** Takes an entry away. */
export function neighborDrop(node: usize, entry: usize): void {
  usePort(node, neighborPort(entry), -1);
  store<u32>(node + at.NAMELESS, nameless(node) - <u32>isNameless(stateOf(entry)));
  cuckooRemove(node + MAP, entry);
}

/**
 * Drops the first entry, going round, that goes for one in `state`: a failed one for any, one that
 * is not in use for any but a failed one, one that never was for one with a MAC. Returns: whether
 * there was one.
 */
export function makeRoom(node: usize, state: u32, turns: u32): bool {
  for (; turns > 0; turns--) {
    const entry = neighborRound(node);
    if (cuckooKey(entry) == 0) continue;
    const other = neighborState(node, entry);
    const isStaler = other == NeighborState.Stale && state != NeighborState.Failed;
    const isNever = other == NeighborState.Incomplete && !isNameless(state);
    if (other != NeighborState.Failed && !isStaler && !isNever) continue;
    neighborDrop(node, entry);
    return true;
  }
  return false;
}

/** The next place of the table, going round; its entry may be a free one. */
export function neighborRound(node: usize): usize {
  const place = load<u32>(node + at.ROUND);
  store<u32>(node + at.ROUND, place + 1 == neighborPlaces(node) ? 0 : place + 1);
  return cuckooPlace(node + MAP, place);
}

/** Places to go round. */
export function neighborPlaces(node: usize): u32 {
  return cuckooPlaces(node + MAP);
}

/** What a port and an address are found by. */
export function neighborKey(port: u32, address: u32): u64 {
  return ((<u64>port) << 32) | address;
}

function keyOfRecord(rec: usize): u64 {
  const address = bswap<u32>(load<u32>(rec, NeighborAt.Address));
  return neighborKey(load<u16>(rec, NeighborAt.Port), address);
}
