// Where look-ups of routes begin: a root for the first `rootBits` bits of an address, a branch of
// the prefix tree, and `shorts`, a hop for each prefix of up to as many bits, at its name
// (prefix.ts). So that nobody need try all of them, each root keeps the length of the longest short
// route that covers it, its cover. That of the default route is 0, as is that of none, so the
// default route is one field and no fill.
import { toLine } from "../base/arith";
import { layTable, tableAt } from "../base/node";
import { BRANCH_BITS, BRANCH_LEN, Branch } from "./branch";
import { BUDDY_HEADER_LEN } from "./buddy";
import { nameOf } from "./prefix";

export const ROOT_BITS_MAX: u32 = 16;
export const NO_HOP: u32 = 0xffff;

// The header of the routes goes on from tableAt.
export namespace routeAt {
  export const ROOTS: usize = tableAt.BASE; // address of branches[1 << ROOT_BITS]
  export const ROOT_BITS: usize = 12;
  export const SHORTS: usize = 16; // address of u16[2 << ROOT_BITS], a hop or NO_HOP
  export const POOL: usize = 20; // a buddy pool's header, of the tree
  export const LEAVES: usize = 64; // the same, of the spans
  export const SPANS: usize = 108; // address of spans[SPAN_COUNT], or 0
  export const END: usize = 112;
}

if (routeAt.POOL + <usize>BUDDY_HEADER_LEN != routeAt.LEAVES) ERROR("root: a header is longer");
if (routeAt.LEAVES + <usize>BUDDY_HEADER_LEN != routeAt.SPANS) ERROR("root: a header is longer");
if (routeAt.END > tableAt.END) ERROR("root: the header is longer");
if (ROOT_BITS_MAX % BRANCH_BITS != 0) ERROR("root: branches end at bit 32");

/** Lays roots and shorts out at `base`, for so many routes. Returns: the first line behind them. */
export function layRoots(table: usize, base: usize, routes: u32): usize {
  const bits = min((31 - clz(routes | 1)) & ~(BRANCH_BITS - 1), ROOT_BITS_MAX);
  const shorts = layTable(table, base, routes, BRANCH_LEN << bits);
  store<u32>(table, bits, routeAt.ROOT_BITS);
  store<u32>(table, <u32>shorts, routeAt.SHORTS);
  return shorts + shortsLen(table);
}

/** Says that there are no short prefixes. Requires: roots of zeros. */
export function clearShorts(table: usize): void {
  memory.fill(shortPtr(table, 0, 0) - 2, 0xff, shortsLen(table));
}

function shortsLen(table: usize): u32 {
  return toLine(4 << rootBits(table));
}

export function rootBits(table: usize): u32 {
  return load<u32>(table, routeAt.ROOT_BITS);
}

export function rootOf(table: usize, address: u32): Branch {
  const index = <u32>(((<u64>address) << rootBits(table)) >> 32);
  return Branch.at(<usize>load<u32>(table, routeAt.ROOTS) + index * BRANCH_LEN);
}

/** Where the hop of a short prefix lies, or NO_HOP. Requires: len <= rootBits. */
export function shortPtr(table: usize, address: u32, len: u32): usize {
  return <usize>load<u32>(table, routeAt.SHORTS) + (nameOf(address, len) << 1);
}

/** The hop of a short prefix, or NO_HOP. */
export function shortHop(table: usize, address: u32, len: u32): u32 {
  return load<u16>(shortPtr(table, address, len));
}

export function insertShort(table: usize, address: u32, len: u32, hop: u32): void {
  store<u16>(shortPtr(table, address, len), <u16>hop);
  if (len == 0) return;
  const end = coveredEnd(table, address, len);
  for (let root = changetype<usize>(rootOf(table, address)); root < end; root += BRANCH_LEN) {
    if (Branch.at(root).cover < len) Branch.at(root).setCover(len);
  }
}

export function removeShort(table: usize, address: u32, len: u32): void {
  store<u16>(shortPtr(table, address, len), <u16>NO_HOP);
  if (len == 0) return;
  const cover = coverBelow(table, address, len);
  const end = coveredEnd(table, address, len);
  for (let root = changetype<usize>(rootOf(table, address)); root < end; root += BRANCH_LEN) {
    if (Branch.at(root).cover == len) Branch.at(root).setCover(cover);
  }
}

/** The length of the longest short route that covers this prefix and is shorter, or 0. */
function coverBelow(table: usize, address: u32, len: u32): u32 {
  do len -= 1;
  while (len > 0 && shortHop(table, address, len) == NO_HOP);
  return len;
}

/** One past the last root that a short prefix covers. */
function coveredEnd(table: usize, address: u32, len: u32): usize {
  const first = changetype<usize>(rootOf(table, address));
  return first + ((<usize>BRANCH_LEN) << (rootBits(table) - len));
}
