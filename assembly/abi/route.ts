import { isZero } from "../base/arith";
import { checkRecords } from "../base/node";
import { Status } from "../base/status";
import { isPrefix, KEY_END, keyAddress, keyLen, keyOf } from "../table/prefix";
import {
  routeFind,
  routeGet,
  routeInsert,
  routeMatch,
  routeNext,
  routeRemove,
} from "../table/route";

/** A route record, 32 bytes. */
export const enum RouteAt {
  Family = 0, // u16: 4
  Len = 2, // u16
  Status = 4, // i16, written by bulk calls
  Flags = 6, // u16, RouteFlag
  Address = 8, // u8[16], as in a packet; host bits zero
  Hop = 24, // u32, an index
  End = 32,
}

export const enum RouteFlag {
  CreateOnly = 1, // Exists when the prefix is there
  ReplaceOnly = 2, // NotFound when it is not
}

const ADDRESS_LEN: u32 = 4; // of IPv4; the rest of a record's address is zero
const LEN_BEGIN: u32 = 0xffff; // in front of every prefix
const FAMILY_IPV4: u32 = 4;

/**
 * Makes or replaces routes, in order.
 *
 * node    an address from node_open
 * recs    route records; each gets its status
 * count   records
 * returns how many succeeded, or BadArgument; per record Ok, BadArgument, NotFound, Exists, NoRoom
 */
export function route_set(node: usize, recs: usize, count: u32): i32 {
  const status = checkRecords(node, recs, count, RouteAt.End);
  if (status != Status.Ok) return status;
  let done: i32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const rec = recs + i * RouteAt.End;
    done += report(rec, insert(node, rec));
  }
  return done;
}

function insert(node: usize, rec: usize): Status {
  const flags: i32 = load<u16>(rec, RouteAt.Flags);
  if (!hasPrefix(rec) || flags > RouteFlag.ReplaceOnly) return Status.BadArgument;
  const address = addressOf(rec);
  const len = lenOf(rec);
  if (flags != 0) {
    const isThere = routeGet(node, address, len) >= 0;
    if (isThere && flags == RouteFlag.CreateOnly) return Status.Exists;
    if (!isThere && flags == RouteFlag.ReplaceOnly) return Status.NotFound;
  }
  return routeInsert(node, address, len, load<u32>(rec, RouteAt.Hop));
}

/**
 * Takes routes away, in order. The hop of a record is not looked at.
 *
 * node    an address from node_open
 * recs    route records; each gets its status
 * count   records
 * returns how many succeeded, or BadArgument; per record Ok, BadArgument, NotFound
 */
export function route_remove(node: usize, recs: usize, count: u32): i32 {
  const status = checkRecords(node, recs, count, RouteAt.End);
  if (status != Status.Ok) return status;
  let done: i32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const rec = recs + i * RouteAt.End;
    done += report(rec, remove(node, rec));
  }
  return done;
}

function remove(node: usize, rec: usize): Status {
  if (!hasPrefix(rec)) return Status.BadArgument;
  return routeRemove(node, addressOf(rec), lenOf(rec));
}

/**
 * Reads the route of exactly this prefix.
 *
 * node    an address from node_open
 * rec     a route record with family, address and length; gets the rest
 * returns Ok, NotFound, or BadArgument
 */
export function route_get(node: usize, rec: usize): i32 {
  const status = checkRecords(node, rec, 1, RouteAt.End);
  if (status != Status.Ok) return status;
  if (!hasPrefix(rec)) return Status.BadArgument;
  const hop = routeGet(node, addressOf(rec), lenOf(rec));
  if (hop < 0) return hop;
  emit(rec, addressOf(rec), lenOf(rec), hop);
  return Status.Ok;
}

/**
 * Finds the longest prefix that covers an address.
 *
 * node    an address from node_open
 * rec     a route record with family and address; gets the route
 * returns Ok, NotFound, or BadArgument
 */
export function route_lookup(node: usize, rec: usize): i32 {
  const status = checkRecords(node, rec, 1, RouteAt.End);
  if (status != Status.Ok) return status;
  if (!hasAddress(rec)) return Status.BadArgument;
  const match = routeMatch(node, addressOf(rec));
  if (match < 0) return match;
  const len: u32 = match >> 16;
  const hostBits = <u32>(<u64>0xffffffff >> len);
  emit(rec, addressOf(rec) & ~hostBits, len, match & 0xffff);
  return Status.Ok;
}

/**
 * Finds the hops of many addresses.
 *
 * node        an address from node_open
 * addresses   u32[count], host order
 * out         u32[count], a hop or 0xffffffff; may be the same place
 * count       addresses
 * returns     how many were found, or BadArgument
 */
export function route_lookup_bulk(node: usize, addresses: usize, out: usize, count: u32): i32 {
  const status = checkRecords(node, addresses, count, sizeof<u32>());
  if (status != Status.Ok) return status;
  if (checkRecords(node, out, count, sizeof<u32>()) != Status.Ok) return Status.BadArgument;
  let hits: i32 = 0;
  const end = addresses + (count << 2);
  for (; addresses < end; addresses += sizeof<u32>()) {
    const hop = routeFind(node, load<u32>(addresses));
    if (hop >= 0) hits += 1;
    store<u32>(out, hop < 0 ? 0xffffffff : hop);
    out += sizeof<u32>();
  }
  return hits;
}

/**
 * Goes on to the route that follows a prefix, by address, then by length. The prefix itself need
 * not be a route.
 *
 * node    an address from node_open
 * rec     a route record with family, address and length, or length 0xffff; gets the route
 * returns Ok, NotFound, or BadArgument
 */
export function route_next(node: usize, rec: usize): i32 {
  const status = checkRecords(node, rec, 1, RouteAt.End);
  if (status != Status.Ok) return status;
  const isBegin = lenOf(rec) == LEN_BEGIN;
  if (!(isBegin ? hasAddress(rec) : hasPrefix(rec))) return Status.BadArgument;
  const key = routeNext(node, isBegin ? 0 : keyOf(addressOf(rec), lenOf(rec)) + 1);
  if (key == KEY_END) return Status.NotFound;
  emit(rec, keyAddress(key), keyLen(key), routeGet(node, keyAddress(key), keyLen(key)));
  return Status.Ok;
}

function hasAddress(rec: usize): bool {
  if (load<u16>(rec, RouteAt.Family) != FAMILY_IPV4) return false;
  const tail = rec + RouteAt.Address + ADDRESS_LEN;
  return isZero(tail, RouteAt.Hop - RouteAt.Address - ADDRESS_LEN);
}

function hasPrefix(rec: usize): bool {
  return hasAddress(rec) && isPrefix(addressOf(rec), lenOf(rec));
}

function addressOf(rec: usize): u32 {
  return bswap<u32>(load<u32>(rec, RouteAt.Address));
}

function lenOf(rec: usize): u32 {
  return load<u16>(rec, RouteAt.Len);
}

/** Writes the status of a record. Returns: 1 for Ok, 0 for all else. */
function report(rec: usize, status: Status): i32 {
  store<i16>(rec, <i16>status, RouteAt.Status);
  return status == Status.Ok ? 1 : 0;
}

function emit(rec: usize, address: u32, len: u32, hop: u32): void {
  memory.fill(rec, 0, RouteAt.End);
  store<u16>(rec, <u16>FAMILY_IPV4, RouteAt.Family);
  store<u16>(rec, <u16>len, RouteAt.Len);
  store<u32>(rec, bswap<u32>(address), RouteAt.Address);
  store<u32>(rec, hop, RouteAt.Hop);
}
