import assert from "node:assert/strict";
import { test } from "node:test";
import type { Contest } from "../../../bench/peers/contest.ts";
import { compare } from "../../../bench/peers/rounds.ts";

test("rounds end between two of them when somebody wants that", async () => {
  const stopped = new AbortController();
  const seen: string[] = [];
  const contender = (name: string): Contest["heddle"] => ({
    name,
    round: () => {
      seen.push(name);
      if (seen.length === 3) setImmediate(() => stopped.abort());
      return 1;
    },
  });
  const contest = { name: "work", heddle: contender("heddle"), rivals: [contender("rival")] };
  await assert.rejects(compare(contest, 9, stopped.signal), { name: "AbortError" });
  assert.deepEqual(seen, ["heddle", "rival", "heddle"]);
});

test("a ratio is of one round, whoever was measured first", async () => {
  const values = { heddle: [2, 4, 8], rival: [4, 4, 4] };
  const contender = (name: keyof typeof values): Contest["heddle"] => {
    let at = -2; // rounds to warm up
    return { name, round: () => values[name][at++] ?? 100 };
  };
  const contest = { name: "work", heddle: contender("heddle"), rivals: [contender("rival")] };
  const { heddle, rivals } = await compare(contest, 3);
  assert.deepEqual(heddle, { median: 4, min: 2, max: 8 });
  assert.deepEqual(rivals[0]?.ratio, { median: 1, min: 0.5, max: 2 });
});
