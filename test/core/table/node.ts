// A node laid out as node_open does it, and legal records to fill its tables with.

import { claim, take } from "../../../assembly/base/memory";
import { emitNode, NODE_BLOCK_LEN, nodeAt, tableCount } from "../../../assembly/base/node";
import { DomainAt, domainSet } from "../../../assembly/table/domain";
import { FdbAt, fdbSet } from "../../../assembly/table/fdb";
import { FloodAt, floodSet } from "../../../assembly/table/flood";
import { HopAt, HopKind } from "../../../assembly/table/hop";
import { NeighborAt, NeighborState, neighborSet } from "../../../assembly/table/neighbor";
import { Port, PortAt, portAt, portSet } from "../../../assembly/table/port";
import { Remote, RemoteAt, remoteAt, remoteSet } from "../../../assembly/table/remote";
import { RuleAt } from "../../../assembly/table/rule";
import { CapsAt, clearTables, layTables } from "../../../assembly/table/tables";

export const NONE: u32 = 0xffff;
export const SCRATCH_LEN: u32 = 16384;
export const STRIDE: u32 = 2048;
export const SLOTS: u32 = 32;

const MEMORY_LEN: u32 = 4 << 20;
const ROOM_LEN: u32 = 8 << 20;
const CAPACITY: u32 = 8; // of every table that no test has given another one
export const NO_VNI: u32 = 0xffffffff;
const RECORD_LEN: u32 = 64;

const caps: usize = memory.data(64);
const record: usize = memory.data(64, 8);
let memoryPtr: usize = 0;

/** A fresh node with tables of eight, except for the one whose capacity stands at `at`. */
export function openNode(at: usize = CapsAt.Routes, capacity: u32 = CAPACITY): usize {
  if (memoryPtr == 0) {
    heap.alloc(1); // or the specs' own heap, once it begins, would take the claim for its own
    claim(MEMORY_LEN + ROOM_LEN);
    memoryPtr = take(MEMORY_LEN);
  }
  for (let cap = CapsAt.Routes; cap <= CapsAt.Conns; cap += 4) {
    store<u32>(caps + cap, cap == CapsAt.RoutePoolBytes ? 0 : CAPACITY);
  }
  store<u16>(caps, <u16>CAPACITY, CapsAt.Rules);
  store<u32>(caps + at, capacity);
  const node = memoryPtr;
  memory.fill(node, 0xa5, MEMORY_LEN);
  memory.fill(node, 0, NODE_BLOCK_LEN);
  emitNode(node, MEMORY_LEN, 0x0123456789abcdef);
  const tables = node + NODE_BLOCK_LEN;
  const scratch = <u32>layTables(node, tables, caps, 0x0123456789abcdef);
  clearTables(node, tables, scratch);
  store<u32>(node, scratch, nodeAt.SCRATCH);
  store<u32>(node, SCRATCH_LEN, nodeAt.SCRATCH_LEN);
  store<u32>(node, scratch + SCRATCH_LEN, nodeAt.ARENA);
  store<u32>(node, SLOTS * STRIDE, nodeAt.ARENA_LEN);
  store<u32>(node, STRIDE, nodeAt.SLOT_STRIDE);
  store<u32>(node, SLOTS, nodeAt.SLOT_COUNT);
  return node;
}

/** Claimed room that no node has taken, for a table of its own. Requires: a node was opened. */
export function roomBehind(): usize {
  return memoryPtr + MEMORY_LEN;
}

/** How often a status was counted. */
export function counted(node: usize, status: i32): u64 {
  return load<u64>(node + ((<usize>-status) << 3), nodeAt.COUNTERS);
}

function blank(): usize {
  memory.fill(record, 0, RECORD_LEN);
  return record;
}

/** A domain; without a VNI for `NO_VNI`. Each record stands where the last one stood. */
export function domainRecord(index: u32, vni: u32 = NO_VNI, ageS: u32 = 0): usize {
  const rec = blank();
  store<u16>(rec, <u16>index, DomainAt.Index);
  store<u32>(rec, vni, DomainAt.Vni);
  store<u32>(rec, ageS, DomainAt.AgeS);
  return rec;
}

export function portRecord(index: u32, kind: u32, domain: u32 = NONE, flags: u32 = 0): usize {
  const rec = blank();
  store<u16>(rec, <u16>index, PortAt.Index);
  store<u16>(rec, <u16>kind, PortAt.Kind);
  store<u16>(rec, <u16>domain, PortAt.Domain);
  store<u32>(rec, flags, PortAt.Flags);
  return rec;
}

export function remoteRecord(index: u32, address: u32, flags: u32 = 0): usize {
  const rec = blank();
  store<u16>(rec, <u16>index, RemoteAt.Index);
  store<u16>(rec, 4, RemoteAt.Family);
  store<u16>(rec, <u16>flags, RemoteAt.Flags);
  store<u32>(rec, bswap<u32>(address), RemoteAt.Address);
  return rec;
}

export function fdbRecord(domain: u32, mac: u64, place: u32, flags: u32 = 0): usize {
  const rec = blank();
  store<u64>(rec, (mac << 16) | domain, FdbAt.Domain);
  store<u32>(rec, place, FdbAt.Port);
  store<u16>(rec, <u16>flags, FdbAt.Flags);
  return rec;
}

export function floodRecord(domain: u32, place: u32): usize {
  const rec = blank();
  store<u16>(rec, <u16>domain, FloodAt.Domain);
  store<u32>(rec, place, FloodAt.Port);
  return rec;
}

export function hopRecord(index: u32, kind: u32 = HopKind.Local): usize {
  const rec = blank();
  store<u16>(rec, <u16>index, HopAt.Index);
  store<u16>(rec, <u16>kind, HopAt.Kind);
  store<u16>(rec, 4, HopAt.Family);
  store<u16>(rec, <u16>NONE, HopAt.Port);
  store<u16>(rec, <u16>NONE, HopAt.Remote);
  return rec;
}

export function neighborRecord(port: u32, address: u32, mac: u64 = 2): usize {
  const rec = blank();
  store<u64>(rec, mac, NeighborAt.Mac);
  store<u16>(rec, 4, NeighborAt.Family);
  store<u16>(rec, <u16>port, NeighborAt.Port);
  store<u8>(rec, NeighborState.Reachable, NeighborAt.State);
  store<u32>(rec, bswap<u32>(address), NeighborAt.Address);
  return rec;
}

export function ruleRecord(index: u32, hook: u32, action: u32): usize {
  const rec = blank();
  store<u16>(rec, <u16>index, RuleAt.Index);
  store<u16>(rec, <u16>action, RuleAt.Action);
  store<u8>(rec, <u8>hook, RuleAt.Hook);
  store<u16>(rec, <u16>NONE, RuleAt.Port);
  return rec;
}

/** A neighbor that is reachable as of now. */
export function setNeighbor(node: usize, port: u32, address: u32, mac: u64): i32 {
  return neighborSet(node, neighborRecord(port, address, mac));
}

/** What FDB and flood list call a place. */
export function place(port: u32, remote: u32 = NONE): u32 {
  return port | (remote << 16);
}

export function setDomain(node: usize, index: u32, vni: u32 = NO_VNI, ageS: u32 = 0): i32 {
  return domainSet(node, domainRecord(index, vni, ageS));
}

export function setPort(
  node: usize,
  index: u32,
  kind: u32,
  domain: u32 = NONE,
  flags: u32 = 0,
): i32 {
  return portSet(node, portRecord(index, kind, domain, flags));
}

export function setRemote(node: usize, index: u32, address: u32, flags: u32 = 0): i32 {
  return remoteSet(node, remoteRecord(index, address, flags));
}

export function setStation(node: usize, domain: u32, mac: u64, where: u32, flags: u32 = 0): i32 {
  return fdbSet(node, fdbRecord(domain, mac, where, flags), 0);
}

export function setFlood(node: usize, domain: u32, where: u32): i32 {
  return floodSet(node, floodRecord(domain, where));
}

/** A station's MAC: 02:00 and the number as it is written. */
export function stationMac(number: u32): u64 {
  return ((<u64>bswap<u32>(number)) << 16) | 2;
}

export function learnedAt(node: usize, port: u32): u32 {
  return Port.at(portAt(node, port)).learned;
}

export function learnedBehind(node: usize, remote: u32): u32 {
  return Remote.at(remoteAt(node, remote)).learned;
}

/** Entries in use of the table whose header stands at `table`. */
export function used(node: usize, table: usize): u32 {
  return tableCount(node + table);
}
