// Sets of prefixes as routers of the Internet hold them.
import fc from "fast-check";
import { scrambled } from "./noise.ts";

// How many of a thousand have each length, rounded from what public route collectors show: more
// than half are /24, nothing is longer, and little is shorter than /16.
const SHARES: readonly (readonly [len: number, share: number])[] = [
  ...([
    [24, 595],
    [23, 100],
    [22, 112],
    [21, 50],
    [20, 43],
    [19, 26],
  ] as const),
  ...([
    [18, 15],
    [17, 9],
    [16, 15],
    [15, 11],
    [14, 9],
    [13, 6],
  ] as const),
  ...([
    [12, 3],
    [11, 2],
    [10, 2],
    [9, 1],
    [8, 1],
  ] as const),
];

const FIRST_OCTET_MAX = 223; // what is above is no unicast
const NESTED = 140; // of 256: how many lie within a prefix that is there already
const DRAW_LEN = 8; // bytes of dice for a prefix

/** A prefix as a table has it: the address as a number, and the length. */
interface Drawn {
  readonly address: number;
  readonly len: number;
}

/**
 * Different prefixes, "203.0.112.0/20", of the Internet's shape: the lengths have its shares, about
 * half lie within a shorter one, and all are unicast. `max` may be a million: they all follow from
 * a number, so they cost little to draw, and shrink in number alone.
 */
export function bgpPrefixes(
  constraints: { readonly min?: number; readonly max?: number } = {},
): fc.Arbitrary<string[]> {
  const { min = 0, max = 1000 } = constraints;
  return fc
    .record({ count: fc.integer({ min, max }), seed: fc.nat() })
    .map(({ count, seed }) => drawPrefixes(count, seed).map(printed));
}

function drawPrefixes(count: number, seed: number): Drawn[] {
  const found: Drawn[] = [];
  const known = new Set<number>();
  for (let turn = 0; found.length < count; turn++) {
    const dice = new DataView(scrambled(DRAW_LEN, seed + turn * 2654435761).buffer);
    const one = drawOne(dice, found);
    const key = one.address * 64 + one.len;
    if (known.has(key)) continue;
    known.add(key);
    found.push(one);
  }
  return found;
}

function drawOne(dice: DataView, found: readonly Drawn[]): Drawn {
  const len = lenOf(dice.getUint16(0) % 1000);
  const any = dice.getUint32(2);
  const cover = found[dice.getUint16(6) % Math.max(1, found.length)];
  const isNested = dice.getUint8(7) < NESTED && cover !== undefined && cover.len < len;
  const first = ((any >>> 24) % FIRST_OCTET_MAX) + 1;
  const outside = first * 0x1000000 + (any & 0xffffff);
  const address = isNested ? cover.address + (any % 2 ** (32 - cover.len)) : outside;
  return { address: address - (address % 2 ** (32 - len)), len };
}

function lenOf(dice: number): number {
  let left = dice;
  for (const [len, share] of SHARES) {
    if (left < share) return len;
    left -= share;
  }
  return 24;
}

function printed({ address, len }: Drawn): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
  return `${octets.join(".")}/${len}`;
}
