// The items that runtimes and browsers measure: what they come to, and their names; no clock runs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { roundOf, sampled } from "../../../bench/portable/item.ts";
import { ITEMS } from "../../../bench/portable/items.ts";
import { titleOf } from "../../../bench/portable/title.ts";

test("no two items are the same", () => {
  assert.equal(new Set(ITEMS.map(titleOf)).size, ITEMS.length);
});

for (const item of ITEMS) {
  test(`${titleOf(item)}: comes to the same again and again`, async () => {
    const { count, expected, run } = await item.open();
    assert.ok(count > 0 && expected > 0);
    assert.deepEqual([run(), run(), run()], [expected, expected, expected]);
  });
}

/** A clock that goes on by a millisecond whenever it is read. */
function stepping(): () => number {
  let nowMs = 0;
  return () => ++nowMs;
}

test("a batch goes on until two milliseconds have passed, and counts its runs", () => {
  // The first run ends at 1 ms, the second at 2 ms: 2 ms for 2 runs of 10 items.
  assert.equal(roundOf({ count: 10, expected: 1, run: () => 1 }, stepping()), 100_000);
  const { median, min, max } = sampled({ count: 10, expected: 1, run: () => 1 }, 3, stepping());
  assert.deepEqual([median, min, max], [100_000, 100_000, 100_000]);
});

test("whoever does less is refused", () => {
  const lazy = { count: 10, expected: 10, run: () => 9 };
  assert.throws(() => roundOf(lazy, stepping()), /came to 9, not to 10/);
});
