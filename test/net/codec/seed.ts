// The seed of a random test. It is printed; in HEDDLE_SEED it draws the same packets again.
import type { TestContext } from "node:test";
import { drawSeed } from "../../../fuzz/seed.ts";

export function seedOf(t: TestContext): number {
  const seed = drawSeed();
  t.diagnostic(`again: HEDDLE_SEED=${seed}`);
  return seed;
}
