// JSON as people and hostile programs write it: members in any order, letter case and number, with
// white space and escapes where there may be some.
import fc from "fast-check";

/** An object's members: a name, and a value that is JSON text or members in turn. */
export interface Member {
  readonly key: string;
  readonly value: string | readonly Member[];
}

/** How a text is written beside what it says. */
const space = fc.constantFrom("", "", "", " ", "\n", "\t", "\r\n  ");

const anyJson: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.constantFrom("null", "true", "false", '""', "[]", "{}", "[null]"), weight: 6 },
  { arbitrary: fc.constantFrom("0", "-0", "-1", "24.0", "1e1", "24.5", "1E400"), weight: 4 },
  { arbitrary: fc.constantFrom("18446744073709551615", "18446744073709551616"), weight: 1 },
  { arbitrary: fc.nat(70000).map(String), weight: 3 },
  { arbitrary: fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)), weight: 2 },
  { arbitrary: fc.json({ maxDepth: 2 }), weight: 1 },
);

/** A member that may be anything: most keys are of `keys`. */
export function anyMember(...keys: readonly string[]): fc.Arbitrary<Member> {
  const key = fc.oneof(
    { arbitrary: fc.constantFrom(...keys), weight: 9 },
    { arbitrary: fc.string({ unit: "binary", maxLength: 8 }), weight: 1 },
    { arbitrary: fc.constantFrom("__proto__", "constructor", "toString", ""), weight: 1 },
  );
  return fc.record({ key, value: anyJson });
}

/** A member of this name in the letter case that Go takes for the same. */
export function member(
  key: string,
  value: fc.Arbitrary<string | readonly Member[]>,
): fc.Arbitrary<Member> {
  const cased = fc.oneof(
    { arbitrary: fc.constant(key), weight: 6 },
    { arbitrary: fc.constantFrom(key.toLowerCase(), key.toUpperCase()), weight: 2 },
    { arbitrary: fc.nat().map((dice) => mixed(key, dice)), weight: 1 },
    { arbitrary: fc.constant(key.replace(/[sS]/, "\u017f").replace(/k/i, "\u212a")), weight: 1 },
  );
  return fc.record({ key: cased, value });
}

/** JSON text as it is when quoted. */
export function quoted(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return text.map((one) => JSON.stringify(one));
}

/** Members as text; `blanks` goes between tokens, again and again. */
export function written(members: readonly Member[], blanks: readonly string[] = [""]): string {
  let at = 0;
  const blank = (): string => blanks[at++ % blanks.length] ?? "";
  const object = (list: readonly Member[]): string => {
    const parts = list.map(({ key, value }) => {
      const name = `${blank()}${JSON.stringify(key)}${blank()}`;
      return `${name}:${blank()}${typeof value === "string" ? value : object(value)}${blank()}`;
    });
    return `{${parts.join(",") || blank()}}`;
  };
  return `${blank()}${object(members)}${blank()}`;
}

/** Blanks for `written`. */
export const blanks: fc.Arbitrary<string[]> = fc.array(space, { minLength: 1, maxLength: 5 });

/** A text with one to three characters too many, too few, or others. */
export function misspelt(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const character = fc.oneof(
    { arbitrary: fc.constantFrom(..."{}[],:\"\\'0123456789.-/&#= \n\0eE", ""), weight: 8 },
    { arbitrary: fc.string({ unit: "binary", maxLength: 2 }), weight: 1 },
  );
  const change = fc.tuple(fc.nat(), fc.nat(2), character);
  return fc
    .tuple(text, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([whole, changes]) => changes.reduce(edited, whole));
}

function edited(text: string, [at, gone, by]: [number, number, string]): string {
  const place = at % (text.length + 1);
  return text.slice(0, place) + by + text.slice(place + gone);
}

function mixed(key: string, dice: number): string {
  const isUpper = (at: number): boolean => ((dice >> (at % 31)) & 1) === 1;
  return [...key].map((one, at) => (isUpper(at) ? one.toUpperCase() : one.toLowerCase())).join("");
}
