// Where to go for an address: what a packet asks of the routes, and nothing else of them.
import { nodeAt } from "../base/node";
import { Status } from "../base/status";
import { shortHop } from "./root";
import { routeMatch } from "./route";
import { ASK, LEAF_MASK, NO_LEAF, Span, spanAt } from "./span";
import { spansOf } from "./spans";

const STEP: u32 = 4; // addresses
const SECOND: usize = 4; // of them
const THIRD: usize = 8;
const FOURTH: usize = 12;
const STEP_LEN: usize = 16;

/** The hop of the longest prefix that covers `address`, or NotFound. */
export function routeFind(node: usize, address: u32): i32 {
  const spans = spansOf(node + nodeAt.ROUTE);
  if (spans == 0) return matchedHop(node, address);
  const span = Span.of(spans, address);
  let leaf: u32 = load<u16>(span.leafPtr(address));
  if (leaf == ASK) return matchedHop(node, address);
  if (leaf == NO_LEAF) leaf = span.short;
  if (leaf == NO_LEAF) leaf = defaultLeaf(node);
  return leaf == NO_LEAF ? Status.NotFound : <i32>leaf - 1;
}

function matchedHop(node: usize, address: u32): i32 {
  const match = routeMatch(node, address);
  return match < 0 ? match : match & 0xffff;
}

function defaultLeaf(node: usize): u32 {
  return (shortHop(node + nodeAt.ROUTE, 0, 0) + 1) & LEAF_MASK;
}

/** `routeFind` for u32[count]: a hop each, or all ones. Returns: how many were found. */
export function routeFindEach(node: usize, addresses: usize, out: usize, count: u32): i32 {
  let hits: i32 = 0;
  let rest = count;
  if (ASC_FEATURE_SIMD && spansOf(node + nodeAt.ROUTE) != 0) {
    rest = count % STEP;
    hits = findFours(node, addresses, out, count - rest);
  }
  out += (count - rest) << 2;
  addresses += (count - rest) << 2;
  for (const end = out + (rest << 2); out < end; out += sizeof<u32>()) {
    const hop = routeFind(node, load<u32>(addresses));
    store<u32>(out, hop < 0 ? -1 : hop);
    if (hop >= 0) hits += 1;
    addresses += sizeof<u32>();
  }
  return hits;
}

// Four at a time, and no step that depends on an answer but the rare one that asks the tree: a
// wrong guess would stop the loads of all addresses behind.
function findFours(node: usize, addresses: usize, out: usize, count: u32): i32 {
  const spans = spansOf(node + nodeAt.ROUTE);
  const none = i32x4.splat(NO_LEAF);
  const fallback = i32x4.splat(defaultLeaf(node));
  let hits: i32 = 0;
  for (const end = addresses + (count << 2); addresses < end; addresses += STEP_LEN) {
    const a = load<u32>(addresses);
    const b = load<u32>(addresses, SECOND);
    const c = load<u32>(addresses, THIRD);
    const d = load<u32>(addresses, FOURTH);
    const spanA = Span.of(spans, a);
    const spanB = Span.of(spans, b);
    const spanC = Span.of(spans, c);
    const spanD = Span.of(spans, d);
    let leaves = v128.load_lane<u16>(spanA.leafPtr(a), none, 0);
    leaves = v128.load_lane<u16>(spanB.leafPtr(b), leaves, 2);
    leaves = v128.load_lane<u16>(spanC.leafPtr(c), leaves, 4);
    leaves = v128.load_lane<u16>(spanD.leafPtr(d), leaves, 6);
    if (v128.any_true(i32x4.eq(leaves, i32x4.splat(ASK)))) leaves = askFour(node, addresses, out);
    let shorts = v128.load_lane<u16>(changetype<usize>(spanA), none, 0, spanAt.SHORT);
    shorts = v128.load_lane<u16>(changetype<usize>(spanB), shorts, 2, spanAt.SHORT);
    shorts = v128.load_lane<u16>(changetype<usize>(spanC), shorts, 4, spanAt.SHORT);
    shorts = v128.load_lane<u16>(changetype<usize>(spanD), shorts, 6, spanAt.SHORT);
    leaves = v128.or(leaves, v128.and(shorts, i32x4.eq(leaves, none)));
    leaves = v128.or(leaves, v128.and(fallback, i32x4.eq(leaves, none)));
    const hops = i32x4.sub(leaves, i32x4.splat(1)); // below zero: none
    hits += STEP - popcnt(i32x4.bitmask(hops));
    v128.store(out, hops);
    out += STEP_LEN;
  }
  return hits;
}

/** The leaves of four addresses, as the tree has them, by way of `out`. */
function askFour(node: usize, addresses: usize, out: usize): v128 {
  const end = out + STEP_LEN;
  for (let to = out; to < end; to += sizeof<u32>()) {
    store<u32>(to, <u32>max(routeFind(node, load<u32>(addresses)), -1) + 1);
    addresses += sizeof<u32>();
  }
  return v128.load(out);
}
