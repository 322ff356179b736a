// What the comparison of two commits makes of its ratios.
import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { compare, type Launch, linesOf } from "../../bench/compare/comparison.ts";
import { parseOptions } from "../../bench/compare/options.ts";
import {
  type Interval,
  intervalOf,
  LAUNCHES_MIN,
  type Verdict,
  verdictOn,
} from "../../bench/compare/verdict.ts";
import { dice } from "../../bench/workload.ts";
import { drawSeed } from "../../fuzz/seed.ts";

const MARGIN = 0.03;
const RISK = 0.01;

describe("a verdict", () => {
  const cases: readonly [verdict: Verdict, low: number, median: number, high: number][] = [
    ["same", 0.99, 1, 1.01],
    ["same", 1.001, 1.01, 1.02],
    ["same", 0.97, 0.98, 0.99],
    ["slower", 1.01, 1.05, 1.09],
    ["slower", 1.9, 2, 2.1],
    ["faster", 0.9, 0.95, 0.99],
    ["unclear", 0.99, 1.05, 1.1],
    ["unclear", 0.9, 1, 1.1],
    ["unclear", 1.001, 1.02, 1.04],
    ["unclear", 0.9, 0.95, 1.001],
  ];
  for (const [verdict, low, median, high] of cases) {
    it(`on ${median} of ${low} to ${high} is ${verdict}`, () => {
      assert.equal(verdictOn({ low, median, high }, MARGIN), verdict);
    });
  }
});

describe("an interval", () => {
  // Of the binomial distribution with n and 1/2: the most k with 2 P(X <= k) <= 0.01, by tables.
  const outside: readonly [launches: number, k: number][] = [
    [8, 0],
    [11, 0],
    [12, 1],
    [15, 2],
    [20, 3],
    [30, 7],
  ];
  for (const [launches, k] of outside) {
    it(`of ${launches} launches leaves ${k} outside at each end`, () => {
      const ratios = Array.from({ length: launches }, (_, at) => (at * 7) % launches);
      const { low, high } = intervalOf(ratios.toReversed());
      assert.deepEqual([low, high], [k, launches - 1 - k]);
    });
  }

  it("has the middle of an even number of ratios between the two", () => {
    assert.equal(intervalOf([1, 2, 3, 4, 5, 6, 7, 9]).median, 4.5);
  });

  it("holds the true middle as often as it says, however skew the ratios are", () => {
    const seed = drawSeed();
    console.log(`seed ${seed}`);
    const roll = dice(seed);
    const truth = Math.SQRT1_2; // of the root of what is spread evenly
    const trials = 20_000;
    let missed = 0;
    for (let trial = 0; trial < trials; trial++) {
      const ratios = Array.from({ length: 15 }, () => Math.sqrt(roll()));
      if (!holds(intervalOf(ratios), truth)) missed += 1;
    }
    assert.ok(missed / trials < RISK, `${missed} of ${trials} missed it`);
    assert.ok(missed > 0, "an interval that never misses is too wide");
  });
});

function holds({ low, high }: Interval, value: number): boolean {
  return low <= value && value <= high;
}

/** Launches of one item whose branch takes `factor` times as long, in noise that both sides see. */
function launches(factor: number, count = LAUNCHES_MIN): Launch[] {
  const roll = dice(1);
  return Array.from({ length: count }, () => {
    const rounds = Array.from({ length: 9 }, () => {
      const base = 10 * (1 + 4 * roll());
      return { base, branch: base * factor * (0.99 + 0.02 * roll()) };
    });
    return new Map([["item", rounds]]);
  });
}

test("noise that both sides see is no change, and a change in it is seen", () => {
  const verdicts = [0.8, 1, 1.2].map((factor) => compare(launches(factor), MARGIN)[0]?.verdict);
  assert.deepEqual(verdicts, ["faster", "same", "slower"]);
});

test("the table has the instructions of both sides beside the times", () => {
  const rows = compare(launches(1), MARGIN);
  const [, , changed] = linesOf(rows, { base: { item: 100 }, branch: { item: 103 } });
  assert.match(changed ?? "", /^\| item \| .* \| same \| 100 to 103, \+3\.0 % \|$/);
  assert.match(linesOf(rows, undefined)[2] ?? "", /^\| item \| .* \| same \| {2}\|$/);
});

describe("the command line", () => {
  it("takes the branch to be HEAD", () => {
    const { base, branch, failures } = parseOptions(["main"]);
    assert.deepEqual(
      { base, branch, failures },
      { base: "main", branch: "HEAD", failures: ["slower"] },
    );
  });

  for (const [args, told] of [
    [[], /^BASE is missing/],
    [["a", "b", "c"], /^c: expected BASE and BRANCH/],
    [["a", "--launches", "3"], /^--launches 3: expected a whole number of at least 8$/],
    [["a", "--only", "nothing"], /^--only nothing: expected some of vxlan,/],
    [["a", "--fail", "often"], /^--fail often: expected one of slower, unclear, never$/],
    [["a", "--margin", "-1"], /margin/],
  ] as const) {
    it(`refuses ${args.join(" ") || "nothing"}`, () => {
      assert.throws(() => parseOptions(args), { name: "Error", message: told });
    });
  }
});
