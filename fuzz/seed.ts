// Every run can be repeated: whoever names no seed gets one drawn, and it is printed. HEDDLE_SEED
// names one for all random tests: a check of a commit takes it from the commit, and says the same
// each time.
import { randomInt } from "node:crypto";

/** fast-check keeps seeds as signed words. */
export const SEED_MAX = 0x7fffffff;

export function drawSeed(): number {
  const { HEDDLE_SEED: given } = process.env;
  if (given === undefined) return randomInt(SEED_MAX);
  const seed = Number(given);
  if (!Number.isInteger(seed) || seed < 0 || seed > SEED_MAX) {
    throw new RangeError(`HEDDLE_SEED: expected 0 to ${SEED_MAX}, got "${given}"`);
  }
  return seed;
}

/** The seed of a round: the first has the run's own. */
export function seedOf(seed: number, round: number): number {
  return (seed + round) % (SEED_MAX + 1);
}

/** What `command` takes to run the same inputs again; with `path`, the one that failed first. */
export function replayFlags(suite: string, seed: number, path?: string): string {
  const quoted = suite.includes(" ") ? `"${suite}"` : suite;
  const place = path === undefined ? "" : ` --path ${path}`;
  return `--suite ${quoted} --seed ${seed}${place}`;
}
