// The flood list: a chain of entries for each domain, in the order of setting. Entries are rows; a
// cursor is an index plus one, and zero is nobody. A link is where a cursor stands: in the domain
// for its first entry and its last, in each entry for the next one and the one before. A map finds
// the entry of a place, so that chains are walked by floods alone.
import { nodeAt } from "../base/node";
import { Status } from "../base/status";
import { cuckooAdd, cuckooFind, cuckooLay, cuckooRemove, cuckooValue } from "./cuckoo";
import { Domain, domainAt, useDomain } from "./domain";
import { isPlace, usePlace } from "./place";
import { giveRow, layRows, MARK, rowFree, rowNext, rowPtr, shapeOf, takeRow } from "./rows";

/** A flood record, 16 bytes. */
export const enum FloodAt {
  Domain = 0, // u16
  Port = 2, // u16
  Remote = 4, // u16, or 0xffff
  Flags = 6, // u16, zero
  Status = 8, // i16, written by bulk calls
  End = 16,
}

// An entry. The mark says that somebody has it.
namespace entryAt {
  export const DOMAIN: usize = 0; // u16
  export const PLACE: usize = 4; // u32, port | remote << 16
  export const NEXT: usize = 8; // u32, a link
  export const BACK: usize = 12; // u32, a link
  export const END: usize = 16;
}

const ENTRY_LEN: u32 = <u32>entryAt.END;
const LIST: usize = nodeAt.FLOOD;
const MAP: usize = nodeAt.FLOOD + 64;
const ENTRY_KEY: u64 = 1 << 48; // port 0 and remote 0 of domain 0 are one too, and key 0 is none

/** Returns: the first address behind the table. */
export function layFlood(node: usize, base: usize, capacity: u32, seed: u64): usize {
  const shape = shapeOf(ENTRY_LEN, ENTRY_LEN, FloodAt.End);
  return cuckooLay(node + MAP, layRows(node + LIST, base, capacity, shape), capacity, seed);
}

/** The first entry of a domain, or 0. */
export function floodFirst(node: usize, domain: u32): u32 {
  const row = domainAt(node, domain);
  return row == 0 ? 0 : load<u32>(Domain.at(row).floodLink);
}

/** The entry behind `cursor`, or 0. */
export function floodNext(node: usize, cursor: u32): u32 {
  return load<u32>(entryOf(node, cursor), entryAt.NEXT);
}

/** port | remote << 16. */
export function floodPlace(node: usize, cursor: u32): u32 {
  return load<u32>(entryOf(node, cursor), entryAt.PLACE);
}

/** Appends an entry; one that is there is left. Returns: Ok, NotFound or NoRoom. */
export function floodSet(node: usize, rec: usize): Status {
  const domain: u32 = load<u16>(rec, FloodAt.Domain);
  const place = load<u32>(rec, FloodAt.Port);
  const row = domainAt(node, domain);
  if (row == 0 || !isPlace(node, place)) return Status.NotFound;
  if (cuckooFind(node + MAP, keyOf(domain, place)) != 0) return Status.Ok;
  const index = rowFree(node + LIST);
  if (index < 0 || cuckooAdd(node + MAP, keyOf(domain, place), index) == 0) return Status.NoRoom;
  takeRow(node + LIST);
  const last = load<u32>(Domain.at(row).floodLastLink);
  const entry = rowPtr(node + LIST, index);
  store<u16>(entry, <u16>domain, entryAt.DOMAIN);
  store<u16>(entry, 1, MARK);
  store<u32>(entry, place, entryAt.PLACE);
  join(node, row, last, index + 1);
  join(node, row, index + 1, 0);
  account(node, domain, place, 1);
  return Status.Ok;
}

/** Takes an entry away. Returns: Ok or NotFound. */
export function floodRemove(node: usize, domain: u32, place: u32): Status {
  const found = cuckooFind(node + MAP, keyOf(domain, place));
  if (found == 0) return Status.NotFound;
  const index = cuckooValue(found);
  const entry = rowPtr(node + LIST, index);
  join(
    node,
    domainAt(node, domain),
    load<u32>(entry, entryAt.BACK),
    load<u32>(entry, entryAt.NEXT),
  );
  cuckooRemove(node + MAP, found);
  giveRow(node + LIST, index);
  account(node, domain, place, -1);
  return Status.Ok;
}

/** Takes a remote out of every domain's chain. */
export function floodFlush(node: usize, remote: u32): void {
  for (let cursor = floodTaken(node, 0); cursor != 0; cursor = floodTaken(node, cursor)) {
    const place = floodPlace(node, cursor);
    if (place >> 16 == remote) floodRemove(node, domainOf(node, cursor), place);
  }
}

/** The first taken entry behind `cursor` in the order of memory, or 0. */
export function floodTaken(node: usize, cursor: u32): u32 {
  const index = rowNext(node + LIST, cursor - 1);
  return index < 0 ? 0 : index + 1;
}

/** Writes an entry as a record. */
export function floodTell(node: usize, cursor: u32, rec: usize): void {
  memory.fill(rec, 0, FloodAt.End);
  store<u16>(rec, <u16>domainOf(node, cursor), FloodAt.Domain);
  store<u32>(rec, floodPlace(node, cursor), FloodAt.Port);
}

// Lets two neighbors of a domain's chain know each other; 0 is the domain, at both of its ends.
function join(node: usize, row: usize, before: u32, behind: u32): void {
  const domain = Domain.at(row);
  const next = before == 0 ? domain.floodLink : entryOf(node, before) + entryAt.NEXT;
  const back = behind == 0 ? domain.floodLastLink : entryOf(node, behind) + entryAt.BACK;
  store<u32>(next, behind);
  store<u32>(back, before);
}

// Requires: domain below 2^16.
function keyOf(domain: u32, place: u32): u64 {
  return ENTRY_KEY | ((<u64>domain) << 32) | place;
}

function account(node: usize, domain: u32, place: u32, delta: i32): void {
  useDomain(node, domain, delta);
  usePlace(node, place, delta);
}

function domainOf(node: usize, cursor: u32): u32 {
  return load<u16>(entryOf(node, cursor), entryAt.DOMAIN);
}

function entryOf(node: usize, cursor: u32): usize {
  return rowPtr(node + LIST, cursor - 1);
}
