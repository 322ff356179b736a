// Tables beside Maps: look-ups in bulk at a thousand, a hundred thousand and a million entries;
// entries of the flood list set and removed; subnets drawn among leases.
import {
  type Caps,
  type Core,
  FdbAt,
  FloodAt,
  type HeddleNode,
  NeighborAt,
  NeighborState,
  openCore,
  RouteAt,
} from "../bindings/core/index.ts";
import type { Case } from "./measure.ts";
import { openMeasured } from "./opening.ts";
import { HOPS, longest, mapsOf, type PrefixSet, prefixSet, wanted } from "./prefixes.ts";
import { dice } from "./workload.ts";

const COUNTS = [1000, 100_000, 1_000_000];
const KEYS = 4096; // so many flows: their entries stay in a cache
const KEYS_COLD = 1 << 18; // their entries do not
const HIT_SHARE = 0.9;
const NOW_MS = 1000;
const REMOTES = 64;
const FAMILY = 4;
const MAC_FIRST = 0x02; // locally administered
const MISS = 0xffffffff;
const CHUNK = 4096; // records a call
const RECORD_LEN = 32;
const LISTENERS = 1000; // of the flood list, in each domain

const EMPTY: Partial<Caps> = {
  ...{ routes: 0, hops: 0, fdb: 0, neighbors: 0, remotes: 0, ports: 1, domains: 1, flood: 0 },
  ...{ scratch: CHUNK * RECORD_LEN + KEYS_COLD * 16, slots: 0 },
};

/** A node that is as large as it has to be, alone in its memory. */
async function openAlone(caps: Partial<Caps>): Promise<HeddleNode> {
  const sizing: Core = await openCore({ memoryBytes: 65536 });
  const core = await openMeasured({ memoryBytes: sizing.nodeSize({ ...EMPTY, ...caps }) + 65536 });
  return core.openNode({ ...EMPTY, ...caps, seed: 0x5eedn });
}

/** Writes records by the thousand, as a host does that has no time for objects. */
function fill(
  node: HeddleNode,
  {
    count,
    len,
    write,
    set,
  }: {
    readonly count: number;
    readonly len: number;
    readonly write: (ptr: number, index: number) => void;
    readonly set: (ptr: number, count: number) => number;
  },
): void {
  const records = node.takeScratch(CHUNK * len);
  for (let first = 0; first < count; first += CHUNK) {
    const some = Math.min(CHUNK, count - first);
    node.bytes.fill(0, records, records + some * len);
    for (let at = 0; at < some; at++) write(records + at * len, first + at);
    if (set(records, some) !== some) throw new Error("a record was refused");
  }
}

// Every index has another 32-bit number, and none is close to that of its neighbor.
function scatter(index: number): number {
  return Math.imul(index, 0x9e3779b1) >>> 0;
}

function macOf(index: number): number {
  return MAC_FIRST + scatter(index) * 256;
}

/** How many keys are looked for among `count`: few, and in a large table many as well. */
function keyCounts(count: number): number[] {
  return count > KEYS_COLD ? [KEYS, KEYS_COLD] : [KEYS];
}

function titleOf(what: string, count: number, keys: number): string {
  return `${what}, ${count}${keys === KEYS ? "" : ", cold"}`;
}

/** Indexes to look for: nine in ten below `count`. */
function drawn(count: number, keys: number): number[] {
  const roll = dice(count);
  return Array.from({ length: keys }, () => {
    return Math.floor(roll() * count) + (roll() < HIT_SHARE ? 0 : count);
  });
}

/** A node that knows `count` stations and nothing else, behind a port and 64 remotes. */
export async function openStations(count: number): Promise<HeddleNode> {
  const node = await openForStations(count);
  fillStations(node, count);
  return node;
}

/** The same before it knows any. */
export async function openForStations(count: number): Promise<HeddleNode> {
  const node = await openAlone({ fdb: count, remotes: REMOTES });
  node.domains.set({ index: 0, vni: 5, ageS: 300 });
  node.ports.set({ index: 0, kind: "vxlan", domain: 0, vni: 5 });
  for (let index = 0; index < REMOTES; index++) {
    node.remotes.set({ index, address: `10.0.0.${index}` });
  }
  return node;
}

export function fillStations(node: HeddleNode, count: number): void {
  const { exports, view } = node;
  const write = (ptr: number, index: number): void => {
    view.setUint16(ptr + FdbAt.Mac, MAC_FIRST, true);
    view.setUint32(ptr + FdbAt.Mac + 1, scatter(index), true);
    view.setUint16(ptr + FdbAt.Remote, index % REMOTES, true);
  };
  const set = (ptr: number, some: number): number =>
    exports.fdb_set(node.address, ptr, some, NOW_MS);
  fill(node, { count, len: FdbAt.End, write, set });
}

/** MACs to look for: nine in ten are of the stations of openStations. */
export function wantedStations(count: number, keys: number): number[] {
  return drawn(count, keys).map(macOf);
}

/** Writes the keys of these MACs as fdb_lookup_bulk takes them. Returns: where. */
export function layStationKeys(node: HeddleNode, macs: readonly number[]): number {
  const keys = node.takeScratch(macs.length * 8);
  const words = BigUint64Array.from(macs, (mac) => BigInt(mac) << 16n);
  node.bytes.set(new Uint8Array(words.buffer), keys);
  return keys;
}

export async function* fdbCases(counts: readonly number[] = COUNTS): AsyncGenerator<Case> {
  for (const count of counts) {
    const places = Array.from(
      { length: count },
      (_, index) => [macOf(index), (index % REMOTES) * 65536] as const,
    );
    const map = new Map(places);
    for (const some of keyCounts(count)) {
      const node = await openStations(count);
      const macs = wantedStations(count, some);
      const keys = layStationKeys(node, macs);
      const out = node.takeScratch(some * 4);
      yield {
        name: titleOf("fdb look-up", count, some),
        items: some,
        expected: macs.filter((mac) => map.has(mac)).length,
        wasm: () => node.exports.fdb_lookup_bulk(node.address, keys, out, some, NOW_MS),
        twin: countHits(macs, (mac) => map.get(mac) ?? MISS),
      };
    }
  }
}

export async function* neighborCases(counts: readonly number[] = COUNTS): AsyncGenerator<Case> {
  for (const count of counts) {
    const node = await openAlone({ neighbors: count });
    const { bytes, exports, view } = node;
    node.ports.set({ index: 0, kind: "ethernet", domain: null });
    const map = new Map<number, number>();
    const addressOf = (index: number): number => 0x0a000001 + index;
    const write = (ptr: number, index: number): void => {
      view.setUint16(ptr + NeighborAt.Family, FAMILY, true);
      view.setUint16(ptr + NeighborAt.Mac, MAC_FIRST, true);
      view.setUint32(ptr + NeighborAt.Mac + 1, scatter(index), true);
      view.setUint8(ptr + NeighborAt.State, NeighborState.Permanent);
      view.setUint32(ptr + NeighborAt.Address, addressOf(index));
      map.set(addressOf(index), macOf(index));
    };
    const set = (ptr: number, some: number): number =>
      exports.neighbor_set(node.address, ptr, some, NOW_MS);
    fill(node, { count, len: NeighborAt.End, write, set });
    const addresses = drawn(count, KEYS).map(addressOf);
    const keys = node.takeScratch(KEYS * 8);
    const words = BigUint64Array.from(addresses, BigInt);
    bytes.set(new Uint8Array(words.buffer), keys);
    const out = node.takeScratch(KEYS * 8);
    yield {
      name: `neighbor look-up, ${count}`,
      items: KEYS,
      expected: addresses.filter((address) => map.has(address)).length,
      wasm: () => exports.neighbor_lookup_bulk(node.address, keys, out, KEYS, NOW_MS),
      twin: countHits(addresses, (address) => map.get(address) ?? MISS),
    };
  }
}

/** A node with these routes and nothing else, and more bytes of scratch if wanted. */
export async function openRoutes(set: PrefixSet, scratch = 0): Promise<HeddleNode> {
  const node = await openForRoutes(set.count, scratch);
  fillRoutes(node, set);
  return node;
}

/** The same before it has any, with the hops alone. */
export async function openForRoutes(count: number, scratch = 0): Promise<HeddleNode> {
  const room = CHUNK * RECORD_LEN + KEYS_COLD * 16 + scratch;
  const node = await openAlone({ routes: count, hops: HOPS, scratch: room });
  for (let index = 0; index < HOPS; index++) node.hops.set({ index, kind: "blackhole" });
  return node;
}

export function fillRoutes(node: HeddleNode, set: PrefixSet): void {
  const { exports, view } = node;
  const write = (ptr: number, index: number): void => {
    view.setUint16(ptr + RouteAt.Family, FAMILY, true);
    view.setUint16(ptr + RouteAt.Len, set.lens[index] as number, true);
    view.setUint32(ptr + RouteAt.Address, set.addresses[index] as number);
    view.setUint32(ptr + RouteAt.Hop, set.hops[index] as number, true);
  };
  const apply = (ptr: number, some: number): number => exports.route_set(node.address, ptr, some);
  fill(node, { count: set.count, len: RouteAt.End, write, set: apply });
}

export async function* routeCases(counts: readonly number[] = COUNTS): AsyncGenerator<Case> {
  for (const count of counts) {
    const prefixes = prefixSet(count);
    const node = await openRoutes(prefixes);
    const maps = mapsOf(prefixes);
    const keys = node.takeScratch(KEYS_COLD * 4);
    const out = node.takeScratch(KEYS_COLD * 4);
    for (const some of keyCounts(count)) {
      const addresses = wanted(prefixes, some);
      node.bytes.set(new Uint8Array(addresses.buffer), keys);
      yield {
        name: titleOf("route look-up", count, some),
        items: some,
        expected: addresses.filter((address) => longest(maps, address) >= 0).length,
        wasm: () => node.exports.route_lookup_bulk(node.address, keys, out, some),
        twin: countHits([...addresses], (address) => longest(maps, address) >>> 0),
      };
    }
  }
}

export async function* floodCases(counts: readonly number[] = COUNTS): AsyncGenerator<Case> {
  for (const count of counts) {
    const domains = count / LISTENERS;
    const node = await openAlone({ flood: count, remotes: LISTENERS, domains });
    const { exports, view } = node;
    node.ports.set({ index: 0, kind: "vxlan", domain: null });
    for (let index = 0; index < LISTENERS; index++) {
      node.remotes.set({ index, address: `10.0.${index >> 8}.${index & 255}` });
    }
    const map = new Map<number, Set<number>>();
    for (let index = 0; index < domains; index++) {
      node.domains.set({ index, vni: index });
      map.set(index, new Set(Array.from({ length: LISTENERS }, (_, at) => at)));
    }
    const write = (ptr: number, index: number): void => {
      view.setUint16(ptr + FloodAt.Domain, Math.floor(index / LISTENERS), true);
      view.setUint16(ptr + FloodAt.Remote, index % LISTENERS, true);
    };
    const set = (ptr: number, some: number): number => exports.flood_set(node.address, ptr, some);
    fill(node, { count, len: FloodAt.End, write, set });
    const records = node.takeScratch(LISTENERS * FloodAt.End);
    node.bytes.fill(0, records, records + LISTENERS * FloodAt.End);
    const order = Array.from({ length: LISTENERS }, (_, at) => (at * 617) % LISTENERS);
    order.forEach((nth, at) => {
      write(records + at * FloodAt.End, (nth % domains) * LISTENERS + nth);
    });
    yield {
      name: `flood remove and set, ${count}`,
      items: LISTENERS,
      expected: 2 * LISTENERS,
      wasm: () => exports.flood_remove(node.address, records, LISTENERS) + set(records, LISTENERS),
      twin: () => {
        let done = 0;
        for (const nth of order) if (map.get(nth % domains)?.delete(nth)) done += 1;
        for (const nth of order) if (map.get(nth % domains)?.add(nth)) done += 1;
        return done;
      },
    };
  }
}

function countHits(keys: readonly number[], look: (key: number) => number): () => number {
  const found = new Float64Array(keys.length);
  return () => {
    let hits = 0;
    for (let at = 0; at < keys.length; at++) {
      const value = look(keys[at] as number);
      found[at] = value;
      if (value !== MISS) hits += 1;
    }
    return hits;
  };
}
