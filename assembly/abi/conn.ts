import { advance, isNode, isRecord, isTime } from "../base/node";
import { Status } from "../base/status";
import { ConnAt } from "../table/conn";
import { connAge, connBefore, connDrop, connFind, connNext, connTell } from "../table/track";
import { Tuple } from "../table/tuple";

/**
 * Fills a record in by Protocol, addresses and ports of a packet: any of the flow, of either way,
 * as it is before, between or behind its translations.
 *
 * node    from node_open
 * rec     a conn record
 * now_ms  the caller's clock
 * returns Ok, NotFound, or BadArgument
 */
export function conn_get(node: usize, rec: usize, now_ms: f64): i32 {
  if (!isRecord(node, rec, ConnAt.End) || !isTime(now_ms)) return Status.BadArgument;
  advance(node, now_ms);
  const row = find(node, rec);
  if (row == 0) return Status.NotFound;
  connTell(node, row, rec);
  return Status.Ok;
}

/**
 * Takes a flow away, found as conn_get does. Its next packet begins a new one.
 *
 * node    from node_open
 * rec     a conn record
 * returns Ok, NotFound, or BadArgument
 */
export function conn_remove(node: usize, rec: usize): i32 {
  if (!isRecord(node, rec, ConnAt.End)) return Status.BadArgument;
  const row = find(node, rec);
  if (row == 0) return Status.NotFound;
  connDrop(node, row);
  return Status.Ok;
}

/**
 * Removes flows that have timed out. A call looks at some, the next one goes on behind them.
 *
 * node    from node_open
 * budget  flows to look at
 * now_ms  the caller's clock
 * returns how many were removed, or BadArgument
 */
export function conn_age(node: usize, budget: u32, now_ms: f64): i32 {
  if (!isNode(node) || !isTime(now_ms)) return Status.BadArgument;
  advance(node, now_ms);
  return connAge(node, budget);
}

/**
 * Walks over all flows that have not timed out.
 *
 * node    from node_open
 * cursor  0 to begin, then what the last call returned
 * rec     takes a conn record
 * returns the next cursor; 0 at the end, and then rec is untouched; or BadArgument
 */
export function conn_next(node: usize, cursor: u32, rec: usize): i32 {
  if (!isRecord(node, rec, ConnAt.End)) return Status.BadArgument;
  const next = connNext(node, cursor);
  if (next != 0) connTell(node, connBefore(node, next), rec);
  return <i32>next;
}

function find(node: usize, rec: usize): usize {
  return connFind(node, load<u8>(rec, ConnAt.Protocol), Tuple.at(rec + ConnAt.Source));
}
