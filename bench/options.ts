// The command line of the benchmarks.
import { parseArgs } from "node:util";

/** What was asked for. */
export interface Options {
  readonly json: boolean;
  /** A section; undefined: all of them. */
  readonly only?: string;
}

/** A command line that makes no sense. */
export class Misuse extends Error {}

/** Throws Misuse. */
export function parseOptions(args: readonly string[], sections: readonly string[]): Options {
  const { json = false, only } = flagsOf(args);
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

function flagsOf(args: readonly string[]): { json?: boolean; only?: string } {
  const options = { json: { type: "boolean" }, only: { type: "string" } } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    if (error instanceof TypeError) throw new Misuse(error.message);
    throw error;
  }
}
