import { isRecord, isWords } from "../base/node";
import { Status } from "../base/status";
import { routeFindEach } from "../table/lookup";
import { KEY_END, keyAddress, keyLen, keyOf } from "../table/prefix";
import { routeGet, routeMatch, routeNext } from "../table/route";
import { Bulk, forEach, NO_TIME } from "./bulk";
import { addressOf, FAMILY_IPV4, hasAddress, hasPrefix, lenOf, RouteAt } from "./record";

const LEN_BEGIN: u32 = 0xffff; // in front of every prefix

/**
 * Makes or replaces routes, in order.
 *
 * node    an address from node_open
 * recs    route records; each gets its status
 * count   records
 * returns how many succeeded, or BadArgument; per record Ok, BadArgument, NotFound, Exists, NoRoom
 */
export function route_set(node: usize, recs: usize, count: u32): i32 {
  return forEach(node, recs, count, Bulk.RouteSet, NO_TIME);
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
  return forEach(node, recs, count, Bulk.RouteRemove, NO_TIME);
}

/**
 * Reads the route of exactly this prefix.
 *
 * node    an address from node_open
 * rec     a route record with family, address and length; gets the rest
 * returns Ok, NotFound, or BadArgument
 */
export function route_get(node: usize, rec: usize): i32 {
  if (!isRecord(node, rec, RouteAt.End)) return Status.BadArgument;
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
  if (!isRecord(node, rec, RouteAt.End)) return Status.BadArgument;
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
  if (!isWords(node, addresses, count, sizeof<u32>())) return Status.BadArgument;
  if (!isWords(node, out, count, sizeof<u32>())) return Status.BadArgument;
  return routeFindEach(node, addresses, out, count);
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
  if (!isRecord(node, rec, RouteAt.End)) return Status.BadArgument;
  const isBegin = lenOf(rec) == LEN_BEGIN;
  if (!(isBegin ? hasAddress(rec) : hasPrefix(rec))) return Status.BadArgument;
  const key = routeNext(node, isBegin ? 0 : keyOf(addressOf(rec), lenOf(rec)) + 1);
  if (key == KEY_END) return Status.NotFound;
  emit(rec, keyAddress(key), keyLen(key), routeGet(node, keyAddress(key), keyLen(key)));
  return Status.Ok;
}

function emit(rec: usize, address: u32, len: u32, hop: u32): void {
  memory.fill(rec, 0, RouteAt.End);
  store<u16>(rec, <u16>FAMILY_IPV4, RouteAt.Family);
  store<u16>(rec, <u16>len, RouteAt.Len);
  store<u32>(rec, bswap<u32>(address), RouteAt.Address);
  store<u32>(rec, hop, RouteAt.Hop);
}
