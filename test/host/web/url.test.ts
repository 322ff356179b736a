// A view can be copied as a URL: what is parsed is what was shown.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FIRST, type State } from "../../../bindings/web/lab/state/state.ts";
import { parseUrl, urlOf } from "../../../bindings/web/lab/state/url.ts";
import { drawSeed } from "../../../fuzz/seed.ts";

const seed = drawSeed();
console.log(`seed ${seed}`);

const plain = { noNullPrototype: true } as const;
const cursors = fc.record(
  { packet: fc.nat({ max: 99_999 }), hop: fc.integer({ min: 1, max: 999 }) },
  plain,
);
const names = fc.stringMatching(/^[a-z][a-z0-9.-]{0,14}$/);
const texts = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });

const states: fc.Arbitrary<Partial<State>> = fc.record({
  scenario: names,
  variant: fc.option(names, { nil: null }),
  seed: fc.bigInt({ min: 0n, max: 2n ** 62n }).map(String),
  edits: fc.array(
    fc.record({ at: fc.option(cursors, { nil: null }), namespace: names, command: texts }, plain),
  ),
  at: cursors,
  sel: fc.option(
    fc.oneof(
      fc.stringMatching(/^(outer\.)?[a-z]{2,5}\.[a-zA-Z]{2,9}$/),
      fc.record({ at: fc.nat({ max: 9000 }), len: fc.integer({ min: 1, max: 1500 }) }, plain),
    ),
    { nil: null },
  ),
  diff: fc.constantFrom("before", "after", "diff"),
  lang: fc.constantFrom("en", "zh"),
  strange: fc.array(fc.tuple(fc.constantFrom("utm", "q", "page"), texts)),
});

test("parse(url(state)) is the state", () => {
  fc.assert(
    fc.property(states, (some) => {
      const state: State = { ...FIRST, ...some };
      assert.deepEqual({ ...FIRST, ...parseUrl(urlOf(state)) }, state);
    }),
    { seed },
  );
});

test("the first view has no query", () => {
  assert.equal(urlOf(FIRST), "");
});

test("an edit reads as the command that it is", () => {
  const edit = {
    at: { packet: 0, hop: 4 },
    namespace: "node1",
    command: "bridge fdb del 5e:f8:4f:00:e3:37 dev flannel.1 dst 10.168.0.3",
  };
  const url = urlOf({ ...FIRST, edits: [edit], at: edit.at });
  assert.match(decodeURIComponent(url), /e=0\.4:node1:bridge\+fdb\+del\+5e:f8:4f:00:e3:37\+dev/);
});

test("a query of nonsense is the first view", () => {
  const query = "p=-1&h=x&b=9-3&d=sideways&seed=1.5&lang=tlh&e=;;::";
  const { strange, ...found } = parseUrl(query);
  const { scenario, variant, seed, edits, at, sel, diff, compare, drill, pane } = FIRST;
  assert.deepEqual(strange, []);
  assert.deepEqual(found, { scenario, variant, seed, edits, at, sel, diff, compare, drill, pane });
});
