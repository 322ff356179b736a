import { isRecord } from "../base/node";
import { Status } from "../base/status";
import { FloodAt, floodTaken, floodTell } from "../table/flood";
import { Bulk, forEach, NO_TIME } from "./bulk";

/**
 * Appends entries to the flood lists of their domains, in order.
 *
 * node    from node_open
 * recs    flood records; each gets its status
 * count   records
 * returns how many succeeded, or BadArgument; per record Ok, BadArgument, NotFound, NoRoom
 */
export function flood_set(node: usize, recs: usize, count: u32): i32 {
  return forEach(node, recs, count, Bulk.FloodSet, NO_TIME);
}

/**
 * Takes entries away by Domain, Port and Remote.
 *
 * node    from node_open
 * recs    flood records; each gets its status
 * count   records
 * returns how many succeeded, or BadArgument; per record Ok, BadArgument, NotFound
 */
export function flood_remove(node: usize, recs: usize, count: u32): i32 {
  return forEach(node, recs, count, Bulk.FloodRemove, NO_TIME);
}

/**
 * Walks over all entries of all domains.
 *
 * node    from node_open
 * cursor  0 to begin, then what the last call returned
 * rec     takes a flood record
 * returns the next cursor; 0 at the end, and then rec is untouched; or BadArgument
 */
export function flood_next(node: usize, cursor: u32, rec: usize): i32 {
  if (!isRecord(node, rec, FloodAt.End)) return Status.BadArgument;
  const next = floodTaken(node, cursor);
  if (next != 0) floodTell(node, next, rec);
  return <i32>next;
}
