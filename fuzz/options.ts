// The command line of the suites.
import { flagsOf, Misuse } from "./flags.ts";
import { SEED_MAX } from "./seed.ts";

export const SECONDS_DEFAULT = 60;
export const SECONDS_MAX = 604800; // a week

export const USAGE: string = [
  "npm run fuzz -- [--seconds N] [--seed S] [--suite NAME] [--path P] [--list]",
  `  --seconds N   how long, in all (${SECONDS_DEFAULT}); from 60 on every suite has to reach its`,
  "                least number of cases",
  "  --seed S      draws the inputs of an earlier run again",
  "  --suite NAME  one suite, fdb, or one law of it, fdb/commands",
  "  --path P      begins at input number P of that seed: for one law of one suite",
  "  --list        names the suites and their laws, and runs nothing",
].join("\n");

/** What was asked for, checked but for the name of the suite. */
export interface Options {
  readonly seconds: number;
  /** Undefined: draw one. */
  readonly seed?: number;
  readonly suite?: string;
  readonly path?: string;
  readonly list: boolean;
}

const FLAGS = {
  seconds: { type: "string" },
  seed: { type: "string" },
  suite: { type: "string" },
  path: { type: "string" },
  list: { type: "boolean" },
} as const;

/** Throws Misuse. */
export function parseOptions(args: readonly string[]): Options {
  const { seconds, seed, suite, path, list } = flagsOf(args, FLAGS);
  const options = {
    seconds: seconds === undefined ? SECONDS_DEFAULT : parseSeconds(seconds),
    list: list ?? false,
    ...(seed === undefined ? {} : { seed: parseSeed(seed) }),
    ...(suite === undefined ? {} : { suite }),
    ...(path === undefined ? {} : { path: parsePath(path) }),
  };
  expectWhole(options);
  return options;
}

/** Throws Misuse when flags are given that mean nothing without others. */
export function expectWhole({ path, seed, suite }: Options): void {
  if (path === undefined) return;
  if (seed === undefined) throw new Misuse("--path: expected --seed too, which it counts from");
  if (!suite?.includes("/")) throw new Misuse("--path: expected --suite SUITE/LAW too");
}

/** Throws Misuse. */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== "" && seconds > 0 && seconds <= SECONDS_MAX) return seconds;
  throw new Misuse(`--seconds ${text}: expected a number above 0, at most ${SECONDS_MAX}`);
}

/** Throws Misuse. */
export function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed <= SEED_MAX) return seed;
  throw new Misuse(`--seed ${text}: expected a whole number from 0 to ${SEED_MAX}`);
}

/** Throws Misuse. */
export function parsePath(text: string): string {
  if (/^\d{1,9}$/.test(text)) return text;
  throw new Misuse(`--path ${text}: expected a whole number, as a failure printed it`);
}
