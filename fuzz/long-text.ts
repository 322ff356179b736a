// Texts as long as a store lets through, and longer, of one thing again and again: what costs more
// than its length shows there.
import { ok } from "node:assert";
import fc from "fast-check";

/** A text as it is drawn: parts, and one of them very often. */
export interface LongText {
  readonly head: string;
  readonly part: string;
  readonly count: number;
  readonly tail: string;
}

const LEN_MAX = 66000;
const CPU_MS_MAX = 1000; // a look at each pair of characters costs several times as much

const HEADS = ["", "{", '{"Network":"', '{"SubnetLen":', '{"Backend":', 'A="', "A=a", "10.5.72.0-"];
const PARTS = [
  ...["[", "{", '{"a":', '"', "\\", " ", "\t", "0", "9", "1.", ":", "::", "/0", "a", "A="],
  ...['"a":1,', '"Network":null,', "null,", "#", " #", "\r", "\n", "''", ",", "-", "1,", "\\u0020"],
];
const TAILS = ["", "}", '"}', "x", '"', " b", "]", "/16", "-24"];

export const longText: fc.Arbitrary<LongText> = fc.record({
  head: fc.constantFrom(...HEADS),
  part: fc
    .tuple(fc.constantFrom(...PARTS), fc.constantFrom("", ...PARTS))
    .map((two) => two.join("")),
  count: fc.oneof(fc.constant(LEN_MAX), fc.nat(LEN_MAX)),
  tail: fc.constantFrom(...TAILS),
});

/** The text itself, of about `count` characters. */
export function wholeOf({ head, part, count, tail }: LongText): string {
  return head + part.repeat(Math.floor(count / part.length)) + tail;
}

/** Holds `use` to a second of this process's own time. */
export function soon(text: string, use: (text: string) => void): void {
  const before = process.cpuUsage();
  use(text);
  const { user, system } = process.cpuUsage(before);
  ok((user + system) / 1000 < CPU_MS_MAX, `${(user + system) / 1000} ms`);
}
