import { advance, isRecord, isTime, isWords } from "../base/node";
import { Status } from "../base/status";
import { tick } from "../path/resolve";
import {
  NeighborAt,
  neighborBefore,
  neighborEntry,
  neighborFindKey,
  neighborNext,
  neighborTell,
} from "../table/neighbor";
import { Bulk, forEach, NO_TIME } from "./bulk";
import { hasNeighbor } from "./record";

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
  return forEach(node, recs, count, Bulk.NeighborSet, now_ms);
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
  return forEach(node, recs, count, Bulk.NeighborRemove, NO_TIME);
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
  if (!isRecord(node, rec, NeighborAt.End) || !isTime(now_ms) || !hasNeighbor(rec))
    return Status.BadArgument;
  advance(node, now_ms);
  const entry = neighborEntry(node, rec);
  if (entry == 0) return Status.NotFound;
  neighborTell(node, entry, rec);
  return Status.Ok;
}

/**
 * Looks many neighbors up.
 *
 * node    from node_open
 * keys    u64[count], 8-aligned, port << 32 | ipv4
 * out     u64[count], 8-aligned, the MAC, or all ones; may be the same place
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
  if (!isWords(node, keys, count, sizeof<u64>())) return Status.BadArgument;
  if (!isWords(node, out, count, sizeof<u64>()) || !isTime(now_ms)) return Status.BadArgument;
  advance(node, now_ms);
  let hits: i32 = 0;
  for (const end = out + (count << 3); out < end; out += sizeof<u64>()) {
    const mac = neighborFindKey(node, load<u64>(keys));
    store<u64>(out, mac);
    if (mac != NO_MAC) hits += 1;
    keys += sizeof<u64>();
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
  if (!isRecord(node, rec, NeighborAt.End)) return Status.BadArgument;
  const next = neighborNext(node, cursor);
  if (next != 0) neighborTell(node, neighborBefore(node, next), rec);
  return <i32>next;
}

/**
 * Lets time pass for neighbors: who has not answered is asked again, who has been silent is asked
 * alone, who does not answer fails. A call looks at up to 4096 places of the table, and at none
 * when `out` or the spare bytes are full; the next one goes on behind them.
 *
 * node    from node_open
 * burst   a burst record; what goes in is not looked at
 * returns packets in out, all ARP requests, or BadArgument
 */
export function neighbor_tick(node: usize, burst: usize): i32 {
  return tick(node, burst);
}
