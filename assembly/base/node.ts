// The node block. A node is one network namespace: its tables, counters, scratch and arena lie
// behind one another in one piece of claimed memory, and its address is its name.
//
//   block | counters | tables | scratch | arena
//
// Scratch is the host's: bursts, descriptors, pieces and records. The arena holds the packets,
// `slotCount` slots of `slotStride` bytes. A host may point at scratch and arena, nothing else.

import { isWithin, toLine } from "./arith";
import { claimStart, isClaimed, isTaken } from "./memory";

export namespace nodeAt {
  export const MAGIC: usize = 0;
  export const SELF: usize = 4;
  export const ARENA: usize = 8; // from here to BYTES a node info begins with the same
  export const SLOT_STRIDE: usize = 12;
  export const SLOT_COUNT: usize = 16;
  export const COUNTERS_PTR: usize = 20;
  export const SCRATCH: usize = 24;
  export const SCRATCH_LEN: usize = 28;
  export const BYTES: usize = 32;
  export const ARENA_LEN: usize = 36;
  export const SEED: usize = 40; // u64
  export const NOW_MS: usize = 48; // f64, the latest time that a caller gave
  export const NOW_S: usize = 56; // u32, the same in whole seconds
  export const IP_ID: usize = 60; // u32, the identification of the latest outer header
  export const CAPS: usize = 64; // the caps record it was opened with
  export const ROUTE: usize = 128; // table headers, in the order of caps and node info
  export const HOP: usize = 256;
  export const FDB: usize = 384;
  export const NEIGHBOR: usize = 512;
  export const REMOTE: usize = 640;
  export const PORT: usize = 768;
  export const DOMAIN: usize = 896;
  export const FLOOD: usize = 1024;
  export const CONN: usize = 1152;
  export const RULE: usize = 1280;
  export const COUNTERS: usize = 1408;
  export const ERRORS_MS: usize = 3456; // f64, the time that ICMP errors have used up
  export const FAST: usize = 3520; // what the packets of the latest burst have in common
  export const END: usize = 3584;
}

// Every table's header begins alike.
export namespace tableAt {
  export const BASE: usize = 0; // address
  export const CAPACITY: usize = 4;
  export const COUNT: usize = 8; // entries in use
  export const END: usize = 128;
}

export const NODE_BLOCK_LEN: u32 = <u32>nodeAt.END;
export const COUNTER_COUNT: u32 = 256;

const MAGIC: u32 = 0x6c646468; // "hddl" as it lies in memory
const NOW_MS_MAX: f64 = 4503599627370496.0; // 2^52: whole milliseconds stay exact

if (nodeAt.COUNTERS + <usize>COUNTER_COUNT * 8 != nodeAt.ERRORS_MS)
  ERROR("node: counters do not fit");
if (nodeAt.ROUTE + 10 * tableAt.END != nodeAt.COUNTERS) ERROR("node: headers do not fit");
if ((nodeAt.END & 63) != 0) ERROR("node: tables begin at a cache line");

/** Writes the block's own fields. Requires: `node` fresh, zeroed memory of `bytes`. */
export function emitNode(node: usize, bytes: u32, seed: u64): void {
  store<u32>(node, MAGIC, nodeAt.MAGIC);
  store<u32>(node, <u32>(node + nodeAt.COUNTERS), nodeAt.COUNTERS_PTR);
  store<u32>(node, <u32>node, nodeAt.SELF);
  store<u32>(node, bytes, nodeAt.BYTES);
  store<u64>(node, seed, nodeAt.SEED);
  store<u32>(node, <u32>seed & 0xffff, nodeAt.IP_ID);
}

/** True for an address that `node_open` gave. */
export function isNode(node: usize): bool {
  if ((node & 63) != 0 || !isTaken(node, NODE_BLOCK_LEN)) return false;
  return load<u32>(node, nodeAt.MAGIC) == MAGIC && load<u32>(node, nodeAt.SELF) == <u32>node;
}

/** True when the host may have its own bytes there: scratch and arena lie side by side. */
export function isHostRange(node: usize, ptr: usize, len: u32): bool {
  const scratch = <usize>load<u32>(node, nodeAt.SCRATCH);
  return isWithin(scratch, arenaEnd(node), ptr, len);
}

/** True when the bytes lie in scratch, where no packet is. */
export function isScratch(node: usize, ptr: usize, len: u32): bool {
  const scratch = <usize>load<u32>(node, nodeAt.SCRATCH);
  return isWithin(scratch, scratch + <usize>load<u32>(node, nodeAt.SCRATCH_LEN), ptr, len);
}

/** True for an opened node and `count` records, 4-aligned, that lie where its host may write. */
export function isRecords(node: usize, ptr: usize, count: u32, recordLen: u32): bool {
  const bytes = <u64>count * recordLen;
  if (!isNode(node) || (ptr & 3) != 0 || bytes >= 0x80000000) return false;
  return isHostRange(node, ptr, <u32>bytes);
}

/** The same for one record. */
export function isRecord(node: usize, ptr: usize, recordLen: u32): bool {
  return isRecords(node, ptr, 1, recordLen);
}

/** The same for `count` words, aligned to their length. */
export function isWords(node: usize, ptr: usize, count: u32, wordLen: u32): bool {
  return (ptr & (wordLen - 1)) == 0 && isRecords(node, ptr, count, wordLen);
}

/**
 * True for `count` records, 4-aligned, of a call that takes no node: they lie in memory that no
 * node has, or in one node's scratch and arena.
 */
export function isLoose(ptr: usize, count: u32, recordLen: u32): bool {
  const bytes = <u64>count * recordLen;
  if ((ptr & 3) != 0 || bytes >= 0x80000000 || !isClaimed(ptr, <u32>bytes)) return false;
  let node = claimStart();
  for (; isTaken(node, 1); node += load<u32>(node, nodeAt.BYTES)) {
    if (isHostRange(node, ptr, <u32>bytes)) return true;
  }
  return ptr >= node;
}

/** The first packet byte. */
export function arena(node: usize): usize {
  return <usize>load<u32>(node, nodeAt.ARENA);
}

/** One past the last packet byte. */
export function arenaEnd(node: usize): usize {
  return arena(node) + <usize>load<u32>(node, nodeAt.ARENA_LEN);
}

/**
 * Writes what every table's header begins with, for a table of `len` bytes at `base`, a line's
 * beginning. Returns: the first line behind them.
 */
export function layTable(table: usize, base: usize, capacity: u32, len: u32): usize {
  store<u32>(table, <u32>base, tableAt.BASE);
  store<u32>(table, capacity, tableAt.CAPACITY);
  return toLine(<u32>base + len);
}

/** Entries of a table that are in use. */
export function tableCount(table: usize): u32 {
  return load<u32>(table, tableAt.COUNT);
}

/** One more of what `status` names: a drop reason or an event. */
export function count(node: usize, status: i32): void {
  addCount(node, status, 1);
}

/** `times` more of what `status` names. Requires: -COUNTER_COUNT < status <= 0. */
export function addCount(node: usize, status: i32, times: u32): void {
  const at = node + ((<usize>-status) << 3);
  store<u64>(at, load<u64>(at, nodeAt.COUNTERS) + times, nodeAt.COUNTERS);
}

/** True for a time that can be kept: a whole or broken number of milliseconds, not below zero. */
export function isTime(nowMs: f64): bool {
  return nowMs >= 0 && nowMs < NOW_MS_MAX;
}

/**
 * The caller's clock in seconds. Time never goes back for a node: an earlier one counts as the
 * latest that was given. Requires: isTime(nowMs).
 */
export function advance(node: usize, nowMs: f64): u32 {
  const latest = load<f64>(node, nodeAt.NOW_MS);
  if (nowMs < latest) nowMs = latest;
  store<f64>(node, nowMs, nodeAt.NOW_MS);
  const nowS = <u32>(<u64>nowMs / 1000);
  store<u32>(node, nowS, nodeAt.NOW_S);
  return nowS;
}

/** The latest time that a caller gave, in seconds. */
export function nowSeconds(node: usize): u32 {
  return load<u32>(node, nodeAt.NOW_S);
}

/** The same in whole milliseconds. */
export function nowMilliseconds(node: usize): u64 {
  return <u64>load<f64>(node, nodeAt.NOW_MS);
}

/** The next IPv4 identification: outer headers of one node count upwards (RFC 6864, 4.3). */
export function takeIpId(node: usize): u32 {
  const id = load<u32>(node, nodeAt.IP_ID) + 1;
  store<u32>(node, id, nodeAt.IP_ID);
  return id & 0xffff;
}
