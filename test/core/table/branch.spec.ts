import { BRANCH_LEN, Branch } from "../../../assembly/table/branch";
import {
  BUDDY_HEADER_LEN,
  buddyGive,
  buddyLen,
  buddyOpen,
  buddyTake,
  buddyUsed,
  CHUNK_LEN,
} from "../../../assembly/table/buddy";
import { dirty } from "../bytes";

const NAMES: u32 = 30; // 2 to 31
const BLOCK_MIN: u32 = 8; // four hops
const ROUTES_MAX: u32 = 4;

const pool: usize = memory.data(64, 8);
const base: usize = memory.data(1024, 64);
const root: usize = memory.data(16, 16);

let branch: Branch = Branch.at(root);

function open(chunks: u32): void {
  dirty(base, 1024);
  buddyOpen(pool, base, chunks * CHUNK_LEN);
  memory.fill(root, 0, BRANCH_LEN);
  branch = Branch.at(root);
}

/** Leaves nothing in the pool. Returns: a block of the smallest kind, to be given back. */
function drain(): usize {
  let last: usize = 0;
  for (let block = buddyTake(pool, 0); block != 0; block = buddyTake(pool, 0)) last = block;
  return last;
}

function hopOf(name: u32): u32 {
  return load<u16>(branch.hopPtr(name));
}

describe("a branch", () => {
  it("keeps the hop of each of its thirty prefixes, whichever go first", () => {
    for (let stride: u32 = 1; stride < NAMES; stride++) {
      if (stride % 2 == 0 || stride % 3 == 0 || stride % 5 == 0) continue; // or some come twice
      open(2);
      for (let i: u32 = 0; i < NAMES; i++) {
        const name = 2 + ((i * stride) % NAMES);
        expect<bool>(branch.insert(pool, name, 100 + name)).toBe(true);
      }
      for (let i: u32 = 0; i < NAMES; i++) {
        const name = 2 + ((i * stride) % NAMES);
        expect<u32>(hopOf(name)).toBe(100 + name);
        branch.remove(pool, name);
        expect<bool>(branch.has(name)).toBe(false);
      }
      expect<bool>(branch.isEmpty).toBe(true);
      expect<u32>(buddyUsed(pool)).toBe(0);
    }
  });

  it("fills its block though nothing else is left, and then refuses", () => {
    open(1);
    branch.insert(pool, 2, 12);
    drain();
    for (let name: u32 = 3; name < 2 + ROUTES_MAX; name++) {
      expect<bool>(branch.insert(pool, name, 10 + name)).toBe(true);
    }
    expect<bool>(branch.insert(pool, 31, 41)).toBe(false);
    expect<bool>(branch.has(31)).toBe(false);
    for (let name: u32 = 2; name < 2 + ROUTES_MAX; name++) {
      expect<u32>(hopOf(name)).toBe(10 + name);
    }
  });

  it("does not fork where there is no room, and is as before", () => {
    open(1);
    branch.insert(pool, 2, 12);
    const block = drain();
    expect<bool>(branch.fork(pool, 7)).toBe(false);
    expect<bool>(branch.forksAt(7)).toBe(false);
    expect<u32>(hopOf(2)).toBe(12);
    buddyGive(pool, block, 0); // too small for a branch
    expect<bool>(branch.fork(pool, 7)).toBe(false);
  });

  it("gives back the half of its block that it no longer needs", () => {
    open(1);
    for (let name: u32 = 2; name <= 2 + ROUTES_MAX; name++) branch.insert(pool, name, 10 + name);
    expect<u32>(buddyUsed(pool)).toBe(2 * BLOCK_MIN);
    branch.remove(pool, 3);
    expect<u32>(buddyUsed(pool)).toBe(BLOCK_MIN);
    dirty(buddyTake(pool, 0), BLOCK_MIN);
    for (let name: u32 = 2; name <= 2 + ROUTES_MAX; name++) {
      if (name != 3) expect<u32>(hopOf(name)).toBe(10 + name);
    }
  });

  it("leads on to sixteen branches, and prunes what is empty", () => {
    open(2);
    for (let nibble: u32 = 0; nibble < 16; nibble++) {
      expect<bool>(branch.fork(pool, nibble ^ 5)).toBe(true);
      expect<bool>(branch.next(nibble ^ 5).isEmpty).toBe(true);
      branch.next(nibble ^ 5).setCover(nibble);
    }
    for (let nibble: u32 = 0; nibble < 16; nibble++) {
      expect<u32>(branch.next(nibble ^ 5).cover).toBe(nibble);
    }
    expect<bool>(branch.next(9).insert(pool, 2, 7)).toBe(true);
    for (let nibble: u32 = 0; nibble < 16; nibble++) branch.prune(pool, nibble << 28);
    expect<u32>(branch.forks).toBe(1 << 9);
    expect<u32>(load<u16>(branch.next(9).hopPtr(2))).toBe(7);
    branch.next(9).remove(pool, 2);
    branch.prune(pool, 9 << 28);
    expect<bool>(branch.isEmpty).toBe(true);
    expect<u32>(buddyUsed(pool)).toBe(0);
  });

  it("has a pool that fits where it is laid", () => {
    expect<bool>(BUDDY_HEADER_LEN <= 64 && buddyLen(2 * CHUNK_LEN) <= 1024).toBe(true);
  });
});
