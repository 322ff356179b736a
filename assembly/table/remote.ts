// Remotes by index, and by address. The first packet of an unknown VTEP may make one: a learned
// remote, which stays for as long as anything names it, and then until the room is needed. Who
// needs it looks round for an idle one, a packet no further than it has time for.
import { nodeAt, tableAt } from "../base/node";
import { Status } from "../base/status";
import { cuckooAdd, cuckooFind, cuckooLay, cuckooRemove, cuckooValue } from "./cuckoo";
import {
  addTo,
  giveRow,
  isRow,
  layRows,
  MARK,
  NONE,
  rowAt,
  rowCapacity,
  rowFree,
  rowPtr,
  rowsAt,
  shapeOf,
  takeRow,
} from "./rows";

/** A remote record, 64 bytes. */
export const enum RemoteAt {
  Index = 0, // u16
  Family = 2, // u16: 4
  Flags = 4, // u16, RemoteFlag
  UdpPort = 6, // u16; 0 means the tunnel port's
  Address = 8, // u8[16]
  DstMac = 24, // u8[6]
  SrcMac = 30, // u8[6]
  OwnAddress = 36, // u8[16], or zero
  LearnLimit = 52, // u32; 0 means no limit
  Mtu = 56, // u32, of the path's outer IP packets; 0 means no limit is known
  Learned = 60, // u32, read
  End = 64,
}

export const enum RemoteFlag {
  Allowed = 1,
  Learned = 2, // read
}

// A row: the record, and what the table keeps.
namespace at {
  export const USERS: usize = 64; // FDB, flood list and hops that name it
  export const HOPS: usize = 68; // the hops among them
  export const END: usize = 128;
}

// Behind the header of the rows.
namespace roundAt {
  export const INDEX: usize = rowsAt.END; // the row that was looked at last
}

const LEARN_TURNS_MAX: u32 = 64; // rows that a packet looks at
const REMOTE_LEN: u32 = <u32>at.END;
const INPUT_LEN: u32 = RemoteAt.Learned; // what a set may change
const NAMED_LEN: u32 = RemoteAt.End;
const FAMILY_IPV4: u16 = 4;
const MAC_MASK: u64 = 0xffffffffffff;
const MAP: usize = nodeAt.REMOTE + 64;

if (RemoteAt.Family != MARK) ERROR("remote: the family marks a row");

/** A remote lying in its table. */
@unmanaged
@final
export class Remote {
  static at(ptr: usize): Remote {
    return changetype<Remote>(ptr);
  }

  get flags(): u32 {
    return load<u16>(changetype<usize>(this), RemoteAt.Flags);
  }

  get udpPort(): u32 {
    return load<u16>(changetype<usize>(this), RemoteAt.UdpPort);
  }

  get address(): u32 {
    return addressOf(changetype<usize>(this));
  }

  get dstMac(): u64 {
    return load<u64>(changetype<usize>(this), RemoteAt.DstMac) & MAC_MASK;
  }

  get srcMac(): u64 {
    return load<u64>(changetype<usize>(this), RemoteAt.SrcMac) & MAC_MASK;
  }

  get ownAddress(): u32 {
    return bswap<u32>(load<u32>(changetype<usize>(this), RemoteAt.OwnAddress));
  }

  /** The addresses as they lie. */
  get addressNet(): u32 {
    return load<u32>(changetype<usize>(this), RemoteAt.Address);
  }

  get ownAddressNet(): u32 {
    return load<u32>(changetype<usize>(this), RemoteAt.OwnAddress);
  }

  get learnLimit(): u32 {
    return load<u32>(changetype<usize>(this), RemoteAt.LearnLimit);
  }

  get mtu(): u32 {
    return load<u32>(changetype<usize>(this), RemoteAt.Mtu);
  }

  get learned(): u32 {
    return load<u32>(changetype<usize>(this), RemoteAt.Learned);
  }

  get users(): u32 {
    return load<u32>(changetype<usize>(this), at.USERS);
  }

  get hops(): u32 {
    return load<u32>(changetype<usize>(this), at.HOPS);
  }

  /** True for a learned one that nothing names. */
  get isIdle(): bool {
    return (this.flags & RemoteFlag.Learned) != 0 && this.users == 0;
  }
}

/** Returns: the first address behind the table. */
export function layRemotes(node: usize, base: usize, remotes: u32, seed: u64): usize {
  const shape = shapeOf(REMOTE_LEN, NAMED_LEN, RemoteAt.End);
  const map = layRows(node + nodeAt.REMOTE, base, remotes, shape);
  // One more than there are remotes: an address that changes comes before the old one goes.
  return cuckooLay(node + MAP, map, remotes + 1, seed);
}

/** Address of the remote, or 0. */
export function remoteAt(node: usize, index: u32): usize {
  return rowAt(node + nodeAt.REMOTE, index);
}

/** The same in fewer steps, for who asks for every packet. */
export function remoteRow(node: usize, index: u32): usize {
  const rows = node + nodeAt.REMOTE;
  if (index >= rowCapacity(rows)) return 0;
  const row = <usize>(load<u32>(rows, tableAt.BASE) + index * REMOTE_LEN);
  return isRow(row) ? row : 0;
}

/** What is known of its path's MTU. Requires: an index below the capacity. */
export function remoteMtu(node: usize, index: u32): u32 {
  return load<u32>(rowPtr(node + nodeAt.REMOTE, index), RemoteAt.Mtu);
}

/** The remote that has this address, or NotFound. */
export function remoteFind(node: usize, address: u32): i32 {
  const entry = cuckooFind(node + MAP, address);
  return entry == 0 ? Status.NotFound : <i32>cuckooValue(entry);
}

/**
 * Makes or replaces a remote. Requires: a legal record. Returns: its index; Exists when another
 * one has the address; Busy when the index is a learned remote that something names; NoRoom.
 */
export function remoteSet(node: usize, rec: usize): i32 {
  const address = addressOf(rec);
  const holder = remoteFind(node, address);
  let index: i32 = load<u16>(rec, RemoteAt.Index);
  if (index == NONE)
    index = holder >= 0 ? holder : freeRemote(node, rowCapacity(node + nodeAt.REMOTE));
  else if (holder >= 0 && holder != index) return Status.Exists;
  if (index < 0) return index;
  if (<u32>index >= rowCapacity(node + nodeAt.REMOTE)) return Status.NoRoom;
  if (holder < 0) {
    const row = remoteAt(node, index);
    if (row != 0 && !mayChange(Remote.at(row))) return Status.Busy;
    if (cuckooAdd(node + MAP, address, index) == 0) return Status.NoRoom;
    if (row != 0) forgetAddress(node, Remote.at(row).address);
  }
  write(node, index, rec);
  return index;
}

function mayChange(remote: Remote): bool {
  return (remote.flags & RemoteFlag.Learned) == 0 || remote.users == 0;
}

function write(node: usize, index: u32, rec: usize): void {
  const rows = node + nodeAt.REMOTE;
  const row = rowPtr(rows, index);
  if (!isRow(row)) takeRow(rows);
  memory.copy(row, rec, INPUT_LEN);
  store<u16>(row, load<u16>(rec, RemoteAt.Flags) & ~RemoteFlag.Learned, RemoteAt.Flags);
}

/**
 * The remote that has this address, made if there is none. Requires: address != 0.
 * Returns: its index, or NoRoom.
 */
export function remoteLearn(node: usize, address: u32): i32 {
  const holder = remoteFind(node, address);
  if (holder >= 0) return holder;
  const index = freeRemote(node, LEARN_TURNS_MAX);
  if (index < 0) return index;
  if (cuckooAdd(node + MAP, address, index) == 0) return Status.NoRoom;
  const row = rowPtr(node + nodeAt.REMOTE, index);
  takeRow(node + nodeAt.REMOTE);
  store<u16>(row, FAMILY_IPV4, RemoteAt.Family);
  store<u16>(row, RemoteFlag.Learned, RemoteAt.Flags);
  store<u32>(row, bswap<u32>(address), RemoteAt.Address);
  return index;
}

// A free index, or that of an idle remote which leaves for it: of the next `turns` rows, going
// round, the first. Returns: NoRoom, too.
function freeRemote(node: usize, turns: u32): i32 {
  const rows = node + nodeAt.REMOTE;
  const free = rowFree(rows);
  if (free >= 0) return free;
  const capacity = rowCapacity(rows);
  for (let left = min(turns, capacity); left > 0; left--) {
    const index = (load<u32>(rows, roundAt.INDEX) + 1) % capacity;
    store<u32>(rows, index, roundAt.INDEX);
    if (!Remote.at(rowPtr(rows, index)).isIdle) continue;
    drop(node, index);
    return <i32>index;
  }
  return Status.NoRoom;
}

/** Returns: Ok, NotFound, or Busy while anything names it. */
export function remoteRemove(node: usize, index: u32): Status {
  const row = remoteAt(node, index);
  if (row == 0) return Status.NotFound;
  if (Remote.at(row).users != 0) return Status.Busy;
  drop(node, index);
  return Status.Ok;
}

function drop(node: usize, index: u32): void {
  forgetAddress(node, Remote.at(remoteAt(node, index)).address);
  giveRow(node + nodeAt.REMOTE, index);
}

function forgetAddress(node: usize, address: u32): void {
  cuckooRemove(node + MAP, cuckooFind(node + MAP, address));
}

function addressOf(rec: usize): u32 {
  return bswap<u32>(load<u32>(rec, RemoteAt.Address));
}

/** Counts who names a remote. */
export function useRemote(node: usize, index: u32, delta: i32): void {
  addTo(node + nodeAt.REMOTE, index, at.USERS, delta);
}

/** Counts the hops that name a remote. */
export function hopToRemote(node: usize, index: u32, delta: i32): void {
  addTo(node + nodeAt.REMOTE, index, at.HOPS, delta);
  useRemote(node, index, delta);
}

/** Counts MACs that were learned behind a remote. */
export function countAtRemote(node: usize, index: u32, delta: i32): void {
  addTo(node + nodeAt.REMOTE, index, RemoteAt.Learned, delta);
}
