// Where and how the fields of headers lie: big-endian, and often a few bits of a word.
import { type Field, field, type Meaning, type Place, whole } from "../field.ts";
import { HeddleError } from "../status.ts";

/** How many bytes a word has. */
type WordLen = 1 | 2 | 4;

/** The bits of `mask`, in the word at `at`, as a number. */
export function bits(at: number, len: WordLen, mask: number): Place {
  const shift = 31 - Math.clz32(mask & -mask); // the lowest bit of the mask
  return {
    get: (view, ptr) => ((wordAt(view, ptr + at, len) & mask) >>> 0) >>> shift,
    set: (view, ptr, value) => {
      const others = wordAt(view, ptr + at, len) & ~mask;
      putWord(view, ptr + at, len, (others | ((value << shift) & mask)) >>> 0);
    },
  };
}

function wordAt(view: DataView, at: number, len: WordLen): number {
  if (len === 4) return view.getUint32(at);
  return len === 2 ? view.getUint16(at) : view.getUint8(at);
}

function putWord(view: DataView, at: number, len: WordLen, word: number): void {
  if (len === 4) view.setUint32(at, word);
  else if (len === 2) view.setUint16(at, word);
  else view.setUint8(at, word);
}

/** A number that has a whole word. */
export function number(at: number, len: WordLen, fallback?: number): Field<number> {
  return some(at, len, 2 ** (len * 8) - 1, fallback);
}

/** A number that has the bits of `mask`. */
export function some(at: number, len: WordLen, mask: number, fallback?: number): Field<number> {
  const max = (mask >>> 0) / ((mask & -mask) >>> 0);
  return field(bits(at, len, mask), whole(max), fallback);
}

/** A bit. */
export function flag(at: number, len: WordLen, mask: number, fallback = false): Field<boolean> {
  return field(bits(at, len, mask), boolean, fallback);
}

const boolean: Meaning<boolean> = {
  parse: (value, name) => {
    if (typeof value === "boolean") return Number(value);
    throw new HeddleError("BadValue", value, `${name}: true or false`);
  },
  print: (value) => value !== 0,
};

/** Bits that stay where they are in their word: no other bit of it may be set. */
export function inPlace(at: number, len: WordLen, mask: number): Field<number> {
  const meaning: Meaning<number> = {
    parse: (value, name) => {
      if (value === ((value as number) & mask)) return value;
      const expected = `${name}: a whole number, with bits of 0x${mask.toString(16)} only`;
      throw new HeddleError("BadValue", value, expected);
    },
    print: (value) => value,
  };
  return field(bits(at, len, mask), meaning, 0);
}

/** A number of bytes that is kept in units of eight. */
export const octets: Meaning<number> = {
  parse: (value, name) => {
    if (value === ((value as number) & OCTETS_MAX)) return value >> 3;
    const expected = `${name}: a multiple of eight from 0 to ${OCTETS_MAX}`;
    throw new HeddleError("BadValue", value, expected);
  },
  print: (value) => value << 3,
};

const OCTETS_MAX = 0xfff8;
