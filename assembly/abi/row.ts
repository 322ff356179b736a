// What the tables by index have in common at the wall: get and next.
import { isNode, isRecord } from "../base/node";
import { Status } from "../base/status";
import { recordLen, rowNext, rowTell } from "../table/rows";

const INDEX_NONE: i32 = -1;

/** Fills a record in by its index. Returns: Ok, NotFound or BadArgument. */
export function getRow(node: usize, table: usize, rec: usize): i32 {
  if (!isRow(node, table, rec)) return Status.BadArgument;
  return rowTell(node + table, load<u16>(rec), rec);
}

/** The record of the first index above `after`. Returns: Ok, NotFound or BadArgument. */
export function nextRow(node: usize, table: usize, after: i32, rec: usize): i32 {
  if (!isRow(node, table, rec) || after < INDEX_NONE) return Status.BadArgument;
  const index = rowNext(node + table, after);
  return index < 0 ? index : rowTell(node + table, index, rec);
}

function isRow(node: usize, table: usize, rec: usize): bool {
  return isNode(node) && isRecord(node, rec, recordLen(node + table));
}
