// Bytes without meaning, and bytes that have nearly kept theirs.
import fc from "fast-check";

/** Up to `maxLen` bytes of anything. */
export function noise(maxLen: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ maxLength: maxLen, size: "max" });
}

/**
 * Many bytes out of few choices: all zeros, all ones, or noise from a generator. Cheap to draw, and
 * the fills are those that arithmetic trips over.
 */
export function bulk(maxLen: number): fc.Arbitrary<Uint8Array> {
  return fc
    .record({
      len: fc.nat(maxLen),
      fill: fc.constantFrom("zeros", "ones", "noise"),
      seed: fc.nat(),
    })
    .map(({ len, fill, seed }) => {
      if (fill === "noise") return scrambled(len, seed);
      return new Uint8Array(len).fill(fill === "ones" ? 255 : 0);
    });
}

/** `len` bytes that follow from `seed` (xorshift32). */
export function scrambled(len: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(len);
  let state = (seed ^ 0x9e3779b9) | 1;
  for (let at = 0; at < len; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state;
  }
  return bytes;
}

/** A payload: mostly short, at times as long as a link bears. */
export const payload: fc.Arbitrary<Uint8Array> = fc.oneof(
  { arbitrary: noise(48), weight: 5 },
  { arbitrary: bulk(1400), weight: 1 },
);

type Change = (bytes: Uint8Array) => Uint8Array;

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(fc.nat(), fc.nat(7)).map(([at, bit]) => flip(at, bit)),
  fc.tuple(fc.nat(), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)).map(([at, byte]) => put(at, byte)),
  fc.tuple(fc.nat(), fc.constantFrom(0, 1, 7, 8, 0xffff)).map(([at, word]) => putWord(at, word)),
  fc.nat(63).map(shorten),
  fc.uint8Array({ minLength: 1, maxLength: 8 }).map(lengthen),
);

/** What `bytes` gives, with one to three small faults. */
export function nearly(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const changes = fc.array(change, { minLength: 1, maxLength: 3 });
  return fc.tuple(bytes, changes).map(([whole, steps]) => {
    return steps.reduce((left, step) => step(left), whole);
  });
}

// Places beyond the end wrap, and most lie in the headers: faults are worth most there.
function place(bytes: Uint8Array, at: number): number {
  const reach = at % 4 === 0 ? bytes.length : Math.min(bytes.length, 64);
  return reach === 0 ? 0 : Math.floor(at / 4) % reach;
}

function flip(at: number, bit: number): Change {
  return (bytes) => edited(bytes, place(bytes, at), [(bytes[place(bytes, at)] ?? 0) ^ (1 << bit)]);
}

function put(at: number, byte: number): Change {
  return (bytes) => edited(bytes, place(bytes, at), [byte]);
}

function putWord(at: number, word: number): Change {
  return (bytes) => edited(bytes, place(bytes, at) & ~1, [word >> 8, word & 255]);
}

function edited(bytes: Uint8Array, at: number, by: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(by.slice(0, bytes.length - at), at);
  return copy;
}

function shorten(by: number): Change {
  return (bytes) => bytes.slice(0, Math.max(0, bytes.length - by));
}

function lengthen(by: Uint8Array): Change {
  return (bytes) => Uint8Array.from([...bytes, ...by]);
}
