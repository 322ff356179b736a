// The seed of a random test. It is printed; in HEDDLE_SEED it draws the same packets again.
import { randomInt } from "node:crypto";
import type { TestContext } from "node:test";

const SEEDS = 2 ** 31;

export function seedOf(t: TestContext): number {
  const given = process.env.HEDDLE_SEED;
  const seed = given === undefined ? randomInt(SEEDS) : Number(given);
  t.diagnostic(`again: HEDDLE_SEED=${seed}`);
  return seed;
}
