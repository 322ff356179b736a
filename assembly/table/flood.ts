// The flood list: a chain of entries for each domain, in the order of setting. A cursor is an
// entry's index plus one, and zero is nobody.
import { layTable, nodeAt, tableAt } from "../base/node";
import { Status } from "../base/status";
import { Domain, domainAt, useDomain } from "./domain";
import { isPlace, usePlace } from "./place";

/** A flood record, 16 bytes. */
export const enum FloodAt {
  Domain = 0, // u16
  Port = 2, // u16
  Remote = 4, // u16, or 0xffff
  Flags = 6, // u16, zero
  Status = 8, // i16, written by bulk calls
  End = 16,
}

// The list's header goes on from tableAt.
namespace listAt {
  export const FREE: usize = 12; // a cursor
  export const FRESH: usize = 16; // entries that were never used begin here
}

namespace entryAt {
  export const PLACE: usize = 0; // port | remote << 16
  export const DOMAIN: usize = 4;
  export const IS_TAKEN: usize = 6; // u16
  export const NEXT: usize = 8; // a cursor
  export const END: usize = 16;
}

const ENTRY_LEN: u32 = <u32>entryAt.END;

/** Returns: the first address behind the table. */
export function layFlood(node: usize, base: usize, capacity: u32): usize {
  return layTable(node + nodeAt.FLOOD, base, capacity, capacity * ENTRY_LEN);
}

/** The first entry of a domain, or 0. */
export function floodFirst(node: usize, domain: u32): u32 {
  const row = domainAt(node, domain);
  return row == 0 ? 0 : Domain.at(row).floodFirst;
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
  const row = Domain.at(domainAt(node, domain));
  if (changetype<usize>(row) == 0 || !isPlace(node, place)) return Status.NotFound;
  for (let cursor = row.floodFirst; cursor != 0; cursor = floodNext(node, cursor)) {
    if (floodPlace(node, cursor) == place) return Status.Ok;
  }
  const cursor = takeEntry(node);
  if (cursor == 0) return Status.NoRoom;
  const entry = entryOf(node, cursor);
  store<u32>(entry, place, entryAt.PLACE);
  store<u16>(entry, <u16>domain, entryAt.DOMAIN);
  store<u16>(entry, 1, entryAt.IS_TAKEN);
  store<u32>(entry, 0, entryAt.NEXT);
  if (row.floodLast == 0) row.setFloodFirst(cursor);
  else store<u32>(entryOf(node, row.floodLast), cursor, entryAt.NEXT);
  row.setFloodLast(cursor);
  account(node, domain, place, 1);
  return Status.Ok;
}

/** Takes an entry away. Returns: Ok or NotFound. */
export function floodRemove(node: usize, rec: usize): Status {
  const domain: u32 = load<u16>(rec, FloodAt.Domain);
  const place = load<u32>(rec, FloodAt.Port);
  let before: u32 = 0;
  for (let cursor = floodFirst(node, domain); cursor != 0; cursor = floodNext(node, cursor)) {
    if (floodPlace(node, cursor) == place) {
      unchain(node, domain, before, cursor);
      return Status.Ok;
    }
    before = cursor;
  }
  return Status.NotFound;
}

/** Takes a remote out of every domain's chain. */
export function floodFlush(node: usize, remote: u32): void {
  for (let cursor = floodTaken(node, 0); cursor != 0; cursor = floodTaken(node, cursor)) {
    if (floodPlace(node, cursor) >> 16 != remote) continue;
    const domain: u32 = load<u16>(entryOf(node, cursor), entryAt.DOMAIN);
    let before: u32 = 0;
    for (let at = floodFirst(node, domain); at != cursor; at = floodNext(node, at)) before = at;
    unchain(node, domain, before, cursor);
  }
}

/** The first taken entry behind `cursor` in the order of memory, or 0. */
export function floodTaken(node: usize, cursor: u32): u32 {
  const fresh = load<u32>(node + nodeAt.FLOOD, listAt.FRESH);
  for (let at = cursor; at < fresh; at++) {
    if (load<u16>(entryOf(node, at + 1), entryAt.IS_TAKEN) != 0) return at + 1;
  }
  return 0;
}

/** Writes an entry as a record. */
export function floodTell(node: usize, cursor: u32, rec: usize): void {
  const entry = entryOf(node, cursor);
  memory.fill(rec, 0, FloodAt.End);
  store<u16>(rec, load<u16>(entry, entryAt.DOMAIN), FloodAt.Domain);
  store<u32>(rec, load<u32>(entry, entryAt.PLACE), FloodAt.Port);
}

function unchain(node: usize, domain: u32, before: u32, cursor: u32): void {
  const list = node + nodeAt.FLOOD;
  const row = Domain.at(domainAt(node, domain));
  const entry = entryOf(node, cursor);
  const next = floodNext(node, cursor);
  if (before == 0) row.setFloodFirst(next);
  else store<u32>(entryOf(node, before), next, entryAt.NEXT);
  if (next == 0) row.setFloodLast(before);
  account(node, domain, floodPlace(node, cursor), -1);
  store<u16>(entry, 0, entryAt.IS_TAKEN);
  store<u32>(entry, load<u32>(list, listAt.FREE), entryAt.NEXT);
  store<u32>(list, cursor, listAt.FREE);
  store<u32>(list, load<u32>(list, tableAt.COUNT) - 1, tableAt.COUNT);
}

function takeEntry(node: usize): u32 {
  const list = node + nodeAt.FLOOD;
  const count = load<u32>(list, tableAt.COUNT);
  if (count == load<u32>(list, tableAt.CAPACITY)) return 0;
  store<u32>(list, count + 1, tableAt.COUNT);
  const free = load<u32>(list, listAt.FREE);
  if (free != 0) {
    store<u32>(list, floodNext(node, free), listAt.FREE);
    return free;
  }
  const fresh = load<u32>(list, listAt.FRESH) + 1;
  store<u32>(list, fresh, listAt.FRESH);
  return fresh;
}

function account(node: usize, domain: u32, place: u32, delta: i32): void {
  useDomain(node, domain, delta);
  usePlace(node, place, delta);
}

function entryOf(node: usize, cursor: u32): usize {
  return <usize>load<u32>(node + nodeAt.FLOOD, tableAt.BASE) + (cursor - 1) * ENTRY_LEN;
}
