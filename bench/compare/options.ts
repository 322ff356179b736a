// The command line of the comparison.
import { parseArgs } from "node:util";
import { Misuse } from "../../fuzz/flags.ts";
import { MICRO_SECTIONS } from "../micro.ts";
import { LAUNCHES_MIN, type Verdict } from "./verdict.ts";

const LAUNCHES = 15;
const ROUNDS = 15;
const MARGIN_PERCENT = 3;
const FAILURES: Readonly<Record<string, readonly Verdict[]>> = {
  slower: ["slower"],
  unclear: ["slower", "unclear"],
  never: [],
};

export interface Options {
  readonly base: string;
  readonly branch: string;
  readonly only: readonly string[];
  readonly launches: number;
  readonly rounds: number;
  /** The change that nobody minds: 0.03 for three in a hundred. */
  readonly margin: number;
  /** Verdicts with which the program ends with 1. */
  readonly failures: readonly Verdict[];
  readonly json: boolean;
}

export const USAGE: string = [
  "npm run bench:compare -- BASE [BRANCH] [--only NAME,NAME] [--launches COUNT] [--rounds COUNT]",
  "                         [--margin PERCENT] [--fail slower|unclear|never] [--json]",
  "  BASE, BRANCH  commits; BRANCH left out: HEAD",
  `  --only        sections: ${MICRO_SECTIONS.join(", ")}`,
  `  --launches    processes, at least ${LAUNCHES_MIN}; left out: ${LAUNCHES}`,
  `  --rounds      of each process; left out: ${ROUNDS}`,
  `  --margin      the change that nobody minds; left out: ${MARGIN_PERCENT}`,
  "  --fail        what ends with 1: something slower, something that is not the same or faster,",
  "                or nothing; left out: slower",
  "  --json        every ratio, as one JSON document",
].join("\n");

/** Throws Misuse. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parsed(args);
  const [base, branch = "HEAD", ...rest] = positionals;
  if (base === undefined) throw new Misuse("BASE is missing: which commit to compare with");
  if (rest.length > 0) throw new Misuse(`${rest.join(" ")}: expected BASE and BRANCH alone`);
  const failures = FAILURES[values.fail ?? "slower"];
  if (failures === undefined) {
    throw new Misuse(`--fail ${values.fail}: expected one of ${Object.keys(FAILURES).join(", ")}`);
  }
  return {
    ...{ base, branch, failures, json: values.json ?? false },
    only: sectionsOf(values.only),
    launches: countOf("launches", values.launches, { otherwise: LAUNCHES, min: LAUNCHES_MIN }),
    rounds: countOf("rounds", values.rounds, { otherwise: ROUNDS, min: 1 }),
    margin: countOf("margin", values.margin, { otherwise: MARGIN_PERCENT, min: 0 }) / 100,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...({ only: { type: "string" }, launches: { type: "string" } } as const),
        ...({ rounds: { type: "string" }, margin: { type: "string" } } as const),
        ...({ fail: { type: "string" }, json: { type: "boolean" } } as const),
      },
    });
  } catch (error) {
    if (error instanceof TypeError) throw new Misuse(error.message);
    throw error;
  }
}

function sectionsOf(only: string | undefined): readonly string[] {
  const names = only?.split(",") ?? MICRO_SECTIONS;
  const unknown = names.find((name) => !MICRO_SECTIONS.includes(name));
  if (unknown === undefined) return names;
  throw new Misuse(`--only ${unknown}: expected some of ${MICRO_SECTIONS.join(",")}`);
}

interface Bounds {
  readonly otherwise: number;
  readonly min: number;
}

function countOf(flag: string, text: string | undefined, { otherwise, min }: Bounds): number {
  if (text === undefined) return otherwise;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min) return value;
  throw new Misuse(`--${flag} ${text}: expected a whole number of at least ${min}`);
}
