import { toLine } from "../base/arith";
import { claim, giveBack, isClaimed, take } from "../base/memory";
import {
  emitNode,
  isNode,
  isRecord,
  NODE_BLOCK_LEN,
  nodeAt,
  tableAt,
  tableCount,
} from "../base/node";
import { Status } from "../base/status";
import { routePoolUsed } from "../table/route";
import { CapsAt, clearTables, layTables } from "../table/tables";

/** What a node is made of and how full its tables are, 72 bytes. */
export const enum NodeInfoAt {
  Arena = 0,
  SlotStride = 4,
  SlotCount = 8,
  Counters = 12,
  Scratch = 16,
  ScratchLen = 20,
  Bytes = 24,
  Routes = 28,
  RoutePoolBytes = 32,
  Hops = 36,
  Fdb = 40,
  Neighbors = 44,
  Remotes = 48,
  Ports = 52,
  Domains = 56,
  Flood = 60,
  Conns = 64,
  Rules = 68,
  End = 72,
}

const ABI_VERSION: u32 = 1;

const INDEX_MAX: u32 = 0xffff; // 0xffff itself is no index
const STRIDE_MIN: u32 = 2048;
const STRIDE_MAX: u32 = 1 << 17;
const LINE_MASK: u32 = 63;
const NODE_LEN_MAX: u64 = 0x7ffc0000; // every address stays below 2^31
const POISON: u8 = 0xdd;

// The most that the fields of caps from Routes to Scratch may say, in their order.
const limits: usize = memory.data<u32>([
  1 << 22, // routes
  <u32>NODE_LEN_MAX,
  INDEX_MAX, // hops
  1 << 22, // fdb
  1 << 20, // neighbors
  INDEX_MAX, // remotes
  INDEX_MAX, // ports
  INDEX_MAX, // domains
  1 << 20, // flood
  1 << 20, // conns
  1 << 30, // scratch
]);

if (CapsAt.Scratch != CapsAt.Routes + 10 * 4) ERROR("node: a limit for each of them");

// Block and headers of a node that is only measured.
const draft: usize = memory.data(<i32>nodeAt.COUNTERS, 64);

if (nodeAt.ARENA + NodeInfoAt.Bytes != nodeAt.BYTES) ERROR("node: info copies from the block");
if (nodeAt.HOP + 9 * tableAt.END != nodeAt.COUNTERS) ERROR("node: info counts headers in a row");

/** returns the version of this page of the ABI: 1 */
export function abi_version(): i32 {
  return ABI_VERSION;
}

/**
 * Grows the memory once, for every node that is to come.
 *
 * bytes   at most 0x7ffc0000; rounded up to whole pages of 64 KiB
 * returns the first claimed address, Busy the second time, NoMemory, or BadArgument
 */
export function memory_claim(bytes: u32): i32 {
  return claim(bytes);
}

/**
 * What a node of these capacities takes.
 *
 * caps    a caps record, anywhere in the claimed memory
 * returns bytes, a multiple of 64, or BadArgument
 */
export function node_size(caps: usize): i32 {
  if (!isCaps(caps)) return Status.BadArgument;
  const len = nodeLen(caps);
  return len > NODE_LEN_MAX ? Status.BadArgument : <i32>len;
}

/**
 * Lays a node out behind the ones before it.
 *
 * caps    a caps record, anywhere in the claimed memory
 * returns node, an address; NoMemory, or BadArgument
 */
export function node_open(caps: usize): i32 {
  const size = node_size(caps);
  if (size < 0) return size;
  const node = take(size);
  if (node == 0) return Status.NoMemory;
  memory.copy(node + nodeAt.CAPS, caps, CapsAt.End);
  begin(node, size);
  return <i32>node;
}

/**
 * Tables, counters and time as after node_open. Scratch and arena are left alone.
 *
 * node    from node_open
 * returns Ok or BadArgument
 */
export function node_reset(node: usize): i32 {
  if (!isNode(node)) return Status.BadArgument;
  begin(node, load<u32>(node, nodeAt.BYTES));
  return Status.Ok;
}

/**
 * Ends the node that was opened last: the next one takes its place.
 *
 * node    from node_open
 * returns Ok, Busy when another was opened behind it, or BadArgument
 */
export function node_close(node: usize): i32 {
  if (!isNode(node)) return Status.BadArgument;
  return giveBack(node, load<u32>(node, nodeAt.BYTES)) ? Status.Ok : Status.Busy;
}

/**
 * Where a node's parts lie, and how full its tables are.
 *
 * node    from node_open
 * out     takes a node info record
 * returns Ok or BadArgument
 */
export function node_info(node: usize, out: usize): i32 {
  if (!isRecord(node, out, NodeInfoAt.End)) return Status.BadArgument;
  memory.copy(out, node + nodeAt.ARENA, NodeInfoAt.Routes);
  store<u32>(out, tableCount(node + nodeAt.ROUTE), NodeInfoAt.Routes);
  store<u32>(out, routePoolUsed(node), NodeInfoAt.RoutePoolBytes);
  let table = node + nodeAt.HOP;
  for (let at: i32 = NodeInfoAt.Hops; at < NodeInfoAt.End; at += 4) {
    store<u32>(out + at, tableCount(table));
    table += tableAt.END;
  }
  return Status.Ok;
}

/**
 * In the debug build, fills slots that a host gives back with 0xdd, so that who still reads them
 * sees it. Without debugging it does nothing.
 *
 * node    from node_open
 * first   index of a slot
 * count   slots
 * returns slots filled, or BadArgument
 */
export function slot_poison(node: usize, first: u32, count: u32): i32 {
  if (!isNode(node)) return Status.BadArgument;
  const slots = load<u32>(node, nodeAt.SLOT_COUNT);
  if (first > slots || count > slots - first) return Status.BadArgument;
  if (ASC_OPTIMIZE_LEVEL != 0) return 0;
  const stride = load<u32>(node, nodeAt.SLOT_STRIDE);
  memory.fill(<usize>load<u32>(node, nodeAt.ARENA) + first * stride, POISON, count * stride);
  return <i32>count;
}

// Writes block, counters and empty tables. What lay there does not matter, but for the caps.
function begin(node: usize, bytes: u32): void {
  const caps = node + nodeAt.CAPS;
  const tables = node + NODE_BLOCK_LEN;
  const seed = load<u64>(caps, CapsAt.SeedLo);
  memory.fill(node, 0, nodeAt.CAPS);
  memory.fill(node + nodeAt.ROUTE, 0, nodeAt.END - nodeAt.ROUTE);
  emitNode(node, bytes, seed);
  const scratch = layTables(node, tables, caps, seed);
  clearTables(node, tables, scratch);
  const scratchLen = load<u32>(caps, CapsAt.Scratch);
  const slots = load<u32>(caps, CapsAt.Slots);
  const stride = load<u32>(caps, CapsAt.SlotStride);
  store<u32>(node, <u32>scratch, nodeAt.SCRATCH);
  store<u32>(node, scratchLen, nodeAt.SCRATCH_LEN);
  store<u32>(node, <u32>scratch + toLine(scratchLen), nodeAt.ARENA);
  store<u32>(node, slots * stride, nodeAt.ARENA_LEN);
  store<u32>(node, stride, nodeAt.SLOT_STRIDE);
  store<u32>(node, slots, nodeAt.SLOT_COUNT);
}

// The tables of a node whose block lies at zero say where the rest of it begins. Their lengths
// need no more than 32 bits, the arena's may.
function nodeLen(caps: usize): u64 {
  const scratch: u64 = layTables(draft, NODE_BLOCK_LEN, caps, 0);
  const slots: u64 = load<u32>(caps, CapsAt.Slots);
  const arenaLen = slots * load<u32>(caps, CapsAt.SlotStride);
  return scratch + toLine(load<u32>(caps, CapsAt.Scratch)) + arenaLen;
}

function isCaps(caps: usize): bool {
  if ((caps & 3) != 0 || !isClaimed(caps, CapsAt.End)) return false;
  const stride = load<u32>(caps, CapsAt.SlotStride);
  if (stride < STRIDE_MIN || stride > STRIDE_MAX || (stride & LINE_MASK) != 0) return false;
  for (let at: i32 = CapsAt.Routes; at <= CapsAt.Scratch; at += 4) {
    if (load<u32>(caps + at) > load<u32>(limits + at - CapsAt.Routes)) return false;
  }
  return load<u16>(caps, CapsAt.Abi) == ABI_VERSION;
}
