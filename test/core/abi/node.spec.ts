import {
  abi_version,
  memory_claim,
  NodeInfoAt,
  node_close,
  node_info,
  node_open,
  node_reset,
  node_size,
  slot_poison,
} from "../../../assembly/abi/node";
import { isTaken, take } from "../../../assembly/base/memory";
import { advance, NODE_BLOCK_LEN, nowSeconds } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { HopKind, hopSet } from "../../../assembly/table/hop";
import { PortKind } from "../../../assembly/table/port";
import { routeInsert } from "../../../assembly/table/route";
import { CapsAt } from "../../../assembly/table/tables";
import { dirty, isDirty } from "../bytes";
import { hopRecord, setDomain, setPort, setRemote } from "../table/node";

const MEMORY_LEN: u32 = 16 << 20;
const STRIDE: u32 = 2048;
const SLOTS: u32 = 4;
const SCRATCH_LEN: u32 = 1000;

let caps: usize = 0;
let node: usize = 0;

function word(at: usize, value: u32): void {
  store<u32>(caps + at, value);
}

function fillCaps(): void {
  memory.fill(caps, 0, CapsAt.End);
  word(CapsAt.Abi, 1);
  for (let at: i32 = CapsAt.Routes; at <= CapsAt.Flood; at += 4) word(at, 8);
  word(CapsAt.RoutePoolBytes, 0);
  word(CapsAt.Scratch, SCRATCH_LEN);
  word(CapsAt.Slots, SLOTS);
  word(CapsAt.SlotStride, STRIDE);
  word(CapsAt.SeedLo, 77);
}

/** The size of a node with one capacity as it is said. */
function sizeWith(at: usize, value: u32): i32 {
  fillCaps();
  word(at, value);
  return node_size(caps);
}

/** A word of the info, which is written into scratch. */
function info(at: usize): u32 {
  const out = node + NODE_BLOCK_LEN; // not scratch, and refused
  expect<i32>(node_info(node, out)).toBe(Status.BadArgument);
  const scratch = scratchPtr();
  expect<i32>(node_info(node, scratch)).toBe(Status.Ok);
  return load<u32>(scratch + at);
}

// From the end of a node backwards: the arena, and scratch in whole lines in front of it.
function scratchPtr(): usize {
  fillCaps();
  return node + node_size(caps) - SLOTS * STRIDE - 1024;
}

// Memory is claimed once, so the first that runs claims it.
function begin(): void {
  if (caps == 0) {
    heap.alloc(1); // or the specs' own heap, once it begins, would take the claim for its own
    expect<i32>(node_size(1024)).toBe(Status.BadArgument); // nothing is claimed
    expect<i32>(memory_claim(0)).toBe(Status.BadArgument);
    caps = memory_claim(MEMORY_LEN);
    expect<usize>(take(64)).toBe(caps);
  }
  fillCaps();
}

describe("a node's size", () => {
  beforeEach(begin);

  it("is a number of lines that grows with what it holds", () => {
    const size = node_size(caps);
    expect<i32>(size & 63).toBe(0);
    expect<i32>(size).toBeGreaterThan(NODE_BLOCK_LEN + SLOTS * STRIDE + SCRATCH_LEN);
    expect<i32>(sizeWith(CapsAt.Slots, SLOTS + 1)).toBe(size + STRIDE);
    expect<i32>(sizeWith(CapsAt.Routes, 4096)).toBeGreaterThan(size);
    expect<i32>(sizeWith(CapsAt.Slots, 0)).toBe(size - SLOTS * STRIDE);
  });

  it("is one of this ABI, of slots in lines, without what there is not", () => {
    expect<i32>(abi_version()).toBe(1);
    expect<i32>(sizeWith(CapsAt.Abi, 2)).toBe(Status.BadArgument);
    expect<i32>(sizeWith(CapsAt.SlotStride, STRIDE - 64)).toBe(Status.BadArgument);
    expect<i32>(sizeWith(CapsAt.SlotStride, STRIDE + 32)).toBe(Status.BadArgument);
    expect<i32>(sizeWith(CapsAt.SlotStride, (1 << 17) + 64)).toBe(Status.BadArgument);
    expect<i32>(sizeWith(CapsAt.SlotStride, 1 << 17)).toBeGreaterThan(SLOTS << 17);
  });

  it("has a limit in each, and in all", () => {
    for (let at: i32 = CapsAt.Routes; at <= CapsAt.Scratch; at += 4) {
      expect<i32>(sizeWith(at, 0xffffffff)).toBe(Status.BadArgument);
    }
    expect<i32>(sizeWith(CapsAt.Hops, 0x10000)).toBe(Status.BadArgument);
    expect<i32>(sizeWith(CapsAt.Hops, 0xffff)).toBeGreaterThan(0);
    expect<i32>(sizeWith(CapsAt.Slots, 0xffffffff)).toBe(Status.BadArgument);
    expect<i32>(sizeWith(CapsAt.Slots, 0x7ffc0000 / STRIDE)).toBe(Status.BadArgument);
  });

  it("is asked for by caps in claimed memory, whole words", () => {
    expect<i32>(node_size(caps + 2)).toBe(Status.BadArgument);
    expect<i32>(node_size(0)).toBe(Status.BadArgument);
    expect<i32>(node_size(0xfffffffc)).toBe(Status.BadArgument);
    expect<i32>(node_open(caps + 2)).toBe(Status.BadArgument);
    expect<i32>(memory_claim(MEMORY_LEN)).toBe(Status.Busy);
  });
});

describe("a node", () => {
  beforeEach(() => {
    begin();
    if (node == 0) node = node_open(caps);
    expect<i32>(node_reset(node)).toBe(Status.Ok);
  });

  it("says where its parts lie", () => {
    const size: u32 = node_size(caps);
    expect<bool>(isTaken(node, size)).toBe(true);
    expect<u32>(info(NodeInfoAt.Bytes)).toBe(size);
    expect<u32>(info(NodeInfoAt.Arena)).toBe(<u32>node + size - SLOTS * STRIDE);
    expect<u32>(info(NodeInfoAt.SlotStride)).toBe(STRIDE);
    expect<u32>(info(NodeInfoAt.SlotCount)).toBe(SLOTS);
    expect<u32>(info(NodeInfoAt.Scratch)).toBe(<u32>scratchPtr());
    expect<u32>(info(NodeInfoAt.ScratchLen)).toBe(SCRATCH_LEN);
    expect<i32>(node_info(0, scratchPtr())).toBe(Status.BadArgument);
  });

  it("counts what is in its tables, and forgets it", () => {
    setDomain(node, 0);
    setPort(node, 0, PortKind.Ethernet, 0);
    setPort(node, 1, PortKind.Ethernet, 0);
    setRemote(node, 3, 0xc0000201);
    hopSet(node, hopRecord(0, HopKind.Local));
    routeInsert(node, 0x0a000000, 24, 0);
    advance(node, 5000);
    expect<u32>(info(NodeInfoAt.Routes)).toBe(1);
    expect<u32>(info(NodeInfoAt.RoutePoolBytes)).toBeGreaterThan(0);
    expect<u32>(info(NodeInfoAt.Hops)).toBe(1);
    expect<u32>(info(NodeInfoAt.Fdb)).toBe(0);
    expect<u32>(info(NodeInfoAt.Remotes)).toBe(1);
    expect<u32>(info(NodeInfoAt.Ports)).toBe(2);
    expect<u32>(info(NodeInfoAt.Domains)).toBe(1);
    expect<i32>(node_reset(node)).toBe(Status.Ok);
    for (let at: i32 = NodeInfoAt.Routes; at < NodeInfoAt.End; at += 4) {
      expect<u32>(info(at)).toBe(0);
    }
    expect<u32>(nowSeconds(node)).toBe(0);
    expect<i32>(node_reset(node + 64)).toBe(Status.BadArgument);
  });

  it("fills slots that come back, while it is debugged", () => {
    const arena = info(NodeInfoAt.Arena);
    dirty(arena, SLOTS * STRIDE);
    expect<i32>(slot_poison(node, 1, 2)).toBe(2);
    expect<bool>(isDirty(arena, STRIDE)).toBe(true);
    expect<u32>(load<u8>(arena + STRIDE)).toBe(0xdd);
    expect<u32>(load<u8>(arena + 3 * STRIDE - 1)).toBe(0xdd);
    expect<bool>(isDirty(arena + 3 * STRIDE, STRIDE)).toBe(true);
    expect<i32>(slot_poison(node, SLOTS, 0)).toBe(0);
    expect<i32>(slot_poison(node, SLOTS + 1, 0)).toBe(Status.BadArgument);
    expect<i32>(slot_poison(node, 1, SLOTS)).toBe(Status.BadArgument);
    expect<i32>(slot_poison(node + 64, 0, 1)).toBe(Status.BadArgument);
  });

  it("gives its place back, the last one first", () => {
    fillCaps();
    const second = node_open(caps);
    const third = node_open(caps);
    expect<i32>(node_close(second)).toBe(Status.Busy);
    expect<i32>(node_close(second + 64)).toBe(Status.BadArgument);
    expect<i32>(node_close(third)).toBe(Status.Ok);
    expect<i32>(node_close(third)).toBe(Status.BadArgument);
    expect<i32>(node_open(caps)).toBe(third);
    expect<i32>(node_close(third)).toBe(Status.Ok);
    expect<i32>(node_close(second)).toBe(Status.Ok);
    expect<i32>(node_open(caps)).toBe(second);
    expect<i32>(node_close(second)).toBe(Status.Ok);
    expect<i32>(node_reset(second)).toBe(Status.BadArgument);
  });

  it("needs memory that is left", () => {
    word(CapsAt.Scratch, MEMORY_LEN);
    expect<i32>(node_open(caps)).toBe(Status.NoMemory);
    fillCaps();
    const second = node_open(caps);
    expect<i32>(second).toBe(<i32>node + node_size(caps));
  });
});
