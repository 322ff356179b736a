import { isZero } from "../base/arith";
import { advance, checkRecords, isNode, isRecords, isTime } from "../base/node";
import { Status } from "../base/status";
import {
  NeighborAt,
  NeighborState,
  neighborBefore,
  neighborEntry,
  neighborFindKey,
  neighborNext,
  neighborRemove,
  neighborSet,
  neighborTell,
} from "../table/neighbor";
import { FAMILY_IPV4, isStationMac, isUnicastField, report } from "./record";

const KEY_LEN: u32 = 8;
const NO_MAC: u64 = ~0;

/**
 * Makes or replaces entries, in order.
 *
 * node    from node_open
 * recs    neighbor records; each gets its status
 * count   records
 * now_ms  the caller's clock
 * returns how many succeeded, or BadArgument; per record Ok, BadArgument, NotFound, NoRoom
 */
export function neighbor_set(node: usize, recs: usize, count: u32, now_ms: f64): i32 {
  const status = checkRecords(node, recs, count, NeighborAt.End);
  if (status != Status.Ok || !isTime(now_ms)) return Status.BadArgument;
  advance(node, now_ms);
  let done: i32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const rec = recs + i * NeighborAt.End;
    const answer = isNeighbor(rec) ? neighborSet(node, rec) : Status.BadArgument;
    done += report(rec, NeighborAt.Status, answer);
  }
  return done;
}

/**
 * Takes entries away by Port and Address.
 *
 * node    from node_open
 * recs    neighbor records; each gets its status
 * count   records
 * returns how many succeeded, or BadArgument; per record Ok, BadArgument, NotFound
 */
export function neighbor_remove(node: usize, recs: usize, count: u32): i32 {
  const status = checkRecords(node, recs, count, NeighborAt.End);
  if (status != Status.Ok) return status;
  let done: i32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const rec = recs + i * NeighborAt.End;
    const answer = hasKey(rec) ? neighborRemove(node, rec) : Status.BadArgument;
    done += report(rec, NeighborAt.Status, answer);
  }
  return done;
}

/**
 * Fills a record in by its Port and Address.
 *
 * node    from node_open
 * rec     a neighbor record
 * now_ms  the caller's clock
 * returns Ok, NotFound, or BadArgument
 */
export function neighbor_get(node: usize, rec: usize, now_ms: f64): i32 {
  const status = checkRecords(node, rec, 1, NeighborAt.End);
  if (status != Status.Ok || !isTime(now_ms) || !hasKey(rec)) return Status.BadArgument;
  advance(node, now_ms);
  const entry = neighborEntry(node, rec);
  if (entry == 0) return Status.NotFound;
  neighborTell(entry, rec);
  return Status.Ok;
}

/**
 * Looks many neighbors up.
 *
 * node    from node_open
 * keys    u64[count], 8-aligned, port << 32 | ipv4
 * out     u64[count], 8-aligned, the MAC, or all ones; may be keys
 * count   keys
 * now_ms  the caller's clock
 * returns hits, or BadArgument
 */
export function neighbor_lookup_bulk(
  node: usize,
  keys: usize,
  out: usize,
  count: u32,
  now_ms: f64,
): i32 {
  if (!isNode(node) || !isTime(now_ms) || ((keys | out) & 7) != 0) return Status.BadArgument;
  if (!isRecords(node, keys, count, KEY_LEN)) return Status.BadArgument;
  if (!isRecords(node, out, count, KEY_LEN)) return Status.BadArgument;
  const isApart = out >= keys + count * KEY_LEN || keys >= out + count * KEY_LEN;
  if (out != keys && !isApart) return Status.BadArgument;
  advance(node, now_ms);
  let hits: i32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const mac = neighborFindKey(node, load<u64>(keys + i * KEY_LEN));
    store<u64>(out + i * KEY_LEN, mac);
    if (mac != NO_MAC) hits += 1;
  }
  return hits;
}

/**
 * Walks over all entries.
 *
 * node    from node_open
 * cursor  0 to begin, then what the last call returned
 * rec     takes a neighbor record
 * returns the next cursor; 0 at the end, and then rec is untouched; or BadArgument
 */
export function neighbor_next(node: usize, cursor: u32, rec: usize): i32 {
  const status = checkRecords(node, rec, 1, NeighborAt.End);
  if (status != Status.Ok) return status;
  const next = neighborNext(node, cursor);
  if (next != 0) neighborTell(neighborBefore(node, next), rec);
  return <i32>next;
}

function isNeighbor(rec: usize): bool {
  const state: u32 = load<u8>(rec, NeighborAt.State);
  if (state != NeighborState.Reachable && state != NeighborState.Permanent) return false;
  const isClean = load<u8>(rec, NeighborAt.Flags) == 0 && isZero(rec + NeighborAt.Status + 2, 2);
  return isClean && hasKey(rec) && isStationMac(rec + NeighborAt.Mac);
}

function hasKey(rec: usize): bool {
  const family: u32 = load<u16>(rec, NeighborAt.Family);
  return family == FAMILY_IPV4 && isUnicastField(rec + NeighborAt.Address);
}
