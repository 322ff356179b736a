// Routes: the longest prefix that covers an IPv4 address leads to a hop.
//
//   roots | shorts | pool
//
// The first `rootBits` bits of an address choose one of `roots`, a branch of the prefix tree, whose
// further branches and hops lie in the pool (branch.ts). Prefixes of up to rootBits bits are in
// `shorts`, a hop for each that can be, at its name (prefix.ts). So that a look-up need not try all
// of them, each root keeps the length of the longest short route that covers it, its cover. That of
// the default route is 0, as is that of none, so the default route is one field and no fill.
//
// rootBits grows with the capacity: 0 for a handful of routes, 16 from 65536 on. Everything of a
// route is in the tree, so exact look-ups, the matched prefix and the ordered walk need no more.

import { toLine } from "../base/arith";
import { layTable, nodeAt, tableAt, tableCount } from "../base/node";
import { Status } from "../base/status";
import { BRANCH_BITS, BRANCH_LEN, Branch } from "./branch";
import { BUDDY_HEADER_LEN, buddyLen, buddyOpen, buddyUsed } from "./buddy";
import { hopAt, useHop } from "./hop";
import { isPrefix, KEY_END, keyAddress, nameOf, nibbleAt } from "./prefix";

const ROOT_BITS_MAX: u32 = 16;
const NO_HOP: u32 = 0xffff;

// The pool that the core chooses: 256 bytes a route hold any routes at all; where there are many
// they share branches, and 2.5 MiB and 8 bytes a route hold what the internet has.
const POOL_BYTES_ANY: u64 = 256;
const POOL_BYTES_MANY: u64 = 8;
const POOL_BYTES_BASE: u64 = 2621440;

// The header goes on from tableAt.
namespace at {
  export const ROOTS: usize = tableAt.BASE; // address of branches[1 << ROOT_BITS]
  export const ROOT_BITS: usize = 12;
  export const SHORTS: usize = 16; // address of u16[2 << ROOT_BITS], a hop or NO_HOP
  export const POOL: usize = 20; // a buddy pool's header
}

if (at.POOL + <usize>BUDDY_HEADER_LEN > tableAt.END) ERROR("route: a header is longer");
if (ROOT_BITS_MAX % BRANCH_BITS != 0) ERROR("route: branches end at bit 32");

/**
 * Lays a table out at `base`, a line's beginning. `poolBytes` 0: the core chooses. It is empty
 * behind zeros and `clearRoutes`. Returns: the first address behind it, a line's beginning.
 */
export function layRoutes(node: usize, base: usize, routes: u32, poolBytes: u32): usize {
  const table = node + nodeAt.ROUTE;
  const bits = rootBitsFor(routes);
  const shorts = layTable(table, base, routes, rootsLen(bits));
  const pool = shorts + shortsLen(bits);
  const bytes = poolLen(routes, poolBytes);
  store<u32>(table, bits, at.ROOT_BITS);
  store<u32>(table, <u32>shorts, at.SHORTS);
  buddyOpen(table + at.POOL, pool, bytes);
  return toLine(<u32>pool + <u32>buddyLen(bytes));
}

/** Says that there are no short prefixes. Requires: a table that was laid out, of zeros. */
export function clearRoutes(node: usize): void {
  const table = node + nodeAt.ROUTE;
  memory.fill(shortPtr(table, 0), 0xff, shortsLen(rootBits(table)));
}

function rootBitsFor(routes: u32): u32 {
  const bits = (31 - clz(routes | 1)) & ~(BRANCH_BITS - 1);
  return min(bits, ROOT_BITS_MAX);
}

function rootsLen(bits: u32): u32 {
  return BRANCH_LEN << bits;
}

function shortsLen(bits: u32): u32 {
  return toLine(4 << bits);
}

function poolLen(routes: u32, poolBytes: u32): u32 {
  if (poolBytes != 0) return poolBytes;
  return <u32>min(routes * POOL_BYTES_ANY, POOL_BYTES_BASE + routes * POOL_BYTES_MANY);
}

/** Bytes of the pool in use. */
export function routePoolUsed(node: usize): u32 {
  return buddyUsed(node + nodeAt.ROUTE + at.POOL);
}

/** The hop of the longest prefix that covers `address`, or NotFound. */
export function routeFind(node: usize, address: u32): i32 {
  const match = routeMatch(node, address);
  return match < 0 ? match : match & 0xffff;
}

/** The length of that prefix and its hop, length << 16 | hop, or NotFound. */
export function routeMatch(node: usize, address: u32): i32 {
  const table = node + nodeAt.ROUTE;
  const root = rootOf(table, address);
  let depth = rootBits(table);
  let bits = address << depth;
  let branch = root;
  let name = branch.longest(bits >> 28);
  let owner = branch;
  let ownerDepth = depth;
  while (branch.forksAt(bits >> 28)) {
    branch = branch.next(bits >> 28);
    bits <<= BRANCH_BITS;
    depth += BRANCH_BITS;
    const longer = branch.longest(bits >> 28);
    if (longer == 0) continue;
    name = longer;
    owner = branch;
    ownerDepth = depth;
  }
  if (name == 0) return coverOf(table, root, address);
  return <i32>(((ownerDepth + 31 - clz(name)) << 16) | load<u16>(owner.hopPtr(name)));
}

function coverOf(table: usize, root: Branch, address: u32): i32 {
  const hop: u32 = load<u16>(shortPtr(table, nameOf(address, root.cover)));
  return hop == NO_HOP ? Status.NotFound : <i32>((root.cover << 16) | hop);
}

/** The hop of exactly this prefix, or NotFound. Requires: isPrefix(address, len). */
export function routeGet(node: usize, address: u32, len: u32): i32 {
  const ptr = hopPtr(node + nodeAt.ROUTE, address, len);
  return ptr == 0 ? Status.NotFound : load<u16>(ptr);
}

/** Where the hop of exactly this prefix lies, or 0. */
function hopPtr(table: usize, address: u32, len: u32): usize {
  if (len <= rootBits(table)) {
    const ptr = shortPtr(table, nameOf(address, len));
    return load<u16>(ptr) == NO_HOP ? 0 : ptr;
  }
  const owner = ownerOf(table, address, len);
  const name = ownName(address, len);
  return owner != 0 && Branch.at(owner).has(name) ? Branch.at(owner).hopPtr(name) : 0;
}

/** The branch that owns this long prefix if anyone does, or 0. */
function ownerOf(table: usize, address: u32, len: u32): usize {
  let branch = rootOf(table, address);
  for (let depth = rootBits(table); depth < depthOf(len); depth += BRANCH_BITS) {
    const nibble = nibbleAt(address, depth);
    if (!branch.forksAt(nibble)) return 0;
    branch = branch.next(nibble);
  }
  return changetype<usize>(branch);
}

/** How many bits lead to the branch that owns a long prefix. */
function depthOf(len: u32): u32 {
  return (len - 1) & ~(BRANCH_BITS - 1);
}

/** The name of a long prefix in its branch. */
function ownName(address: u32, len: u32): u32 {
  return nameOf(address << depthOf(len), len - depthOf(len));
}

/**
 * Makes or replaces a route. Returns: Ok; NotFound when there is no such hop; NoRoom, and then
 * nothing changed. Requires: isPrefix(address, len).
 */
export function routeInsert(node: usize, address: u32, len: u32, hop: u32): Status {
  if (hopAt(node, hop) == 0) return Status.NotFound;
  const table = node + nodeAt.ROUTE;
  const ptr = hopPtr(table, address, len);
  if (ptr != 0) {
    useHop(node, hop, 1);
    useHop(node, load<u16>(ptr), -1);
    store<u16>(ptr, <u16>hop);
    return Status.Ok;
  }
  const count = tableCount(table);
  if (count == load<u32>(table, tableAt.CAPACITY)) return Status.NoRoom;
  if (len <= rootBits(table)) insertShort(table, address, len, hop);
  else if (!insertLong(table, address, len, hop)) return Status.NoRoom;
  useHop(node, hop, 1);
  store<u32>(table, count + 1, tableAt.COUNT);
  return Status.Ok;
}

/** Takes a route away: Ok or NotFound. Requires: isPrefix(address, len). */
export function routeRemove(node: usize, address: u32, len: u32): Status {
  const table = node + nodeAt.ROUTE;
  const ptr = hopPtr(table, address, len);
  if (ptr == 0) return Status.NotFound;
  useHop(node, load<u16>(ptr), -1);
  if (len <= rootBits(table)) removeShort(table, address, len);
  else removeLong(table, address, len);
  store<u32>(table, tableCount(table) - 1, tableAt.COUNT);
  return Status.Ok;
}

function insertLong(table: usize, address: u32, len: u32, hop: u32): bool {
  const pool = table + at.POOL;
  const owner = makeOwner(table, address, len);
  if (owner != 0 && Branch.at(owner).insert(pool, ownName(address, len), hop)) return true;
  prune(table, address);
  return false;
}

/** `ownerOf`, with the branches made that are missing on the way; 0 when there is no room. */
function makeOwner(table: usize, address: u32, len: u32): usize {
  let branch = rootOf(table, address);
  for (let depth = rootBits(table); depth < depthOf(len); depth += BRANCH_BITS) {
    const nibble = nibbleAt(address, depth);
    if (!branch.forksAt(nibble) && !branch.fork(table + at.POOL, nibble)) return 0;
    branch = branch.next(nibble);
  }
  return changetype<usize>(branch);
}

function removeLong(table: usize, address: u32, len: u32): void {
  const owner = Branch.at(ownerOf(table, address, len));
  owner.remove(table + at.POOL, ownName(address, len));
  prune(table, address);
}

/** Takes the branches away that lie on the path of `address` and hold nothing. */
function prune(table: usize, address: u32): void {
  rootOf(table, address).prune(table + at.POOL, address << rootBits(table));
}

function insertShort(table: usize, address: u32, len: u32, hop: u32): void {
  store<u16>(shortPtr(table, nameOf(address, len)), <u16>hop);
  if (len == 0) return;
  const end = coveredEnd(table, address, len);
  for (let root = changetype<usize>(rootOf(table, address)); root < end; root += BRANCH_LEN) {
    if (Branch.at(root).cover < len) Branch.at(root).setCover(len);
  }
}

function removeShort(table: usize, address: u32, len: u32): void {
  store<u16>(shortPtr(table, nameOf(address, len)), <u16>NO_HOP);
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
  while (len > 0 && load<u16>(shortPtr(table, nameOf(address, len))) == NO_HOP);
  return len;
}

/** One past the last root that a short prefix covers. */
function coveredEnd(table: usize, address: u32, len: u32): usize {
  const first = changetype<usize>(rootOf(table, address));
  return first + ((<usize>BRANCH_LEN) << (rootBits(table) - len));
}

/**
 * The key of the first route that does not come before `key`; KEY_END when there is none. So 0
 * begins a walk, and the key of a route plus one goes on.
 */
export function routeNext(node: usize, key: u64): u64 {
  const table = node + nodeAt.ROUTE;
  const step = KEY_END >> rootBits(table);
  while (key < KEY_END) {
    const first = key & ~(step - 1);
    const address = keyAddress(first);
    const root = rootOf(table, address);
    for (let len: u32 = 0; len <= root.cover; len++) {
      if (first + len < key || !isPrefix(address, len)) continue;
      if (hopPtr(table, address, len) != 0) return first + len;
    }
    const found = root.after(key, rootBits(table));
    if (found != KEY_END) return found;
    key = first + step;
  }
  return KEY_END;
}

function rootBits(table: usize): u32 {
  return load<u32>(table, at.ROOT_BITS);
}

function rootOf(table: usize, address: u32): Branch {
  const index = <u32>(((<u64>address) << rootBits(table)) >> 32);
  return Branch.at(<usize>load<u32>(table, at.ROOTS) + index * BRANCH_LEN);
}

function shortPtr(table: usize, name: u32): usize {
  return <usize>load<u32>(table, at.SHORTS) + (name << 1);
}
