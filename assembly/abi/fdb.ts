import { advance, isNode, isRecord, isTime, isWords, nowSeconds } from "../base/node";
import { Status } from "../base/status";
import {
  FdbAt,
  FdbFlag,
  fdbAge,
  fdbBefore,
  fdbEntry,
  fdbFindAll,
  fdbFlush,
  fdbNext,
  fdbTell,
  isExpired,
} from "../table/fdb";
import { Bulk, forEach, NO_TIME } from "./bulk";
import { hasFdbTail, hasMac } from "./record";

/**
 * Makes or replaces entries, in order.
 *
 * node    from node_open
 * recs    FDB records; each gets its status
 * count   records
 * now_ms  the caller's clock
 * returns how many succeeded, or BadArgument; per record Ok, BadArgument, NotFound, NoRoom
 */
export function fdb_set(node: usize, recs: usize, count: u32, now_ms: f64): i32 {
  return forEach(node, recs, count, Bulk.FdbSet, now_ms);
}

/**
 * Removes entries by Domain and Mac. One that expired by the latest time is not found, and goes.
 *
 * node    from node_open
 * recs    FDB records; each gets its status
 * count   records
 * returns how many succeeded, or BadArgument; per record Ok, BadArgument, NotFound
 */
export function fdb_remove(node: usize, recs: usize, count: u32): i32 {
  return forEach(node, recs, count, Bulk.FdbRemove, NO_TIME);
}

/**
 * Fills a record in by its Domain and Mac.
 *
 * node    from node_open
 * rec     an FDB record
 * now_ms  the caller's clock
 * returns Ok, NotFound (an expired entry too), or BadArgument
 */
export function fdb_get(node: usize, rec: usize, now_ms: f64): i32 {
  if (!isRecord(node, rec, FdbAt.End) || !isTime(now_ms) || !hasMac(rec)) return Status.BadArgument;
  const nowS = advance(node, now_ms);
  const entry = fdbEntry(node, rec);
  if (entry == 0 || isExpired(node, entry, nowS)) return Status.NotFound;
  fdbTell(entry, rec, nowS);
  return Status.Ok;
}

/**
 * Looks many stations up.
 *
 * node    from node_open
 * keys    u64[count], 8-aligned, mac << 16 | domain
 * out     u32[count], port | remote << 16, or 0xffffffff; may be the same place
 * count   keys
 * now_ms  the caller's clock
 * returns hits, or BadArgument
 */
export function fdb_lookup_bulk(
  node: usize,
  keys: usize,
  out: usize,
  count: u32,
  now_ms: f64,
): i32 {
  if (!isWords(node, keys, count, sizeof<u64>())) return Status.BadArgument;
  if (!isWords(node, out, count, sizeof<u32>()) || !isTime(now_ms)) return Status.BadArgument;
  return <i32>fdbFindAll(node, keys, out, count, advance(node, now_ms));
}

/**
 * Removes expired entries, a part of the table at a time.
 *
 * node    from node_open
 * budget  buckets of four entries to look at; the next call goes on behind them
 * now_ms  the caller's clock
 * returns how many were removed, or BadArgument
 */
export function fdb_age(node: usize, budget: u32, now_ms: f64): i32 {
  if (!isNode(node) || !isTime(now_ms)) return Status.BadArgument;
  return fdbAge(node, budget, advance(node, now_ms));
}

/**
 * Removes entries by Domain, Port and Remote, 0xffff for any; learned ones only, unless Flags has
 * Static.
 *
 * node    from node_open
 * rec     an FDB record; its Mac is zero
 * returns how many were removed, or BadArgument
 */
export function fdb_flush(node: usize, rec: usize): i32 {
  if (!isRecord(node, rec, FdbAt.End) || hasMac(rec) || !hasFdbTail(rec)) return Status.BadArgument;
  const flags: u32 = load<u16>(rec, FdbAt.Flags);
  if ((flags & ~FdbFlag.Static) != 0) return Status.BadArgument;
  const domain: u32 = load<u16>(rec, FdbAt.Domain);
  const port: u32 = load<u16>(rec, FdbAt.Port);
  return fdbFlush(node, domain, port, load<u16>(rec, FdbAt.Remote), flags != 0);
}

/**
 * Walks over all entries but those that expired by the latest time. What is added or removed on
 * the way may be seen or not.
 *
 * node    from node_open
 * cursor  0 to begin, then what the last call returned
 * rec     takes an FDB record
 * returns the next cursor; 0 at the end, and then rec is untouched; or BadArgument
 */
export function fdb_next(node: usize, cursor: u32, rec: usize): i32 {
  if (!isRecord(node, rec, FdbAt.End)) return Status.BadArgument;
  const nowS = nowSeconds(node);
  const next = fdbNext(node, cursor, nowS);
  if (next != 0) fdbTell(fdbBefore(node, next), rec, nowS);
  return <i32>next;
}
