import { isZero } from "../base/arith";
import { advance, checkRecords, isNode, isRecords, isTime, nowSeconds } from "../base/node";
import { Status } from "../base/status";
import {
  FDB_MISS,
  FdbAt,
  FdbFlag,
  fdbAge,
  fdbBefore,
  fdbDrop,
  fdbEntry,
  fdbFindKey,
  fdbFlush,
  fdbNext,
  fdbSet,
  fdbTell,
  isExpired,
} from "../table/fdb";
import { report } from "./record";

const FLAG_MAX: u32 = FdbFlag.Permanent * 2 - 1;
const KEY_LEN: u32 = 8;
const PLACE_LEN: u32 = 4;

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
  const status = checkRecords(node, recs, count, FdbAt.End);
  if (status != Status.Ok || !isTime(now_ms)) return Status.BadArgument;
  const nowS = advance(node, now_ms);
  let done: i32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const rec = recs + i * FdbAt.End;
    const answer = isEntry(rec) ? fdbSet(node, rec, nowS) : Status.BadArgument;
    done += report(rec, FdbAt.Status, answer);
  }
  return done;
}

/**
 * Removes entries by Domain and Mac, expired ones too.
 *
 * node    from node_open
 * recs    FDB records; each gets its status
 * count   records
 * returns how many succeeded, or BadArgument; per record Ok, BadArgument, NotFound
 */
export function fdb_remove(node: usize, recs: usize, count: u32): i32 {
  const status = checkRecords(node, recs, count, FdbAt.End);
  if (status != Status.Ok) return status;
  let done: i32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const rec = recs + i * FdbAt.End;
    done += report(rec, FdbAt.Status, remove(node, rec));
  }
  return done;
}

function remove(node: usize, rec: usize): Status {
  if (!hasMac(rec)) return Status.BadArgument;
  const entry = fdbEntry(node, rec);
  if (entry == 0) return Status.NotFound;
  fdbDrop(node, entry);
  return Status.Ok;
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
  const status = checkRecords(node, rec, 1, FdbAt.End);
  if (status != Status.Ok || !isTime(now_ms) || !hasMac(rec)) return Status.BadArgument;
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
 * out     u32[count], port | remote << 16, or 0xffffffff; may not overlap keys
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
  if (!isNode(node) || !isTime(now_ms) || (keys & 7) != 0) return Status.BadArgument;
  if (!isRecords(node, keys, count, KEY_LEN)) return Status.BadArgument;
  if (!isRecords(node, out, count, PLACE_LEN)) return Status.BadArgument;
  if (out < keys + count * KEY_LEN && keys < out + count * PLACE_LEN) return Status.BadArgument;
  const nowS = advance(node, now_ms);
  let hits: i32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const place = fdbFindKey(node, load<u64>(keys + i * KEY_LEN), nowS);
    store<u32>(out + i * PLACE_LEN, place);
    if (place != FDB_MISS) hits += 1;
  }
  return hits;
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
  const status = checkRecords(node, rec, 1, FdbAt.End);
  if (status != Status.Ok || hasMac(rec) || !hasTail(rec)) return Status.BadArgument;
  const flags: u32 = load<u16>(rec, FdbAt.Flags);
  if ((flags & ~FdbFlag.Static) != 0) return Status.BadArgument;
  const domain: u32 = load<u16>(rec, FdbAt.Domain);
  const port: u32 = load<u16>(rec, FdbAt.Port);
  return fdbFlush(node, domain, port, load<u16>(rec, FdbAt.Remote), flags != 0);
}

/**
 * Walks over all entries, expired ones too. What is added or removed on the way may be seen or not.
 *
 * node    from node_open
 * cursor  0 to begin, then what the last call returned
 * rec     takes an FDB record
 * returns the next cursor; 0 at the end, and then rec is untouched; or BadArgument
 */
export function fdb_next(node: usize, cursor: u32, rec: usize): i32 {
  const status = checkRecords(node, rec, 1, FdbAt.End);
  if (status != Status.Ok) return status;
  const next = fdbNext(node, cursor);
  if (next != 0) fdbTell(fdbBefore(node, next), rec, nowSeconds(node));
  return <i32>next;
}

// A flag says what an entry is; sticky goes with learned and static ones.
function isEntry(rec: usize): bool {
  const flags: u32 = load<u16>(rec, FdbAt.Flags);
  const kind = flags & ~FdbFlag.Sticky;
  const isOneKind = flags <= FLAG_MAX && (kind & (kind - 1)) == 0;
  return isOneKind && hasMac(rec) && hasTail(rec);
}

function hasMac(rec: usize): bool {
  return !isZero(rec + FdbAt.Mac, 6);
}

function hasTail(rec: usize): bool {
  return isZero(rec + FdbAt.SeenS + 4, FdbAt.End - FdbAt.SeenS - 4);
}
