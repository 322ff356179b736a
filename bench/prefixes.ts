// Prefix tables of the internet's shape, and addresses to look up in them. The same count gives the
// same set.
//
// Lengths are spread as route collectors see them, and places unevenly: a tenth of the blocks holds
// seven prefixes in ten (Meng et al., "IPv4 Address Allocation and the Evolution of the BGP Routing
// Table", 2005). A block is a /16 here.
import { dice } from "./workload.ts";

export const HOPS = 64;

const HIT_SHARE = 0.9;
const FIRST_OCTET_MIN = 1;
const FIRST_OCTETS = 222; // unicast: 1 to 222
const BLOCK_LEN = 16;
const BLOCKS = FIRST_OCTETS * 256;
const BLOCK_STEP = 12_347; // and no divisor of BLOCKS: crowded blocks are no neighbors
const CROWDED_OF = 10; // one block of so many
const CROWDED_SHARE = 0.7;

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

/** Prefix i is addresses[i] / lens[i], and leads to hops[i]. No two are the same. */
export interface PrefixSet {
  readonly count: number;
  readonly addresses: Uint32Array;
  readonly lens: Uint8Array;
  readonly hops: Uint8Array;
}

export function prefixSet(count: number): PrefixSet {
  const roll = dice(count);
  const addresses = new Uint32Array(count);
  const lens = new Uint8Array(count);
  const hops = new Uint8Array(count);
  const taken = new Set<number>();
  for (let at = 0; at < count; ) {
    const len = drawLen(roll);
    const name = drawName(len, roll);
    if (taken.has(2 ** len + name)) continue;
    taken.add(2 ** len + name);
    addresses[at] = name * 2 ** (32 - len);
    lens[at] = len;
    hops[at] = at % HOPS;
    at += 1;
  }
  return { count, addresses, lens, hops };
}

/** Addresses of which nine in ten lie in a prefix that was drawn, each prefix as likely. */
export function wanted(set: PrefixSet, count: number): Uint32Array {
  const roll = dice(set.count + 1);
  return Uint32Array.from({ length: count }, () => {
    if (roll() >= HIT_SHARE) return Math.floor((FIRST_OCTET_MIN + roll() * FIRST_OCTETS) * 2 ** 24);
    const at = Math.floor(roll() * set.count);
    return (
      (set.addresses[at] as number) + Math.floor(roll() * 2 ** (32 - (set.lens[at] as number)))
    );
  });
}

/** From the longest prefixes on, a Map for each length that there is. */
export type MapsByLen = readonly (readonly [len: number, table: Map<number, number>])[];

export function mapsOf({ count, addresses, lens, hops }: PrefixSet): MapsByLen {
  const tables = new Map<number, Map<number, number>>();
  for (let at = 0; at < count; at++) {
    const len = lens[at] as number;
    const table = tables.get(len) ?? new Map<number, number>();
    table.set((addresses[at] as number) >>> (32 - len), hops[at] as number);
    tables.set(len, table);
  }
  return [...tables].sort(([a], [b]) => b - a);
}

/** The hop of the longest prefix that covers an address, or -1. */
export function longest(tables: MapsByLen, address: number): number {
  for (const [len, table] of tables) {
    const hop = table.get(address >>> (32 - len));
    if (hop !== undefined) return hop;
  }
  return -1;
}

/** The first `len` bits of a prefix, as a number. */
function drawName(len: number, roll: () => number): number {
  if (len <= BLOCK_LEN)
    return Math.floor((FIRST_OCTET_MIN + roll() * FIRST_OCTETS) * 2 ** (len - 8));
  const crowded = Math.floor((roll() * BLOCKS) / CROWDED_OF) * CROWDED_OF;
  const block = roll() < CROWDED_SHARE ? crowded : Math.floor(roll() * BLOCKS);
  const first = FIRST_OCTET_MIN * 256 + ((block * BLOCK_STEP) % BLOCKS);
  return first * 2 ** (len - BLOCK_LEN) + Math.floor(roll() * 2 ** (len - BLOCK_LEN));
}

function drawLen(roll: () => number): number {
  let left = roll() * 100;
  for (const [len, percent] of LENGTHS) {
    left -= percent;
    if (left < 0) return len;
  }
  return 24;
}
