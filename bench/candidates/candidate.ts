// What a structure for routes has to show: look-ups of the same addresses in the same prefixes,
// what it holds in memory, how long it takes to build, and to change.
import { RouteAt } from "../../bindings/core/index.ts";
import { compile } from "../compile.ts";
import type { PrefixSet } from "../prefixes.ts";
import { routeBytes } from "../route-bytes.ts";
import { openRoutes } from "../tables.ts";

const FAMILY = 4;

/** One structure, filled. */
export interface Candidate {
  readonly name: string;
  readonly buildMs: number;
  /** What look-ups read, and all there is. */
  readonly forwardingBytes: number;
  readonly wholeBytes: number;
  /** Looks some addresses up, of those that it was given. Returns hits. */
  lookup(first: number, count: number): number;
  /** What was found for each. */
  readonly hops: Uint32Array;
  /** Takes prefix `index` away and sets it again; undefined where only a new build helps. */
  readonly change?: (index: number) => void;
}

type Call = (...args: number[]) => number;

/** Longest prefix of those at hand that covers `index` and is shorter. */
export type CoverOf = (index: number) => { readonly len: number; readonly hop: number };

/** The core's own: a tree bitmap under a direct root, with spans where routes are many. */
export async function openCoreRoutes(set: PrefixSet, keys: Uint32Array): Promise<Candidate> {
  const began = performance.now();
  const node = await openRoutes(set, keys.length * 8);
  const buildMs = performance.now() - began;
  const { exports, view, bytes } = node;
  const input = node.takeScratch(keys.byteLength);
  const output = node.takeScratch(keys.byteLength);
  const record = node.takeScratch(RouteAt.End);
  bytes.set(new Uint8Array(keys.buffer), input);
  const { forwarding, whole } = routeBytes(node);
  return {
    name: forwarding < whole ? "tree and spans" : "tree bitmap",
    buildMs,
    forwardingBytes: forwarding,
    wholeBytes: whole,
    lookup: (first, count) =>
      exports.route_lookup_bulk(node.address, input + first * 4, output + first * 4, count),
    hops: new Uint32Array(view.buffer, output, keys.length),
    change: (index) => {
      bytes.fill(0, record, record + RouteAt.End);
      view.setUint16(record + RouteAt.Family, FAMILY, true);
      view.setUint16(record + RouteAt.Len, set.lens[index] as number, true);
      view.setUint32(record + RouteAt.Address, set.addresses[index] as number);
      view.setUint32(record + RouteAt.Hop, set.hops[index] as number, true);
      const done = exports.route_remove(node.address, record, 1);
      if (done + exports.route_set(node.address, record, 1) !== 2) throw new Error("no such route");
    },
  };
}

/** DIR-24-8 with entries of two bytes. */
export async function openDir24(
  set: PrefixSet,
  keys: Uint32Array,
  coverOf: CoverOf,
): Promise<Candidate> {
  const exports = await compile("dir24");
  const call = (name: string): Call => exports[name] as Call;
  const [insert, remove, lookup] = [call("insert"), call("remove"), call("lookup")];
  const { buffer } = exports.memory as WebAssembly.Memory;
  const input = call("open")();
  const { output, answers } = layKeys(exports, input, keys);
  const put = (at: number): void => {
    const [address, len] = [set.addresses[at] as number, set.lens[at] as number];
    if (insert(address, len, set.hops[at] as number) < 0) throw new Error("no group is free");
  };
  const began = performance.now();
  for (let at = 0; at < set.count; at++) put(at);
  const buildMs = performance.now() - began;
  if (buffer.byteLength === input) throw new Error("no room for keys");
  return {
    name: "DIR-24-8, u16",
    buildMs,
    forwardingBytes: call("forwarding")(),
    wholeBytes: call("whole")(),
    lookup: (first, count) => lookup(input + first * 4, output + first * 4, count),
    hops: answers,
    change: (index) => {
      const cover = coverOf(index);
      remove(set.addresses[index] as number, set.lens[index] as number, cover.len, cover.hop);
      put(index);
    },
  };
}

const DIRECT_AT = 0x10000; // bench/wasm/poptrie.ts
const DIRECT_COUNT = 2 ** 18;
const NODE_LEN = 24;
const LEAF = 0x80000000;
const FAN = 64;

/** Poptrie 18 + 6, for prefixes of up to 24 bits. */
export async function openPoptrie(set: PrefixSet, keys: Uint32Array): Promise<Candidate> {
  const exports = await compile("poptrie");
  const lookup = exports.lookup as Call;
  const began = performance.now();
  const entries = expand(set);
  const direct = new Uint32Array(DIRECT_COUNT);
  const nodes: number[] = []; // leaf bits, low and high, and the first leaf
  const leaves: number[] = [];
  for (let at = 0; at < DIRECT_COUNT; at++) {
    const run = entries.subarray(at * FAN, (at + 1) * FAN);
    if (run.every((entry) => entry === run[0])) direct[at] = LEAF + (run[0] as number);
    else {
      direct[at] = nodes.length / 3;
      nodes.push(...leafBits(run), leaves.length);
      for (const [slot, entry] of run.entries()) if (entry !== run[slot - 1]) leaves.push(entry);
    }
  }
  const count = nodes.length / 3;
  const input = (exports.open as Call)(count, leaves.length);
  const { output, answers } = layKeys(exports, input, keys);
  const view = new DataView((exports.memory as WebAssembly.Memory).buffer);
  new Uint32Array(view.buffer, DIRECT_AT, DIRECT_COUNT).set(direct);
  const first = DIRECT_AT + DIRECT_COUNT * 4;
  for (let at = 0; at < count; at++) {
    for (let word = 0; word < 3; word++) {
      view.setUint32(first + at * NODE_LEN + 8 + word * 4, nodes[at * 3 + word] as number, true);
    }
  }
  new Uint16Array(view.buffer, first + count * NODE_LEN, leaves.length).set(leaves);
  const forwardingBytes = DIRECT_COUNT * 4 + count * NODE_LEN + leaves.length * 2;
  return {
    name: "poptrie 18 + 6",
    buildMs: performance.now() - began,
    forwardingBytes,
    wholeBytes: forwardingBytes + set.count * 8, // and the routes, to build it again from
    lookup: (first, count) => lookup(input + first * 4, output + first * 4, count),
    hops: answers,
  };
}

function layKeys(
  exports: WebAssembly.Exports,
  input: number,
  keys: Uint32Array,
): { readonly output: number; readonly answers: Uint32Array } {
  const { buffer } = exports.memory as WebAssembly.Memory;
  new Uint32Array(buffer, input, keys.length).set(keys);
  const output = input + keys.byteLength;
  return { output, answers: new Uint32Array(buffer, output, keys.length) };
}

/** hop + 1 of every /24, 0 for none: shorter prefixes first, so that longer ones lie on top. */
function expand({ count, addresses, lens, hops }: PrefixSet): Uint16Array {
  const entries = new Uint16Array(2 ** 24);
  const order = Uint32Array.from({ length: count }, (_, at) => at).sort((a, b) => {
    return (lens[a] as number) - (lens[b] as number);
  });
  for (const at of order) {
    const first = (addresses[at] as number) >>> 8;
    entries.fill((hops[at] as number) + 1, first, first + 2 ** (24 - (lens[at] as number)));
  }
  return entries;
}

/** A bit for each of 64 entries that differs from the one before it, as two words. */
function leafBits(run: Uint16Array): [low: number, high: number] {
  const bits: [number, number] = [0, 0];
  run.forEach((entry, slot) => {
    if (slot > 0 && entry === run[slot - 1]) return;
    bits[slot >> 5] = ((bits[slot >> 5] as number) | (1 << (slot & 31))) >>> 0;
  });
  return bits;
}
