// Routes: the longest prefix that covers an IPv4 address leads to a hop.
//
//   roots | shorts | pool | spans | leaves
//
// The first bits of an address choose one of `roots`, a branch of the prefix tree, or a hop among
// `shorts` (root.ts); further branches and hops lie in the pool (branch.ts). The more routes, the
// more bits: 0 for a handful, 16 from 65536 on, where spans show look-ups the way (span.ts).
// Everything of a route is in the tree, so exact look-ups, the matched prefix and the ordered walk
// need no more.

import { toLine } from "../base/arith";
import { nodeAt, tableAt, tableCount } from "../base/node";
import { Status } from "../base/status";
import { BRANCH_BITS, Branch } from "./branch";
import { buddyLen, buddyOpen, buddyUsed } from "./buddy";
import { hopAt, useHop } from "./hop";
import { isPrefix, KEY_END, keyAddress, nameOf, nibbleAt } from "./prefix";
import {
  clearShorts,
  insertShort,
  layRoots,
  NO_HOP,
  removeShort,
  rootBits,
  rootOf,
  routeAt,
  shortHop,
  shortPtr,
} from "./root";
import { clearSpans, drawSpans, laySpans } from "./spans";

// The pool that the core chooses: 256 bytes a route hold any routes at all; where there are many
// they share branches, and 2.5 MiB and 8 bytes a route hold what the internet has.
const POOL_BYTES_ANY: u64 = 256;
const POOL_BYTES_MANY: u64 = 8;
const POOL_BYTES_BASE: u64 = 2621440;

/**
 * Lays a table out at `base`, a line's beginning. `poolBytes` 0: the core chooses. It is empty
 * behind zeros and `clearRoutes`. Returns: the first address behind it, a line's beginning.
 */
export function layRoutes(node: usize, base: usize, routes: u32, poolBytes: u32): usize {
  const table = node + nodeAt.ROUTE;
  const pool = layRoots(table, base, routes);
  const bytes = poolLen(routes, poolBytes);
  buddyOpen(table + routeAt.POOL, pool, bytes);
  return laySpans(table, toLine(<u32>pool + <u32>buddyLen(bytes)), routes);
}

/** Says that there are no prefixes. Requires: a table that was laid out, of zeros. */
export function clearRoutes(node: usize): void {
  clearShorts(node + nodeAt.ROUTE);
  clearSpans(node + nodeAt.ROUTE);
}

function poolLen(routes: u32, poolBytes: u32): u32 {
  if (poolBytes != 0) return poolBytes;
  return <u32>min(routes * POOL_BYTES_ANY, POOL_BYTES_BASE + routes * POOL_BYTES_MANY);
}

/** Bytes of the pool in use. */
export function routePoolUsed(node: usize): u32 {
  return buddyUsed(node + nodeAt.ROUTE + routeAt.POOL);
}

/** Length << 16 | hop of the longest prefix that covers `address`, or NotFound. */
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
  if (name == 0) return matchShort(table, root, address);
  return <i32>(((ownerDepth + 31 - clz(name)) << 16) | load<u16>(owner.hopPtr(name)));
}

function matchShort(table: usize, root: Branch, address: u32): i32 {
  const hop = shortHop(table, address, root.cover);
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
    const ptr = shortPtr(table, address, len);
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
    drawSpans(table, address, len);
    return Status.Ok;
  }
  const count = tableCount(table);
  if (count == load<u32>(table, tableAt.CAPACITY)) return Status.NoRoom;
  if (len <= rootBits(table)) insertShort(table, address, len, hop);
  else if (!insertLong(table, address, len, hop)) return Status.NoRoom;
  useHop(node, hop, 1);
  drawSpans(table, address, len);
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
  drawSpans(table, address, len);
  store<u32>(table, tableCount(table) - 1, tableAt.COUNT);
  return Status.Ok;
}

function insertLong(table: usize, address: u32, len: u32, hop: u32): bool {
  const pool = table + routeAt.POOL;
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
    if (!branch.forksAt(nibble) && !branch.fork(table + routeAt.POOL, nibble)) return 0;
    branch = branch.next(nibble);
  }
  return changetype<usize>(branch);
}

function removeLong(table: usize, address: u32, len: u32): void {
  const owner = Branch.at(ownerOf(table, address, len));
  owner.remove(table + routeAt.POOL, ownName(address, len));
  prune(table, address);
}

/** Takes the branches away that lie on the path of `address` and hold nothing. */
function prune(table: usize, address: u32): void {
  rootOf(table, address).prune(table + routeAt.POOL, address << rootBits(table));
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
