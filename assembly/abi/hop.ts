import { isZero } from "../base/arith";
import { isNode, isRecord, nodeAt } from "../base/node";
import { Status } from "../base/status";
import { HopAt, HopFlag, HopKind, hopRemove, hopSet } from "../table/hop";
import { FAMILY_IPV4, isIpv4Field } from "./record";
import { getRow, nextRow } from "./row";

const KIND_MAX: u32 = HopKind.Prohibit;
const FLAG_MAX: u32 = HopFlag.OnLink;

/**
 * Makes or replaces a hop.
 *
 * node    from node_open
 * rec     a hop record; Index 0xffff takes a free one
 * returns its index, NotFound (port or remote), NoRoom, or BadArgument
 */
export function hop_set(node: usize, rec: usize): i32 {
  if (!isRecord(node, rec, HopAt.End)) return Status.BadArgument;
  return isHop(rec) ? hopSet(node, rec) : Status.BadArgument;
}

/**
 * Removes a hop that no route uses.
 *
 * node    from node_open
 * index   of the hop
 * returns Ok, NotFound, Busy, or BadArgument
 */
export function hop_remove(node: usize, index: u32): i32 {
  return isNode(node) ? hopRemove(node, index) : Status.BadArgument;
}

/**
 * Fills a hop record in by its Index.
 *
 * node    from node_open
 * rec     a hop record
 * returns Ok, NotFound, or BadArgument
 */
export function hop_get(node: usize, rec: usize): i32 {
  return getRow(node, nodeAt.HOP, rec);
}

/**
 * The first hop behind an index.
 *
 * node    from node_open
 * after   an index, or -1 to begin
 * rec     takes a hop record
 * returns Ok, NotFound, or BadArgument
 */
export function hop_next(node: usize, after: i32, rec: usize): i32 {
  return nextRow(node, nodeAt.HOP, after, rec);
}

function isHop(rec: usize): bool {
  const kind: u32 = load<u16>(rec, HopAt.Kind);
  return (
    kind != 0 &&
    kind <= KIND_MAX &&
    <u32>load<u16>(rec, HopAt.Flags) <= FLAG_MAX &&
    <u32>load<u16>(rec, HopAt.Family) == FAMILY_IPV4 &&
    isIpv4Field(rec + HopAt.Gateway) &&
    isZero(rec + HopAt.Users + 4, HopAt.End - HopAt.Users - 4)
  );
}
