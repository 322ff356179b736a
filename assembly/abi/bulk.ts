// The calls that take many records: one loop, and what each of them does with a record.
import { advance, isRecords, isTime, nowSeconds } from "../base/node";
import { Status } from "../base/status";
import { FdbAt, fdbRemove, fdbSet } from "../table/fdb";
import { FloodAt, floodRemove, floodSet } from "../table/flood";
import { NeighborAt, neighborRemove, neighborSet } from "../table/neighbor";
import { routeGet, routeInsert, routeRemove } from "../table/route";
import {
  addressOf,
  hasMac,
  hasNeighbor,
  hasPrefix,
  isFdb,
  isFlood,
  isNeighbor,
  isRoute,
  lenOf,
  RouteAt,
  RouteFlag,
} from "./record";

const RECORD_LEN: u32 = FdbAt.End; // but for the flood list's

if (NeighborAt.End + RouteAt.End != 2 * RECORD_LEN) ERROR("bulk: records of one length");

/** What is done with each record. */
export const enum Bulk {
  FdbSet,
  FdbRemove,
  FloodSet,
  FloodRemove,
  NeighborSet,
  NeighborRemove,
  RouteSet,
  RouteRemove,
}

/** The time of a call that is given none: the latest one stays. */
export const NO_TIME: f64 = 0;

/** Does `bulk` with each record in turn and writes its status. Returns: how many succeeded. */
export function forEach(node: usize, recs: usize, count: u32, bulk: Bulk, nowMs: f64): i32 {
  const recordLen = recordLenOf(bulk);
  if (!isRecords(node, recs, count, recordLen) || !isTime(nowMs)) return Status.BadArgument;
  advance(node, nowMs);
  let done: i32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const rec = recs + i * recordLen;
    const answer = apply(node, rec, bulk);
    store<i16>(rec + statusAt(bulk), <i16>answer);
    if (answer == Status.Ok) done += 1;
  }
  return done;
}

function recordLenOf(bulk: Bulk): u32 {
  return bulk == Bulk.FloodSet || bulk == Bulk.FloodRemove ? FloodAt.End : RECORD_LEN;
}

function statusAt(bulk: Bulk): usize {
  if (bulk <= Bulk.FdbRemove) return FdbAt.Status;
  if (bulk <= Bulk.FloodRemove) return FloodAt.Status;
  return bulk <= Bulk.NeighborRemove ? NeighborAt.Status : RouteAt.Status;
}

function apply(node: usize, rec: usize, bulk: Bulk): Status {
  switch (bulk) {
    case Bulk.FdbSet:
      return isFdb(rec) ? fdbSet(node, rec, nowSeconds(node)) : Status.BadArgument;
    case Bulk.FdbRemove:
      return hasMac(rec) ? fdbRemove(node, rec, nowSeconds(node)) : Status.BadArgument;
    case Bulk.FloodSet:
      return isFlood(rec) ? floodSet(node, rec) : Status.BadArgument;
    case Bulk.FloodRemove:
      return isFlood(rec) ? removeFlood(node, rec) : Status.BadArgument;
    case Bulk.NeighborSet:
      return isNeighbor(rec) ? neighborSet(node, rec) : Status.BadArgument;
    case Bulk.NeighborRemove:
      return hasNeighbor(rec) ? neighborRemove(node, rec) : Status.BadArgument;
    case Bulk.RouteSet:
      return isRoute(rec) ? setRoute(node, rec) : Status.BadArgument;
    default:
      return hasPrefix(rec) ? routeRemove(node, addressOf(rec), lenOf(rec)) : Status.BadArgument;
  }
}

function removeFlood(node: usize, rec: usize): Status {
  return floodRemove(node, load<u16>(rec, FloodAt.Domain), load<u32>(rec, FloodAt.Port));
}

function setRoute(node: usize, rec: usize): Status {
  const flags: i32 = load<u16>(rec, RouteAt.Flags);
  const address = addressOf(rec);
  const len = lenOf(rec);
  if (flags != 0) {
    const isThere = routeGet(node, address, len) >= 0;
    if (isThere && flags == RouteFlag.CreateOnly) return Status.Exists;
    if (!isThere && flags == RouteFlag.ReplaceOnly) return Status.NotFound;
  }
  return routeInsert(node, address, len, load<u32>(rec, RouteAt.Hop));
}
