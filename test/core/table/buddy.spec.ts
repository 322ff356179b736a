import { mix } from "../../../assembly/base/hash";
import {
  BUDDY_HEADER_LEN,
  blockLen,
  buddyGive,
  buddyLen,
  buddyOpen,
  buddyTake,
  buddyUsed,
  CHUNK_LEN,
  orderOf,
} from "../../../assembly/table/buddy";
import { dirty, isDirty } from "../bytes";

const CHUNKS: u32 = 4;
const POOL_LEN: u32 = CHUNKS * 256;
const GUARD: u32 = 64;
const HELD_MAX: u32 = 128; // blocks of 8 bytes

const header: usize = memory.data(64, 8);
const base: usize = memory.data(2048, 64);
const held: usize = memory.data(1024, 8); // u32 block, u32 order

function open(bytes: u32): void {
  dirty(header, 64);
  dirty(base, 2048);
  buddyOpen(header, base + GUARD, bytes);
}

/** Takes blocks of `order` until there are none, and says how many there were. */
function drain(order: u32): u32 {
  let count: u32 = 0;
  while (buddyTake(header, order) != 0) count++;
  return count;
}

describe("the buddy pool", () => {
  it("keeps to its header and its memory", () => {
    open(POOL_LEN);
    expect<u64>(buddyLen(POOL_LEN)).toBe(POOL_LEN + CHUNKS * 8);
    for (let block = buddyTake(header, 0); block != 0; block = buddyTake(header, 0)) {
      memory.fill(block, 0xff, 8);
    }
    expect<bool>(isDirty(header + BUDDY_HEADER_LEN, 64 - BUDDY_HEADER_LEN)).toBe(true);
    expect<bool>(isDirty(base, GUARD)).toBe(true);
    const end = base + GUARD + <usize>buddyLen(POOL_LEN);
    expect<bool>(isDirty(end, <u32>(base + 2048 - end))).toBe(true);
  });

  it("rounds up to whole chunks, and up to the largest u32", () => {
    expect<u64>(buddyLen(0)).toBe(0);
    expect<u64>(buddyLen(1)).toBe(264);
    expect<u64>(buddyLen(256)).toBe(264);
    expect<u64>(buddyLen(257)).toBe(528);
    expect<u64>(buddyLen(0xffffffff)).toBe(0x100000000 + 0x8000000);
  });

  it("knows the smallest block for a length", () => {
    expect<u32>(orderOf(1)).toBe(0);
    expect<u32>(orderOf(8)).toBe(0);
    expect<u32>(orderOf(9)).toBe(1);
    expect<u32>(orderOf(16)).toBe(1);
    expect<u32>(orderOf(17)).toBe(2);
    expect<u32>(orderOf(129)).toBe(5);
    expect<u32>(orderOf(CHUNK_LEN)).toBe(5);
    expect<u32>(blockLen(5)).toBe(CHUNK_LEN);
  });

  it("gives all it has, in blocks of any order, and then none", () => {
    for (let order: u32 = 0; order <= 5; order++) {
      open(POOL_LEN);
      expect<u32>(drain(order)).toBe(POOL_LEN >> (order + 3));
      expect<u32>(buddyUsed(header)).toBe(POOL_LEN);
    }
    open(0);
    expect<u32>(drain(0)).toBe(0);
  });

  it("makes one block of two neighbors, and of a chunk again a chunk", () => {
    open(CHUNK_LEN);
    for (let i: u32 = 0; i < 32; i++) store<u32>(held + i * 4, <u32>buddyTake(header, 0));
    for (let i: u32 = 0; i < 32; i++) {
      expect<usize>(buddyTake(header, 5)).toBe(0);
      buddyGive(header, <usize>load<u32>(held + ((i * 11) % 32) * 4), 0);
    }
    expect<u32>(buddyUsed(header)).toBe(0);
    expect<usize>(buddyTake(header, 5)).toBe(base + GUARD);
  });

  it("takes back the half of a block", () => {
    open(CHUNK_LEN);
    const block = buddyTake(header, 5);
    buddyGive(header, block + 128, 4);
    expect<u32>(buddyUsed(header)).toBe(128);
    expect<usize>(buddyTake(header, 4)).toBe(block + 128);
    buddyGive(header, block, 4);
    buddyGive(header, block + 128, 4);
    expect<usize>(buddyTake(header, 5)).toBe(block);
  });

  it("never hands out a byte twice, whatever comes and goes", () => {
    open(POOL_LEN);
    let count: u32 = 0;
    let used: u32 = 0;
    for (let step: u32 = 0; step < 20000; step++) {
      const dice = <u32>mix(step);
      if (count < HELD_MAX && ((dice >> 8) & 1) == 0) {
        const order = (dice >> 16) % 6;
        const block = buddyTake(header, order);
        if (block == 0) continue;
        expect<bool>(overlapsHeld(block, order, count)).toBe(false);
        store<u32>(held + count * 8, <u32>block);
        store<u32>(held + count * 8, order, 4);
        memory.fill(block, <u8>dice, blockLen(order)); // the pool may keep nothing there
        used += blockLen(order);
        count++;
      } else if (count > 0) {
        const at = held + ((dice >> 16) % count) * 8;
        const order = load<u32>(at, 4);
        buddyGive(header, <usize>load<u32>(at), order);
        used -= blockLen(order);
        count--;
        store<u64>(at, load<u64>(held + count * 8));
      }
      expect<u32>(buddyUsed(header)).toBe(used);
    }
    for (let i: u32 = 0; i < count; i++) {
      buddyGive(header, <usize>load<u32>(held + i * 8), load<u32>(held + i * 8, 4));
    }
    expect<u32>(drain(5)).toBe(CHUNKS);
  });
});

function overlapsHeld(block: usize, order: u32, count: u32): bool {
  for (let i: u32 = 0; i < count; i++) {
    const other = <usize>load<u32>(held + i * 8);
    const otherEnd = other + blockLen(load<u32>(held + i * 8, 4));
    if (block < otherEnd && other < block + blockLen(order)) return true;
  }
  return false;
}
