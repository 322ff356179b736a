// The command line of the benchmarks.
import { flagsOf, Misuse } from "../fuzz/flags.ts";

/** What was asked for. */
export interface Options {
  readonly json: boolean;
  /** A section; undefined: all of them. */
  readonly only?: string;
}

const FLAGS = { json: { type: "boolean" }, only: { type: "string" } } as const;

/** Throws Misuse. */
export function parseOptions(args: readonly string[], sections: readonly string[]): Options {
  const { json = false, only } = flagsOf(args, FLAGS);
  if (only === undefined) return { json };
  if (sections.includes(only)) return { json, only };
  throw new Misuse(`--only ${only}: expected one of ${sections.join(", ")}`);
}

export function usage(sections: readonly string[]): string {
  return [
    "npm run bench -- [--only NAME] [--json]",
    `  --only NAME  one section: ${sections.join(", ")}`,
    "  --json       one JSON document, and nothing else",
  ].join("\n");
}
