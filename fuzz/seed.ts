// Every run can be repeated: whoever names no seed gets one drawn, and it is printed.
import { randomInt } from "node:crypto";

const SEED_MAX = 0x7fffffff; // fast-check keeps seeds as signed words

export function drawSeed(): number {
  return randomInt(SEED_MAX);
}

/** Throws when `text` is no seed. */
export function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed <= SEED_MAX) return seed;
  throw new RangeError(`--seed ${text}: expected a whole number from 0 to ${SEED_MAX}`);
}

/** The command that runs the same inputs again; with `path`, the one that failed alone. */
export function replayCommand(suite: string, seed: number, path?: string): string {
  const place = path === undefined ? "" : ` --path ${path}`;
  return `npm run fuzz -- --suite ${suite} --seed ${seed}${place}`;
}
