// What `npm run mutate` takes for a place that can be wrong, and what it makes of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Points } from "../measure/points.ts";
import { parseReasons } from "../measure/survivors.ts";

function rewrite(body: string): { text: string; keys: string[] } {
  const points = new Points();
  const text = points.rewrite("f.ts", `function f(): void { ${body} }`);
  const keys = points.mutants.map(({ key }) => key.replace("f.ts f: ", ""));
  return { text: text.slice("function f(): void { ".length, -" }".length), keys };
}

test("a comparison has its neighbor and its opposite", () => {
  const { text, keys } = rewrite("g(a < b);");
  assert.equal(text, "g((isMutant(1) ? a <= b : isMutant(2) ? a >= b : a < b));");
  assert.deepEqual(keys, ["a < b -> a <= b", "a < b -> a >= b"]);
  assert.deepEqual(rewrite("g(a >= b);").keys, ["a >= b -> a > b", "a >= b -> a < b"]);
  assert.deepEqual(rewrite("g(a == b);").keys, ["a == b -> a != b"]);
});

test("a step of one is left out, on either side and however it is written", () => {
  assert.equal(rewrite("g(a + 1);").text, "g(a + (isMutant(1) ? 0 : 1));");
  assert.equal(rewrite("g(1 + a);").text, "g((isMutant(1) ? a : 1 + a));");
  assert.equal(rewrite("a -= 1;").text, "a -= (isMutant(1) ? 0 : 1);");
  assert.equal(rewrite("for (; ; a++) g();").text, "for (; ; a += (isMutant(1) ? 0 : 1)) g();");
  assert.deepEqual(rewrite("g(a + 2, a * 1, 1 - a);").keys, []);
});

test("a mutant holds no other, and what it says twice is evaluated once", () => {
  const { text } = rewrite("g(h(a + 1) == b);");
  assert.equal(text, "g((isMutant(1) ? h(a + 1) != b : h(a + (isMutant(2) ? 0 : 1)) == b));");
});

test("what is known beforehand stays as it is", () => {
  const fixed = "const A: u32 = B + 1; if (A != 2) ERROR('a'); namespace at { const END = A - 1; }";
  const points = new Points();
  assert.equal(points.rewrite("f.ts", fixed), fixed);
  assert.deepEqual(rewrite("load<u32>(a, A + 1); store<u32>(a, b, A - 1);").keys, []);
  assert.deepEqual(rewrite("switch (a) { case B + 1: g(); }").keys, []);
});

test("a step whose value is used is refused", () => {
  assert.throws(() => rewrite("g(a++);"), /value of a\+\+ is used/);
});

test("the same text twice in a function is two places", () => {
  assert.deepEqual(rewrite("g(a + 1); g(a + 1);").keys, ["a + 1 -> a", "a + 1 -> a (2)"]);
});

test("a survivor has a reason, and a reason survivors", () => {
  const reasons = parseReasons("# why\none\ntwo\n  because\n  of this\nthree\n  so\n");
  assert.deepEqual(
    [...reasons],
    [
      ["one", "because of this"],
      ["two", "because of this"],
      ["three", "so"],
    ],
  );
  assert.throws(() => parseReasons("one\n"), /no reason/);
  assert.throws(() => parseReasons("  because\n"), /reason of nobody/);
  assert.throws(() => parseReasons("one\n  a\none\n  b\n"), /twice/);
});
