import { isZero } from "../base/arith";
import { isNode, isRecord, nodeAt } from "../base/node";
import { Status } from "../base/status";
import { PortAt, PortFlag, PortKind, portRemove, portSet, TosMode } from "../table/port";
import { VNI_MAX } from "../wire/vxlan";
import { getRow, nextRow } from "./row";

const KIND_MAX: u32 = PortKind.Ipip;
const TOS_MODE_MAX: u32 = TosMode.Inherit;
const FLAG_MAX: u32 = PortFlag.MssClamp * 2 - 1;
const PREFIX_LEN_MAX: u32 = 32;

/**
 * Makes or replaces the port that the record's Index names.
 *
 * node    from node_open
 * rec     a port record
 * returns Ok, NotFound (domain), NoRoom, or BadArgument
 */
export function port_set(node: usize, rec: usize): i32 {
  if (!isRecord(node, rec, PortAt.End)) return Status.BadArgument;
  return isPort(rec) ? portSet(node, rec) : Status.BadArgument;
}

/**
 * Removes a port that nothing names.
 *
 * node    from node_open
 * index   of the port
 * returns Ok, NotFound, Busy, or BadArgument
 */
export function port_remove(node: usize, index: u32): i32 {
  return isNode(node) ? portRemove(node, index) : Status.BadArgument;
}

/**
 * Fills a port record in by its Index.
 *
 * node    from node_open
 * rec     a port record
 * returns Ok, NotFound, or BadArgument
 */
export function port_get(node: usize, rec: usize): i32 {
  return getRow(node, nodeAt.PORT, rec);
}

/**
 * The first port behind an index.
 *
 * node    from node_open
 * after   an index, or -1 to begin
 * rec     takes a port record
 * returns Ok, NotFound, or BadArgument
 */
export function port_next(node: usize, after: i32, rec: usize): i32 {
  return nextRow(node, nodeAt.PORT, after, rec);
}

function isPort(rec: usize): bool {
  const kind: u32 = load<u16>(rec, PortAt.Kind);
  return (
    kind != 0 &&
    kind <= KIND_MAX &&
    <u32>load<u8>(rec, PortAt.PrefixLen) <= PREFIX_LEN_MAX &&
    <u32>load<u8>(rec, PortAt.TosMode) <= TOS_MODE_MAX &&
    load<u32>(rec, PortAt.Flags) <= FLAG_MAX &&
    load<u32>(rec, PortAt.Vni) <= VNI_MAX &&
    isZero(rec + PortAt.UdpPort + 2, 2) &&
    isZero(rec + PortAt.Learned + 4, PortAt.End - PortAt.Learned - 4)
  );
}
