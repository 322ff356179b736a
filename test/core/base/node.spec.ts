import { claim, take } from "../../../assembly/base/memory";
import {
  addCount,
  advance,
  arena,
  arenaEnd,
  count,
  emitNode,
  isHostRange,
  isLoose,
  isNode,
  isRecord,
  isRecords,
  isTime,
  isWords,
  NODE_BLOCK_LEN,
  nodeAt,
} from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";

const SCRATCH_LEN: u32 = 256;
const ARENA_LEN: u32 = 4096;

let node: usize = 0;

/** A node whose scratch and arena lie right behind its block. */
function openNode(): void {
  if (node == 0) {
    heap.alloc(1); // or the specs' own heap, once it begins, would take the claim for its own
    claim(65536);
    node = take(NODE_BLOCK_LEN + SCRATCH_LEN + ARENA_LEN);
  }
  memory.fill(node, 0, NODE_BLOCK_LEN);
  emitNode(node, NODE_BLOCK_LEN + SCRATCH_LEN + ARENA_LEN, 0x0123456789abcdef);
  const scratch = <u32>node + NODE_BLOCK_LEN;
  store<u32>(node, scratch, nodeAt.SCRATCH);
  store<u32>(node, SCRATCH_LEN, nodeAt.SCRATCH_LEN);
  store<u32>(node, scratch + SCRATCH_LEN, nodeAt.ARENA);
  store<u32>(node, ARENA_LEN, nodeAt.ARENA_LEN);
}

describe("node", () => {
  beforeEach(openNode);

  it("is known by its address, and no other is", () => {
    expect<bool>(isNode(node)).toBe(true);
    expect<bool>(isNode(node + 1)).toBe(false);
    expect<bool>(isNode(node + 64)).toBe(false);
    expect<bool>(isNode(0)).toBe(false);
    expect<bool>(isNode(0xffffffc0)).toBe(false);
    memory.copy(node + 64, node, 64); // a copy names itself wrongly
    expect<bool>(isNode(node + 64)).toBe(false);
  });

  it("leaves the host its scratch and arena, and nothing else", () => {
    const scratch = node + NODE_BLOCK_LEN;
    expect<bool>(isHostRange(node, scratch, SCRATCH_LEN + ARENA_LEN)).toBe(true);
    expect<bool>(isHostRange(node, scratch, SCRATCH_LEN + ARENA_LEN + 1)).toBe(false);
    expect<bool>(isHostRange(node, scratch - 1, 1)).toBe(false);
    expect<usize>(arena(node)).toBe(scratch + SCRATCH_LEN);
    expect<usize>(arenaEnd(node)).toBe(scratch + SCRATCH_LEN + ARENA_LEN);
  });

  it("takes records that are aligned and whole", () => {
    const scratch = node + NODE_BLOCK_LEN;
    expect<bool>(isRecords(node, scratch, (SCRATCH_LEN + ARENA_LEN) / 32, 32)).toBe(true);
    expect<bool>(isRecords(node, scratch, (SCRATCH_LEN + ARENA_LEN) / 32 + 1, 32)).toBe(false);
    expect<bool>(isRecords(node, scratch, 0, 32)).toBe(true);
    for (let shift: usize = 1; shift < 4; shift++) {
      expect<bool>(isRecords(node, scratch + shift, 1, 32)).toBe(false);
    }
    expect<bool>(isRecords(node, scratch, 0x08000000, 32)).toBe(false); // 2^32 bytes wrap to none
    expect<bool>(isRecords(node, scratch, 0xffffffff, 0xffffffff)).toBe(false);
  });

  it("takes loose records where no table is", () => {
    const end = node + NODE_BLOCK_LEN + SCRATCH_LEN + ARENA_LEN;
    const claimEnd = (node & ~0xffff) + 65536;
    expect<bool>(isLoose(node + NODE_BLOCK_LEN, (SCRATCH_LEN + ARENA_LEN) / 32, 32)).toBe(true);
    expect<bool>(isLoose(end, <u32>(claimEnd - end) / 32, 32)).toBe(true);
    expect<bool>(isLoose(claimEnd - 32, 1, 32)).toBe(true);
    expect<bool>(isLoose(claimEnd - 32, 2, 32)).toBe(false);
    expect<bool>(isLoose(end - 32, 2, 32)).toBe(false); // half a node's, half nobody's
    expect<bool>(isLoose(node, 1, 32)).toBe(false);
    expect<bool>(isLoose(node + NODE_BLOCK_LEN - 4, 1, 32)).toBe(false);
    expect<bool>(isLoose(node - 32, 1, 32)).toBe(false);
    expect<bool>(isLoose(end + 2, 1, 32)).toBe(false);
    expect<bool>(isLoose(end, 0x08000001, 32)).toBe(false); // 2^32 bytes wrap to 32
    expect<bool>(isLoose(0xfffffffc, 1, 32)).toBe(false);
    expect<bool>(isLoose(0, 1, 32)).toBe(false);
  });

  it("takes loose records of the second node", () => {
    const second = take(NODE_BLOCK_LEN + 64);
    memory.fill(second, 0, NODE_BLOCK_LEN);
    emitNode(second, NODE_BLOCK_LEN + 64, 1);
    store<u32>(second, <u32>second + NODE_BLOCK_LEN, nodeAt.SCRATCH);
    store<u32>(second, <u32>second + NODE_BLOCK_LEN, nodeAt.ARENA);
    store<u32>(second, 64, nodeAt.ARENA_LEN);
    expect<bool>(isLoose(second + NODE_BLOCK_LEN, 2, 32)).toBe(true);
    expect<bool>(isLoose(second + NODE_BLOCK_LEN, 3, 32)).toBe(false);
    expect<bool>(isLoose(second, 1, 32)).toBe(false);
    expect<bool>(isLoose(node + NODE_BLOCK_LEN, 1, 32)).toBe(true);
  });

  it("refuses a stranger, and records elsewhere", () => {
    const scratch = node + NODE_BLOCK_LEN;
    expect<bool>(isRecord(node, scratch, 32)).toBe(true);
    expect<bool>(isRecord(node + 64, scratch, 32)).toBe(false);
    expect<bool>(isRecord(node, scratch - 4, 32)).toBe(false);
  });

  it("takes words that are aligned to their length", () => {
    const scratch = node + NODE_BLOCK_LEN;
    expect<bool>(isWords(node, scratch + 4, 2, 4)).toBe(true);
    expect<bool>(isWords(node, scratch + 8, 2, 8)).toBe(true);
    expect<bool>(isWords(node, scratch + 4, 2, 8)).toBe(false);
    expect<bool>(isWords(node + 64, scratch, 2, 8)).toBe(false);
  });

  it("counts each status in a place of its own", () => {
    count(node, Status.Truncated);
    count(node, Status.Truncated);
    addCount(node, Status.Ok, 0xffffffff);
    addCount(node, Status.Ok, 1);
    count(node, -255);
    expect<u64>(load<u64>(node + 32 * 8, nodeAt.COUNTERS)).toBe(2);
    expect<u64>(load<u64>(node, nodeAt.COUNTERS)).toBe(0x100000000);
    expect<u64>(load<u64>(node + 255 * 8, nodeAt.COUNTERS)).toBe(1);
    expect<u64>(load<u64>(node + 33 * 8, nodeAt.COUNTERS)).toBe(0);
  });

  it("knows what a time is", () => {
    expect<bool>(isTime(0)).toBe(true);
    expect<bool>(isTime(1.5)).toBe(true);
    expect<bool>(isTime(4503599627370495)).toBe(true);
    expect<bool>(isTime(4503599627370496)).toBe(false);
    expect<bool>(isTime(-1)).toBe(false);
    expect<bool>(isTime(NaN)).toBe(false);
    expect<bool>(isTime(Infinity)).toBe(false);
  });

  it("never lets time go back", () => {
    expect<u32>(advance(node, 1999)).toBe(1);
    expect<u32>(advance(node, 2000)).toBe(2);
    expect<u32>(advance(node, 1000)).toBe(2);
    expect<u32>(advance(node, 3500.9)).toBe(3);
  });
});
