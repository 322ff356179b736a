// `npm run fuzz:coverage`: libFuzzer on the plain core. Exits 1 when it finds something, or misses
// what is planted; 2 for a command line that makes no sense; 3 when the tools are not there.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { flagsOf, Misuse } from "../flags.ts";
import { parseSeconds, parseSeed } from "../options.ts";
import { drawSeed } from "../seed.ts";
import { buildHarness, missingTools, ROOT } from "./build.ts";
import { runCanaries } from "./canary.ts";
import { type Hunt, hunt, replay } from "./hunt.ts";

const USAGE = [
  "npm run fuzz:coverage -- [--runs N] [--seconds N] [--seed S] [--replay FILE] [--canary]",
  "  --runs N       how many inputs; with --seconds too, whichever comes first",
  "  --seconds N    how long; 60 when nothing is said",
  "  --seed S       of libFuzzer's dice",
  "  --replay FILE  runs one input that was found, and nothing else",
  "  --canary       runs cores with a fault in them, which have to be found",
].join("\n");

const FLAGS = {
  runs: { type: "string" },
  seconds: { type: "string" },
  seed: { type: "string" },
  replay: { type: "string" },
  canary: { type: "boolean" },
} as const;

const STATUS_MISUSE = 2;
const STATUS_MISSING = 3;
const SECONDS_DEFAULT = 60;
const PLAIN = join(ROOT, "dist/bindings/core/core.plain.wasm");
const FOUND = join(ROOT, "fuzz/coverage/found");

interface Options extends Hunt {
  readonly replay?: string;
  readonly canary: boolean;
}

function parseOptions(args: readonly string[]): Options {
  const { runs, seconds, seed, replay: file, canary } = flagsOf(args, FLAGS);
  if (file !== undefined && !existsSync(file)) throw new Misuse(`--replay ${file}: no such file`);
  const isOpen = runs === undefined && seconds === undefined;
  return {
    ...(runs === undefined ? {} : { runs: parseRuns(runs) }),
    ...(isOpen ? { seconds: SECONDS_DEFAULT } : {}),
    ...(seconds === undefined ? {} : { seconds: Math.ceil(parseSeconds(seconds)) }),
    ...(file === undefined ? {} : { replay: resolve(file) }),
    seed: seed === undefined ? drawSeed() : parseSeed(seed),
    canary: canary ?? false,
  };
}

function parseRuns(text: string): number {
  const runs = Number(text.replaceAll("_", ""));
  if (Number.isInteger(runs) && runs > 0 && runs <= 1e12) return runs;
  throw new Misuse(`--runs ${text}: expected a whole number above 0`);
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  const missing = missingTools();
  for (const { program, remedy } of missing) {
    console.error(`fuzz:coverage: ${program} is missing: ${remedy}`);
  }
  if (missing.length > 0) return STATUS_MISSING;
  if (options.canary) return runCanaries(options.seed, console.log);
  const program = await buildHarness(PLAIN);
  if (options.replay !== undefined) return tellReplay(program, [options.replay]);
  mkdirSync(FOUND, { recursive: true });
  const kept = readdirSync(FOUND)
    .filter((name) => name.startsWith("crash-"))
    .map((name) => join(FOUND, name));
  if ((await tellReplay(program, kept)) !== 0) return 1;
  const found = await hunt(program, options, FOUND);
  const { runs, perSecond, coverage, law, file } = found;
  console.log(`${runs} runs, ${perSecond} a second, ${coverage} places; seed ${options.seed}`);
  if (law === undefined) {
    console.log("nothing found");
    return 0;
  }
  console.log(`found: ${law}`);
  if (file !== undefined) {
    const place = relative(ROOT, file);
    console.log(`kept in ${place}; again: npm run fuzz:coverage -- --replay ${place}`);
  }
  return 1;
}

async function tellReplay(program: string, files: readonly string[]): Promise<number> {
  let status = 0;
  for (const file of files) {
    const law = await replay(program, file);
    const said = law === undefined ? "nothing found" : `found: ${law}`;
    console.log(`${relative(ROOT, file)}: ${said}`);
    if (law !== undefined) status = 1;
  }
  return status;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Misuse)) throw error;
  console.error(`fuzz:coverage: ${error.message}\n${USAGE}`);
  process.exitCode = STATUS_MISUSE;
}
