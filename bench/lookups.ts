// Look-ups in bulk beside Maps: stations by MAC, and the longest prefix of an address.
import { openCore, parseMac, printIpv4 } from "../bindings/core/index.ts";
import type { Work } from "./measure.ts";
import { dice } from "./workload.ts";

export const KEYS = 4096;

const HIT_SHARE = 0.9;
const MEMORY_BYTES = 64 << 20;
const NOW_MS = 1000;
const REMOTES = 64;
const SCRATCH = KEYS * 16;
const MISS = 0xffffffff;
const HOPS = 64;

// How long the prefixes of the internet's table are, in per cent (about; the rest is short).
const LENGTHS: readonly (readonly [len: number, percent: number])[] = [
  [24, 60],
  [22, 11],
  [23, 10],
  [20, 5],
  [21, 5],
  [19, 3],
  [18, 2],
  [16, 2],
  [17, 1],
  [14, 1],
];

/** Stations in one domain: 1 look-up is a MAC to a port and a remote. */
export async function stationLookups(count: number): Promise<Work> {
  const core = await openCore({ memoryBytes: MEMORY_BYTES });
  const node = core.openNode({
    seed: 0x5eedn,
    fdb: count,
    remotes: REMOTES,
    scratch: SCRATCH,
    slots: 0,
  });
  node.domains.set({ index: 0, vni: 5 });
  node.ports.set({ index: 0, kind: "vxlan", domain: 0, vni: 5 });
  for (let index = 0; index < REMOTES; index++)
    node.remotes.set({ index, address: `10.0.0.${index}` });
  const roll = dice(count);
  const macs = [...new Set(Array.from({ length: count }, () => drawMac(roll)))];
  const entries = macs.map((mac, at) => ({ domain: 0, mac, port: 0, remote: at % REMOTES }));
  node.fdb.set(entries, NOW_MS);
  const map = new Map(macs.map((mac, at) => [parseMac(mac), (at % REMOTES) * 65536]));
  const wanted = Array.from({ length: KEYS }, () => {
    return parseMac(roll() < HIT_SHARE ? pick(macs, roll) : drawMac(roll));
  });
  const keys = node.takeScratch(KEYS * 8);
  const out = node.takeScratch(KEYS * 4);
  wanted.forEach((mac, at) => {
    node.view.setBigUint64(keys + at * 8, BigInt(mac) << 16n, true);
  });
  const found = new Uint32Array(KEYS);
  return {
    wasm: () => core.exports.fdb_lookup_bulk(node.address, keys, out, KEYS, NOW_MS),
    twin: () => {
      let hits = 0;
      for (let at = 0; at < KEYS; at++) {
        const place = map.get(wanted[at] as number) ?? MISS;
        found[at] = place;
        if (place !== MISS) hits += 1;
      }
      return hits;
    },
  };
}

/** Routes as the internet has them: 1 look-up is an address to a hop. */
export async function routeLookups(count: number): Promise<Work> {
  const core = await openCore({ memoryBytes: MEMORY_BYTES });
  const node = core.openNode({
    seed: 0x5eedn,
    routes: count,
    hops: HOPS,
    scratch: SCRATCH,
    slots: 0,
  });
  for (let index = 0; index < HOPS; index++) node.hops.set({ index, kind: "blackhole" });
  const roll = dice(count);
  const tables = new Map<number, Map<number, number>>();
  const routes: { prefix: string; hop: number }[] = [];
  while (routes.length < count) {
    const len = drawLen(roll);
    const name = Math.floor((1 + roll() * 222) * 2 ** (len - 8));
    const table = tables.get(len) ?? new Map<number, number>();
    if (table.has(name)) continue;
    const hop = routes.length % HOPS;
    tables.set(len, table.set(name, hop));
    routes.push({ prefix: `${printIpv4(name * 2 ** (32 - len))}/${len}`, hop });
  }
  node.routes.set(routes);
  const byLen = [...tables].sort(([a], [b]) => b - a);
  const wanted = Uint32Array.from({ length: KEYS }, () => {
    if (roll() >= HIT_SHARE) return Math.floor((1 + roll() * 222) * 2 ** 24);
    const [len, table] = pick(byLen, roll);
    return (pick([...table.keys()], roll) + roll()) * 2 ** (32 - len);
  });
  const keys = node.takeScratch(KEYS * 4);
  const out = node.takeScratch(KEYS * 4);
  node.bytes.set(new Uint8Array(wanted.buffer), keys);
  const found = new Uint32Array(KEYS);
  return {
    wasm: () => core.exports.route_lookup_bulk(node.address, keys, out, KEYS),
    twin: () => {
      let hits = 0;
      for (let at = 0; at < KEYS; at++) {
        const hop = longest(byLen, wanted[at] as number);
        found[at] = hop;
        if (hop !== MISS) hits += 1;
      }
      return hits;
    },
  };
}

// From the longest prefixes on, a Map for each length that there is.
function longest(
  byLen: readonly (readonly [number, Map<number, number>])[],
  address: number,
): number {
  for (const [len, table] of byLen) {
    const hop = table.get(address >>> (32 - len));
    if (hop !== undefined) return hop;
  }
  return MISS;
}

function drawMac(roll: () => number): string {
  const bytes = Array.from({ length: 5 }, () => Math.floor(roll() * 256));
  return [2, ...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

function drawLen(roll: () => number): number {
  let left = roll() * 100;
  for (const [len, percent] of LENGTHS) {
    left -= percent;
    if (left < 0) return len;
  }
  return 24;
}

function pick<T>(list: readonly T[], roll: () => number): T {
  return list[Math.floor(roll() * list.length)] as T;
}
