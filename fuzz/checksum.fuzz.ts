// The internet checksum: what RFC 1071 and RFC 1624 promise of it, at every length, alignment and
// fill.
import { strictEqual } from "node:assert";
import fc from "fast-check";
import { checksum, foldedSum } from "../test/model/checksum.ts";
import { join } from "../test/model/packet.ts";
import { bulk } from "./arbitrary/index.ts";
import { each, type Law, law, type Suite } from "./law.ts";
import { Twins } from "./twins.ts";
import { openWords } from "./words.ts";

const PAGES = 2;
const LEN_MAX = 1600;
const LONG_MAX = 0x10000 + 96; // beyond what the core sums in one go

// Lengths beyond four vectors, odd ones too, at every place in one.
const PLACES = Array.from({ length: 16 * 100 }, (_, at) => ({
  offset: at % 16,
  len: Math.floor(at / 16),
}));
const FILLS: readonly ((at: number) => number)[] = [() => 0, () => 255, (at) => 199 * at + 1];

const word = fc.oneof(fc.constantFrom(0, 1, 0x7fff, 0x8000, 0xfffe, 0xffff), fc.nat(0xffff));
const seed = fc.oneof(fc.constantFrom(0, 0xffff, 0x10000, 0xffffffff), fc.nat(0xffff));
const bytes = fc.oneof(
  { arbitrary: fc.uint8Array({ maxLength: 80, size: "max" }), weight: 6 },
  { arbitrary: bulk(LEN_MAX), weight: 12 },
  { arbitrary: bulk(LONG_MAX), weight: 1 },
);

export async function openChecksum(): Promise<Suite> {
  const twins = await Twins.open(PAGES);
  const sumAt = (offset: number, of: Uint8Array, on: number): number => {
    twins.write(twins.first + offset, of);
    return twins.call("checksum_sum", twins.first + offset, of.length, on);
  };
  const sum = (of: Uint8Array, on = 0): number => sumAt(0, of, on);

  const cut = fc
    .tuple(bytes, fc.nat())
    .map(([of, at]) => [of, (at % (of.length + 1)) & ~1] as const);
  const change = fc.tuple(bytes, fc.nat(), word);

  return {
    name: "checksum",
    share: 0.5,
    laws: [
      law("plain", fc.tuple(fc.nat(70), bytes, seed), ([offset, of, on]) => {
        twins.fill(twins.first, twins.first + 64 + of.length + 80, 0xa5);
        strictEqual(sumAt(offset, of, on), foldedSum(of, on));
      }),
      law("parts", cut, ([of, at]) => {
        strictEqual(sum(of.subarray(at), sum(of.subarray(0, at))), sum(of));
      }),
      law("byte order", bytes, (of) => {
        const even = of.subarray(0, of.length & ~1);
        const swapped = Uint8Array.from(even, (_, at) => even[at ^ 1] ?? 0);
        const there = sum(even);
        strictEqual(sum(swapped), ((there << 8) | (there >> 8)) & 0xffff);
      }),
      law("verify", bytes, (of) => {
        const even = of.subarray(0, of.length & ~1);
        const stored = checksum(even);
        strictEqual(sum(join(even, Uint8Array.of(stored & 255, stored >> 8))), 0xffff);
      }),
      law("update", change, ([of, place, to]) => {
        const header = join(Uint8Array.of(0x45, 0), of.subarray(0, 58 + (of.length & 0)));
        const at = ((place % header.length) >> 1) << 1;
        const from = (header[at] ?? 0) | ((header[at + 1] ?? 0) << 8);
        const changed = join(header, new Uint8Array(header.length & 1));
        const before = checksum(changed);
        changed.set([to & 255, to >> 8], at);
        // The same sum; where the header became all zeros, minus zero may stand for zero.
        const after = twins.call("checksum_update", before, from, to);
        strictEqual(after % 0xffff, checksum(changed) % 0xffff);
        if (foldedSum(changed) !== 0) strictEqual(after, checksum(changed));
      }),
      law("one word", fc.tuple(word, word, word), ([old, from, to]) => {
        // RFC 1624, section 3: HC' = ~(~HC + ~m + m'), by hand.
        let total = (~old & 0xffff) + (~from & 0xffff) + to;
        total = (total & 0xffff) + (total >> 16);
        total = (total & 0xffff) + (total >> 16);
        strictEqual(twins.call("checksum_update", old, from, to), ~total & 0xffff);
      }),
      ...(await openWords()),
      placesLaw(twins, sumAt),
    ],
  };
}

function placesLaw(
  twins: Twins,
  sumAt: (offset: number, of: Uint8Array, on: number) => number,
): Law {
  return each("every length and place", PLACES, ({ offset, len }) => {
    for (const fill of FILLS) {
      const of = Uint8Array.from({ length: len }, (_, at) => fill(at));
      twins.fill(twins.first, twins.first + offset + len + 64, 0xa5);
      strictEqual(sumAt(offset, of, 0), foldedSum(of));
    }
  });
}
