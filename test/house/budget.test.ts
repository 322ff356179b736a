// The core takes as many instructions and bytes as bench/budget.json says, two in a hundred more or
// less.
import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import {
  countAll,
  judge,
  judgeCounts,
  readBudget,
  SLACK,
  sentenceOf,
  type Verdict,
} from "../../bench/budget/budget.ts";
import { mismatch, type Tools, toolsHere } from "../../bench/budget/tools.ts";
import { need } from "../need.ts";

const REMEDY = "npm run bench:budget -- --write makes what was counted the budget";
const ITEM = "some item";

describe("a count beside its budget", () => {
  const cases: readonly [verdict: Verdict, budget: number, found: number][] = [
    ["kept", 100, 100],
    ["kept", 100, 102],
    ["kept", 100, 98],
    ["over", 100, 102.01],
    ["over", 100, 200],
    ["under", 100, 97.99],
    ["under", 100, 1],
    ["kept", 0.5, 0.51],
    ["over", 0, 1],
    ["kept", 2_808_827, 2_808_827],
  ];
  for (const [verdict, budget, found] of cases) {
    it(`of ${budget}: ${found} is ${verdict}`, () => {
      assert.deepEqual(judgeCounts({ [ITEM]: budget }, { [ITEM]: found }), [
        { name: ITEM, verdict, budget, found },
      ]);
    });
  }

  it("that is missing, or has none, is told", () => {
    const judged = judgeCounts({ before: 1 }, { now: 2 });
    assert.deepEqual(judged, [
      { name: "now", verdict: "new", found: 2 },
      { name: "before", verdict: "gone", budget: 1 },
    ]);
    assert.deepEqual(judged.map(sentenceOf), [
      "now: 2, and no budget",
      "before: a budget of 1, and nothing that is counted",
    ]);
  });

  it("is told with how far it is away", () => {
    const [judged] = judgeCounts({ [ITEM]: 50 }, { [ITEM]: 60 });
    assert.ok(judged !== undefined && 60 > 50 * (1 + SLACK));
    assert.equal(sentenceOf(judged), "some item: 60, a budget of 50, +20.0 %: over");
  });
});

test("a budget that was counted with other tools is told so, by their names", () => {
  const tools: Tools = { gcc: "12.2.0", wasm2c: "1.0.32" };
  assert.equal(mismatch(tools, { ...tools }), undefined);
  const told = mismatch(tools, { ...tools, gcc: "13.1.0" });
  assert.match(told ?? "", /here is gcc 13\.1\.0 where it has gcc 12\.2\.0$/);
});

test("the core costs what its budget says", await counting(), async () => {
  const budget = await readBudget();
  assert.equal(mismatch(budget.tools, toolsHere()), undefined);
  const judged = judge(budget, await countAll());
  const wrong = judged.filter(({ verdict }) => verdict !== "kept").map(sentenceOf);
  assert.deepEqual(wrong, [], REMEDY);
});

// Elsewhere than on Debian 12 other compilers are no fault of the core; where nothing may be
// skipped, they are.
async function counting(): Promise<{ skip: string | false }> {
  const needed = need("gcc", "wasm2c", "valgrind");
  if (needed.skip !== false || process.env.HEDDLE_FORBID_SKIPS) return needed;
  return { skip: mismatch((await readBudget()).tools, toolsHere()) ?? false };
}
