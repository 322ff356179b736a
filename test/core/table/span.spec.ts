import { BRANCH_LEN, Branch } from "../../../assembly/table/branch";
import {
  buddyGive,
  buddyLen,
  buddyOpen,
  buddyTake,
  buddyUsed,
  CHUNK_LEN,
} from "../../../assembly/table/buddy";
import { ASK, NO_LEAF, SPAN_LEN, Span } from "../../../assembly/table/span";
import { dirty } from "../bytes";

const ROOM: u32 = 4096;
const FIRST: u32 = 0x0a018000; // of a span: its root's nibbles 8 to 11
const SLOTS: u32 = 64;

const treePool: usize = memory.data(64, 8);
const pool: usize = memory.data(64, 8);
const treeBase: usize = memory.data(4096, 64);
const base: usize = memory.data(4096, 64);
const root: usize = memory.data(16, 16);
const lying: usize = memory.data(16, 16);

let span: Span = Span.of(lying, 0);

function open(chunks: u32 = 8): void {
  expect<bool>(buddyLen(8 * CHUNK_LEN) <= ROOM).toBe(true);
  dirty(base, ROOM);
  buddyOpen(treePool, treeBase, 8 * CHUNK_LEN);
  buddyOpen(pool, base, chunks * CHUNK_LEN);
  memory.fill(root, 0, BRANCH_LEN);
  memory.fill(lying, 0, SPAN_LEN);
  span = Span.of(lying, 0);
  span.open();
}

/** The branch behind these four bits of the root. */
function behind(nibble: u32): Branch {
  if (!Branch.at(root).forksAt(nibble)) Branch.at(root).fork(treePool, nibble);
  return Branch.at(root).next(nibble);
}

function draw(): void {
  span.draw(pool, Branch.at(root), FIRST);
}

function leaf(slot: u32, host: u32 = 0): u32 {
  return load<u16>(span.leafPtr(FIRST + (slot << 8) + host));
}

describe("a span", () => {
  it("has no leaf before there is a route, and none behind the last one", () => {
    open();
    for (let slot: u32 = 0; slot < SLOTS; slot++) expect<u32>(leaf(slot, 255)).toBe(NO_LEAF);
    Branch.at(root).insert(treePool, 16 | 8, 6);
    draw();
    expect<u32>(leaf(0)).toBe(7);
    Branch.at(root).remove(treePool, 16 | 8);
    draw();
    for (let slot: u32 = 0; slot < SLOTS; slot++) expect<u32>(leaf(slot)).toBe(NO_LEAF);
    expect<u32>(buddyUsed(pool)).toBe(0);
  });

  it("answers each slot with the longest prefix of 17 to 24 bits", () => {
    open();
    Branch.at(root).insert(treePool, 2 | 1, 1); // /17
    Branch.at(root).insert(treePool, 4 | 2, 2); // /18
    Branch.at(root).insert(treePool, 8 | 5, 3); // /19: slots 32 to 63
    behind(9).insert(treePool, 2, 4); // /21: slots 16 to 23
    behind(9).insert(treePool, 16 | 15, 5); // /24: slot 31
    behind(11).insert(treePool, 16, 6); // slot 48
    behind(12).insert(treePool, 16, 9); // of the next span
    behind(7).insert(treePool, 31, 9); // of the one before
    draw();
    for (let slot: u32 = 0; slot < SLOTS; slot++) {
      let hop: u32 = slot < 32 ? 2 : 3;
      if (slot >= 16 && slot < 24) hop = 4;
      if (slot == 31) hop = 5;
      if (slot == 48) hop = 6;
      expect<u32>(leaf(slot)).toBe(hop + 1);
      expect<u32>(leaf(slot, 255)).toBe(hop + 1);
    }
    expect<u32>(buddyUsed(pool)).toBe(16); // seven runs
  });

  it("asks the tree for what is longer, and for the hop that has no leaf", () => {
    open();
    behind(8).fork(treePool, 3);
    behind(8).next(3).insert(treePool, 2, 1);
    behind(10).insert(treePool, 16 | 1, ASK - 1);
    draw();
    for (let slot: u32 = 0; slot < SLOTS; slot++) {
      expect<u32>(leaf(slot)).toBe(slot == 3 || slot == 33 ? ASK : NO_LEAF);
    }
  });

  it("keeps a leaf for each slot, and takes another block when the runs are other ones", () => {
    open();
    for (let count: u32 = 1; count <= SLOTS; count++) {
      const slot = count - 1;
      behind(8 + (slot >> 4)).insert(treePool, 16 | (slot & 15), slot);
      draw();
      for (let i: u32 = 0; i < SLOTS; i++) expect<u32>(leaf(i)).toBe(i < count ? i + 1 : NO_LEAF);
    }
    expect<u32>(buddyUsed(pool)).toBe(2 * SLOTS);
    for (let slot: u32 = 0; slot < SLOTS; slot++) {
      behind(8 + (slot >> 4)).remove(treePool, 16 | (slot & 15));
      draw();
      for (let i: u32 = 0; i < SLOTS; i++) expect<u32>(leaf(i)).toBe(i > slot ? i + 1 : NO_LEAF);
    }
    expect<u32>(buddyUsed(pool)).toBe(0);
  });

  it("asks the tree where there is no room, until there is", () => {
    open(1);
    const taken = buddyTake(pool, 5);
    behind(9).insert(treePool, 16, 4);
    draw();
    for (let slot: u32 = 0; slot < SLOTS; slot++) expect<u32>(leaf(slot)).toBe(ASK);
    buddyGive(pool, taken, 5);
    draw();
    expect<u32>(leaf(16)).toBe(5);
    expect<u32>(leaf(17)).toBe(NO_LEAF);
    expect<u32>(buddyUsed(pool)).toBe(8);
  });

  it("keeps the short route beside its leaves", () => {
    open();
    span.setShort(7);
    draw();
    expect<u32>(span.short).toBe(7);
    expect<u32>(leaf(0)).toBe(NO_LEAF);
  });
});
