// The spans of all addresses, drawn from the tree whenever it changes: they can neither be full nor
// wrong. They are there where a root is 16 bits deep, and the tree too large for a cache.
import { toLine } from "../base/arith";
import { buddyLen, buddyOpen } from "./buddy";
import { ROOT_BITS_MAX, rootBits, rootOf, routeAt, shortHop } from "./root";
import { LEAF_MASK, NO_LEAF, SPAN_COUNT, SPAN_LEN, SPAN_SHIFT, Span } from "./span";

// No routes need more for leaves: k of them in a span begin at most 2 k + 1 runs, of 2 bytes each,
// and a block of that is at most twice as long.
const LEAF_BYTES: u32 = 8;

/** Lays spans out at `base`, a line's beginning, if any. Returns: the first line behind them. */
export function laySpans(table: usize, base: usize, routes: u32): usize {
  if (rootBits(table) < ROOT_BITS_MAX) return base;
  const leaves = base + SPAN_COUNT * SPAN_LEN;
  store<u32>(table, <u32>base, routeAt.SPANS);
  buddyOpen(table + routeAt.LEAVES, leaves, routes * LEAF_BYTES);
  return toLine(<u32>leaves + <u32>buddyLen(routes * LEAF_BYTES));
}

/** Says that no routes are there. Requires: spans of zeros, if any. */
export function clearSpans(table: usize): void {
  const spans = spansOf(table);
  if (spans == 0) return;
  for (let i: u32 = 0; i < SPAN_COUNT; i++) Span.of(spans, i << SPAN_SHIFT).open();
}

/** Where the spans begin, or 0. */
export function spansOf(table: usize): usize {
  return load<u32>(table, routeAt.SPANS);
}

/** Draws what a prefix changed. That of the default route changes none. */
export function drawSpans(table: usize, address: u32, len: u32): void {
  const spans = spansOf(table);
  if (spans == 0 || len == 0) return;
  const end = <u64>address + ((<u64>1) << (32 - len));
  for (let first: u64 = address; first < end; first += 1 << SPAN_SHIFT) {
    const span = Span.of(spans, <u32>first);
    if (len <= ROOT_BITS_MAX) span.setShort(shortLeaf(table, <u32>first));
    else span.draw(table + routeAt.LEAVES, rootOf(table, <u32>first), <u32>first);
  }
}

/** The leaf of the longest short route that covers an address and is not the default one. */
function shortLeaf(table: usize, address: u32): u32 {
  const cover = rootOf(table, address).cover;
  return cover == 0 ? NO_LEAF : (shortHop(table, address, cover) + 1) & LEAF_MASK;
}
