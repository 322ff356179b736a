import { isZero } from "../base/arith";
import { checkRecords } from "../base/node";
import { Status } from "../base/status";
import { FloodAt, floodRemove, floodSet, floodTaken, floodTell } from "../table/flood";
import { report } from "./record";

/**
 * Appends entries to the flood lists of their domains, in order.
 *
 * node    from node_open
 * recs    flood records; each gets its status
 * count   records
 * returns how many succeeded, or BadArgument; per record Ok, BadArgument, NotFound, NoRoom
 */
export function flood_set(node: usize, recs: usize, count: u32): i32 {
  const status = checkRecords(node, recs, count, FloodAt.End);
  if (status != Status.Ok) return status;
  let done: i32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const rec = recs + i * FloodAt.End;
    const answer = isFlood(rec) ? floodSet(node, rec) : Status.BadArgument;
    done += report(rec, FloodAt.Status, answer);
  }
  return done;
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
  const status = checkRecords(node, recs, count, FloodAt.End);
  if (status != Status.Ok) return status;
  let done: i32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const rec = recs + i * FloodAt.End;
    const answer = isFlood(rec) ? floodRemove(node, rec) : Status.BadArgument;
    done += report(rec, FloodAt.Status, answer);
  }
  return done;
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
  const status = checkRecords(node, rec, 1, FloodAt.End);
  if (status != Status.Ok) return status;
  const next = floodTaken(node, cursor);
  if (next != 0) floodTell(node, next, rec);
  return <i32>next;
}

function isFlood(rec: usize): bool {
  const tail: usize = FloodAt.Status + 2;
  return load<u16>(rec, FloodAt.Flags) == 0 && isZero(rec + tail, FloodAt.End - <u32>tail);
}
