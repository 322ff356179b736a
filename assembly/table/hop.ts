import { nodeAt } from "../base/node";
import { Status } from "../base/status";
import { portAt, usePort } from "./port";
import { hopToRemote, remoteAt } from "./remote";
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
  shapeOf,
  takeRow,
} from "./rows";

/** A hop record, 64 bytes. */
export const enum HopAt {
  Index = 0, // u16; 0xffff takes a free one
  Kind = 2, // u16, HopKind
  Flags = 4, // u16, HopFlag
  Family = 6, // u16: 4
  Gateway = 8, // u8[16], or zero
  Port = 24, // u16, or 0xffff
  Remote = 26, // u16, or 0xffff
  Mtu = 28, // u32; 0 means the port's
  Users = 32, // u32, read: routes that use it
  End = 64,
}

export const enum HopKind {
  Unicast = 1,
  Local = 2,
  Connected = 3,
  Blackhole = 4,
  Unreachable = 5,
  Prohibit = 6,
}

export const enum HopFlag {
  OnLink = 1,
}

const HOP_LEN: u32 = HopAt.End;
const INPUT_LEN: u32 = HopAt.Users; // what a set may change
const NAMED_LEN: u32 = INPUT_LEN + 4;

if (HopAt.Kind != MARK) ERROR("hop: the kind marks a row");

/** A hop lying in its table. */
@unmanaged
@final
export class Hop {
  static at(ptr: usize): Hop {
    return changetype<Hop>(ptr);
  }

  get kind(): u32 {
    return load<u16>(changetype<usize>(this), HopAt.Kind);
  }

  get flags(): u32 {
    return load<u16>(changetype<usize>(this), HopAt.Flags);
  }

  get gateway(): u32 {
    return bswap<u32>(load<u32>(changetype<usize>(this), HopAt.Gateway));
  }

  get port(): u32 {
    return load<u16>(changetype<usize>(this), HopAt.Port);
  }

  get remote(): u32 {
    return load<u16>(changetype<usize>(this), HopAt.Remote);
  }

  get mtu(): u32 {
    return load<u32>(changetype<usize>(this), HopAt.Mtu);
  }

  get users(): u32 {
    return load<u32>(changetype<usize>(this), HopAt.Users);
  }
}

/** Returns: the first address behind the table. */
export function layHops(node: usize, base: usize, hops: u32): usize {
  return layRows(node + nodeAt.HOP, base, hops, shapeOf(HOP_LEN, NAMED_LEN, HopAt.End));
}

/** Address of the hop, or 0. */
export function hopAt(node: usize, index: u32): usize {
  return rowAt(node + nodeAt.HOP, index);
}

/** Makes or replaces a hop. Requires: a legal record. Returns: its index, NotFound or NoRoom. */
export function hopSet(node: usize, rec: usize): i32 {
  const rows = node + nodeAt.HOP;
  const port: u32 = load<u16>(rec, HopAt.Port);
  const remote: u32 = load<u16>(rec, HopAt.Remote);
  if (port != NONE && portAt(node, port) == 0) return Status.NotFound;
  if (remote != NONE && remoteAt(node, remote) == 0) return Status.NotFound;
  let index: i32 = load<u16>(rec, HopAt.Index);
  if (index == NONE) index = rowFree(rows);
  if (index < 0 || <u32>index >= rowCapacity(rows)) return Status.NoRoom;
  const row = rowPtr(rows, index);
  usePort(node, port, 1);
  hopToRemote(node, remote, 1);
  if (isRow(row)) unname(node, Hop.at(row));
  else takeRow(rows);
  memory.copy(row, rec, INPUT_LEN);
  return index;
}

/** Returns: Ok, NotFound or Busy. */
export function hopRemove(node: usize, index: u32): Status {
  const row = hopAt(node, index);
  if (row == 0) return Status.NotFound;
  if (Hop.at(row).users != 0) return Status.Busy;
  unname(node, Hop.at(row));
  giveRow(node + nodeAt.HOP, index);
  return Status.Ok;
}

function unname(node: usize, hop: Hop): void {
  usePort(node, hop.port, -1);
  hopToRemote(node, hop.remote, -1);
}

/** Counts routes that lead to a hop. */
export function useHop(node: usize, index: u32, delta: i32): void {
  addTo(node + nodeAt.HOP, index, HopAt.Users, delta);
}
