// All flows of a node. A key does not care who speaks, so a flow is found by its original, its
// middle and its reply: a map of up to three keys for each flow leads to its row. Two flows have no
// key in common, and two tuples share one once in 2^64. Full is an answer: a flow that has timed
// out makes room, one that lives does not.
import { layTable, nodeAt, nowSeconds, tableAt, tableCount } from "../base/node";
import { Conn, ConnAt, ConnState } from "./conn";
import { cuckooAdd, cuckooFind, cuckooLay, cuckooRemove, cuckooValue } from "./cuckoo";
import { layFragments } from "./fragments";
import { NONE } from "./rows";
import { Tuple } from "./tuple";

// Behind the header that every table has.
namespace at {
  export const FREE: usize = nodeAt.CONN + 12; // u32, the row that was freed last, from one, or 0
  export const USED: usize = nodeAt.CONN + 16; // u32, rows that were ever taken
  export const ROUND: usize = nodeAt.CONN + 20; // u32, the row that is looked at next
  export const SEED: usize = nodeAt.CONN + 24; // u64
}

// Of a free row.
namespace freeAt {
  export const NEXT: usize = 4; // u32, as FREE
}

const TABLE: usize = nodeAt.CONN;
const MAP: usize = nodeAt.CONN + 64;
const KEYS: u32 = 3; // of a flow at most
const ROW_LEN: u32 = ConnAt.End;
const NAMED_LEN: u32 = ConnAt.LeftS;
const LOOK_MAX: u32 = 64; // rows that a new flow looks at for one that may go

/** Returns: the first address behind the table. */
export function layConns(node: usize, base: usize, conns: u32, seed: u64): usize {
  store<u64>(node, seed, at.SEED);
  base = layFragments(node, base);
  base = layTable(node + TABLE, base, conns, conns * ROW_LEN);
  return cuckooLay(node + MAP, base, conns * KEYS, seed);
}

/** The flow that has these ends, whoever speaks, at any point of its way; or 0. */
export function connFind(node: usize, protocol: u32, t: Tuple): usize {
  return ownerOf(node, t.key(seedOf(node), protocol));
}

/**
 * Makes a flow that begins with `t`, its target turned into `address` and `port`. Returns: the
 * flow, or 0 where there is no room or another flow has the same ends. Requires: connFind has none.
 */
export function connAdd(node: usize, protocol: u32, t: Tuple, address: u32, port: u32): usize {
  const row = takeRow(node);
  if (row == 0) return 0;
  const conn = Conn.at(row);
  memory.fill(row, 0, ROW_LEN);
  store<u8>(row, <u8>protocol, ConnAt.Protocol);
  conn.setState(ConnState.New);
  conn.original.emit(t.addresses, t.ports);
  conn.reply.emitBack(t);
  store<u32>(row, NONE | (NONE << 16), ConnAt.SourceRule);
  conn.setSeen(nowSeconds(node));
  if (!claim(node, row, conn.original)) {
    giveRow(node, row);
    return 0;
  }
  conn.reply.setSource(address, port);
  if (claim(node, row, conn.reply)) return row;
  connDrop(node, row);
  return 0;
}

/** Turns the source of a flow into `address` and `port`; false where another has those ends. */
export function connTakeSource(node: usize, conn: Conn, address: u32, port: u32): bool {
  const row = changetype<usize>(conn);
  const reply = conn.reply;
  const before = reply.dst;
  const portBefore = reply.dstPort;
  reply.setTarget(address, port);
  if (claim(node, row, reply)) return true;
  reply.setTarget(before, portBefore);
  return false;
}

/** One more packet of a flow came, which is in `state` now. */
export function connSee(node: usize, conn: Conn, state: u32): void {
  conn.setState(state);
  conn.setSeen(nowSeconds(node));
}

/** Takes a flow away. */
export function connDrop(node: usize, row: usize): void {
  const conn = Conn.at(row);
  const middle = Tuple.at(row + ConnAt.Source);
  disclaim(node, row, conn.original);
  disclaim(node, row, conn.reply);
  middle.emit(conn.middleAddresses, conn.middlePorts);
  disclaim(node, row, middle);
  giveRow(node, row);
}

/** Removes what has timed out of `budget` rows; the next call goes on behind them. */
export function connAge(node: usize, budget: u32): i32 {
  let removed: i32 = 0;
  for (let turns = min(budget, load<u32>(node + at.USED)); turns > 0; turns--) {
    removed += <i32>dropNext(node);
  }
  return removed;
}

/** The cursor behind the first living flow at or behind `cursor`, or 0. */
export function connNext(node: usize, cursor: u32): u32 {
  const used = load<u32>(node + at.USED);
  for (let index = cursor; index < used; index++) {
    const conn = Conn.at(connPtr(node, index));
    if (conn.state != 0 && !conn.isExpired(nowSeconds(node))) return index + 1;
  }
  return 0;
}

/** The row in front of `cursor`, which connNext gave. */
export function connBefore(node: usize, cursor: u32): usize {
  return connPtr(node, cursor - 1);
}

/** Writes a flow as a record. */
export function connTell(node: usize, row: usize, rec: usize): void {
  const conn = Conn.at(row);
  memory.fill(rec + NAMED_LEN, 0, ConnAt.End - NAMED_LEN);
  memory.copy(rec, row, NAMED_LEN);
  store<u32>(rec, conn.timeoutS - (nowSeconds(node) - conn.seenS), ConnAt.LeftS);
}

// Makes the ends of `t` the row's own; false where they are another's, or the map is full.
function claim(node: usize, row: usize, t: Tuple): bool {
  const key = t.key(seedOf(node), Conn.at(row).protocol);
  const owner = ownerOf(node, key);
  if (owner != 0) return owner == row;
  return cuckooAdd(node + MAP, key, indexOf(node, row)) != 0;
}

// The flow that has a key, or 0. One that has timed out has nothing any more.
function ownerOf(node: usize, key: u64): usize {
  const entry = cuckooFind(node + MAP, key);
  if (entry == 0) return 0;
  const row = connPtr(node, cuckooValue(entry));
  if (!Conn.at(row).isExpired(nowSeconds(node))) return row;
  connDrop(node, row);
  return 0;
}

function disclaim(node: usize, row: usize, t: Tuple): void {
  const entry = cuckooFind(node + MAP, t.key(seedOf(node), Conn.at(row).protocol));
  if (entry != 0 && cuckooValue(entry) == indexOf(node, row)) cuckooRemove(node + MAP, entry);
}

function seedOf(node: usize): u64 {
  return load<u64>(node + at.SEED);
}

function connPtr(node: usize, index: u32): usize {
  return <usize>load<u32>(node + TABLE, tableAt.BASE) + index * ROW_LEN;
}

function indexOf(node: usize, row: usize): u32 {
  return <u32>(row - connPtr(node, 0)) / ROW_LEN;
}

// A row that nobody has, or 0.
function takeRow(node: usize): usize {
  let row = freeRow(node);
  for (let turns: u32 = 0; row == 0 && turns < LOOK_MAX; turns++) {
    if (dropNext(node)) row = freeRow(node);
  }
  if (row != 0) store<u32>(node + TABLE, tableCount(node + TABLE) + 1, tableAt.COUNT);
  return row;
}

function freeRow(node: usize): usize {
  const free = load<u32>(node + at.FREE);
  if (free != 0) {
    const row = connPtr(node, free - 1);
    store<u32>(node + at.FREE, load<u32>(row, freeAt.NEXT));
    return row;
  }
  const used = load<u32>(node + at.USED);
  if (used == load<u32>(node + TABLE, tableAt.CAPACITY)) return 0;
  store<u32>(node + at.USED, used + 1);
  return connPtr(node, used);
}

function giveRow(node: usize, row: usize): void {
  Conn.at(row).setState(0);
  store<u32>(row, load<u32>(node + at.FREE), freeAt.NEXT);
  store<u32>(node + at.FREE, indexOf(node, row) + 1);
  store<u32>(node + TABLE, tableCount(node + TABLE) - 1, tableAt.COUNT);
}

// Drops the next row, going round, if it has timed out. Returns: whether it did.
function dropNext(node: usize): bool {
  const used = load<u32>(node + at.USED);
  if (used == 0) return false;
  const index = load<u32>(node + at.ROUND);
  store<u32>(node + at.ROUND, index + 1 == used ? 0 : index + 1);
  const row = connPtr(node, index);
  const conn = Conn.at(row);
  if (conn.state == 0 || !conn.isExpired(nowSeconds(node))) return false;
  connDrop(node, row);
  return true;
}
