// Every run can be repeated: whoever names no seed gets one drawn, and it is printed.
import { randomInt } from "node:crypto";

/** fast-check keeps seeds as signed words. */
export const SEED_MAX = 0x7fffffff;

export function drawSeed(): number {
  return randomInt(SEED_MAX);
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
