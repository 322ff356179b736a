import { isNode, isRecord, nodeAt } from "../base/node";
import { Status } from "../base/status";
import { fdbFlush } from "../table/fdb";
import { floodFlush } from "../table/flood";
import {
  Remote,
  RemoteAt,
  RemoteFlag,
  remoteAt,
  remoteFind,
  remoteRemove,
  remoteSet,
} from "../table/remote";
import { NONE } from "../table/rows";
import { FAMILY_IPV4, isIpv4Field, isUnicastField } from "./record";
import { getRow, nextRow } from "./row";

const FLAG_MAX: u32 = RemoteFlag.Allowed | RemoteFlag.Learned;
const MTU_MAX: u32 = 65535;
const WITH_ENTRIES: u32 = 1;

/**
 * Makes or replaces a remote.
 *
 * node    from node_open
 * rec     a remote record; Index 0xffff takes the one that has the address, or a free one
 * returns its index; Exists (another one has the address), Busy, NoRoom, or BadArgument
 */
export function remote_set(node: usize, rec: usize): i32 {
  if (!isRecord(node, rec, RemoteAt.End)) return Status.BadArgument;
  return isRemote(rec) ? remoteSet(node, rec) : Status.BadArgument;
}

/**
 * Removes a remote that nothing names.
 *
 * node    from node_open
 * index   of the remote
 * flags   1 removes its FDB and flood entries first; hops still make it Busy
 * returns Ok, NotFound, Busy, or BadArgument
 */
export function remote_remove(node: usize, index: u32, flags: u32): i32 {
  if (!isNode(node) || flags > WITH_ENTRIES) return Status.BadArgument;
  const remote = Remote.at(remoteAt(node, index));
  if (flags == WITH_ENTRIES && changetype<usize>(remote) != 0) {
    if (remote.hops != 0) return Status.Busy;
    fdbFlush(node, NONE, NONE, index, true);
    floodFlush(node, index);
  }
  return remoteRemove(node, index);
}

/**
 * Fills a remote record in by its Index.
 *
 * node    from node_open
 * rec     a remote record
 * returns Ok, NotFound, or BadArgument
 */
export function remote_get(node: usize, rec: usize): i32 {
  return getRow(node, nodeAt.REMOTE, rec);
}

/**
 * The remote that has the record's Address.
 *
 * node    from node_open
 * rec     a remote record; read only
 * returns its index, NotFound, or BadArgument
 */
export function remote_find(node: usize, rec: usize): i32 {
  if (!isRecord(node, rec, RemoteAt.End) || !isUnicastField(rec + RemoteAt.Address))
    return Status.BadArgument;
  return remoteFind(node, bswap<u32>(load<u32>(rec, RemoteAt.Address)));
}

/**
 * The first remote behind an index.
 *
 * node    from node_open
 * after   an index, or -1 to begin
 * rec     takes a remote record
 * returns Ok, NotFound, or BadArgument
 */
export function remote_next(node: usize, after: i32, rec: usize): i32 {
  return nextRow(node, nodeAt.REMOTE, after, rec);
}

function isRemote(rec: usize): bool {
  return (
    <u32>load<u16>(rec, RemoteAt.Family) == FAMILY_IPV4 &&
    <u32>load<u16>(rec, RemoteAt.Flags) <= FLAG_MAX &&
    isUnicastField(rec + RemoteAt.Address) &&
    isIpv4Field(rec + RemoteAt.OwnAddress) &&
    load<u32>(rec, RemoteAt.Mtu) <= MTU_MAX
  );
}
