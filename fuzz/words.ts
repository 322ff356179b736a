// The change of one word in a header, exhaustively: of the old checksum, the old word and the new
// one, each takes every value there is while the two others take those that arithmetic trips over.
// That is RFC 1624, equation 3, to the edges where zero has two forms.
import { openCore } from "../bindings/core/index.ts";
import { each, type Law } from "./law.ts";

const WORDS = 0x10000;

/** Zeros of both signs, what is beside them, single bits, and a few without pattern. */
const EDGES: readonly number[] = [
  ...[0x0000, 0x0001, 0x00ff, 0x0100, 0x7fff, 0x8000, 0x8001, 0xfefe],
  ...[0xff00, 0xfffe, 0xffff, 0x1234, 0xabcd, 0x5555],
];

type Place = "old" | "from" | "to";

/** Every value of one of the three, beside two that stay. */
interface Line {
  readonly all: Place;
  readonly one: number;
  readonly other: number;
}

type Update = (old: number, from: number, to: number) => number;

// In 16 bits, with the carry brought around: HC' = ~(~HC + ~m + m').
function updated(old: number, from: number, to: number): number {
  const total = (old ^ 0xffff) + (from ^ 0xffff) + to;
  const once = (total & 0xffff) + (total >>> 16);
  return ((once & 0xffff) + (once >>> 16)) ^ 0xffff;
}

// The checksum of a header whose other words sum to `rest`; never all zeros, as no header is.
function whole(rest: number, word: number): number {
  const total = rest + word;
  return ((total & 0xffff) + (total >>> 16)) ^ 0xffff;
}

const COMPARE: Readonly<Record<Place, (update: Update, one: number, other: number) => void>> = {
  old: (update, from, to) => {
    for (let old = 0; old < WORDS; old++) expectUpdate(update, old, from, to);
  },
  from: (update, old, to) => {
    for (let from = 0; from < WORDS; from++) expectUpdate(update, old, from, to);
  },
  to: (update, old, from) => {
    for (let to = 0; to < WORDS; to++) expectUpdate(update, old, from, to);
  },
};

function expectUpdate(update: Update, old: number, from: number, to: number): void {
  const answer = update(old, from, to);
  if (answer === updated(old, from, to)) return;
  throw new Error(`checksum_update(${old}, ${from}, ${to}) answered ${answer}`);
}

// What is updated is what would be computed anew; only a header of zeros has two right answers.
function compareAnew(update: Update, rest: number, from: number): void {
  const old = whole(rest, from);
  for (let to = 0; to < WORDS; to++) {
    if (rest === 0 && to === 0) continue;
    const answer = update(old, from, to);
    if (answer === whole(rest, to)) continue;
    throw new Error(`${rest} and ${from}, now ${to}: ${answer}, not ${whole(rest, to)}`);
  }
}

export async function openWords(): Promise<Law[]> {
  const builds = await Promise.all([true, false].map((simd) => openCore({ simd })));
  const updates = builds.map(({ exports }) => exports.checksum_update);
  const pairs = EDGES.flatMap((one) => EDGES.map((other) => ({ one, other })));
  const lines: Line[] = (["old", "from", "to"] as const).flatMap((all) =>
    pairs.map((pair) => ({ all, ...pair })),
  );
  return [
    each("every word", lines, ({ all, one, other }) => {
      for (const update of updates) COMPARE[all](update, one, other);
    }),
    each("every word anew", pairs, ({ one, other }) => {
      for (const update of updates) compareAnew(update, one, other);
    }),
  ];
}
