// Runs the suites: first what is kept from earlier failures, then new inputs until the time is up,
// then the canary, which has to fail. Exits 1 when a law is broken, or when the canary sings.
import { parseArgs } from "node:util";
import { keep, readCorpus } from "./corpus.ts";
import { printData } from "./data.ts";
import type { Broken, Law, Suite } from "./law.ts";
import { drawSeed, parseSeed, replayCommand } from "./seed.ts";
import { openSuites } from "./suites.ts";

const SECONDS_DEFAULT = 60;
const SHOWN_MAX = 2000;

interface Plan {
  readonly seed: number;
  readonly ms: number;
  readonly path?: string;
}

const { values } = parseArgs({
  options: {
    seconds: { type: "string" },
    seed: { type: "string" },
    suite: { type: "string" },
    path: { type: "string" },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const suites = chosen(await openSuites(), values.suite);
  const seconds = Number(values.seconds ?? SECONDS_DEFAULT);
  if (!(seconds > 0))
    throw new RangeError(`--seconds ${values.seconds}: expected a number above 0`);
  const seed = values.seed === undefined ? drawSeed() : parseSeed(values.seed);
  const path = values.path === undefined ? {} : { path: values.path };
  const shares = suites.reduce((sum, suite) => sum + shareOf(suite), 0);
  const began = performance.now();
  let cases = 0;
  let broken = 0;
  for (const suite of suites) {
    console.log(`${suite.name}: seed ${seed}; again: ${replayCommand(suite.name, seed)}`);
    const plan = { seed, ms: (seconds * 1000 * shareOf(suite)) / shares, ...path };
    const result = suite.mustFail ? runCanary(suite, plan) : runSuite(suite, plan);
    cases += result.cases;
    broken += result.broken;
  }
  const took = ((performance.now() - began) / 1000).toFixed(1);
  const found = broken === 0 ? "nothing found" : `${broken} laws broken`;
  console.log(`total: ${cases} cases in ${took} s, ${found}`);
  return broken === 0 ? 0 : 1;
}

function shareOf(suite: Suite): number {
  return suite.share ?? 1;
}

// "fdb" is a suite, "fdb/commands" one of its laws.
function chosen(suites: Suite[], name: string | undefined): Suite[] {
  if (name === undefined) return suites;
  const [suiteName, lawName] = name.split("/");
  const suite = suites.find((one) => one.name === suiteName);
  const laws = suite?.laws.filter((law) => lawName === undefined || law.name === lawName) ?? [];
  if (suite === undefined || laws.length === 0) {
    const names = suites.flatMap((one) => one.laws.map((law) => `${one.name}/${law.name}`));
    throw new RangeError(`--suite ${name}: expected one of ${names.join(" ")}`);
  }
  return [{ ...suite, laws }];
}

interface Tally {
  readonly cases: number;
  readonly broken: number;
}

function runSuite(suite: Suite, plan: Plan): Tally {
  const began = performance.now();
  let cases = 0;
  let broken = 0;
  for (const law of suite.laws) {
    const name = `${suite.name}/${law.name}`;
    const replayed = plan.path === undefined ? replay(law, name) : { cases: 0, broken: 0 };
    const outcome = law.search({ ...plan, ms: plan.ms / suite.laws.length });
    if (outcome.broken !== undefined) report(name, plan.seed, outcome.broken);
    cases += replayed.cases + outcome.cases;
    broken += replayed.broken + (outcome.broken === undefined ? 0 : 1);
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`  ${String(cases).padStart(9)} cases  ${seconds.padStart(5)} s`);
  return { cases, broken };
}

function replay(law: Law, name: string): Tally {
  const corpus = readCorpus(name);
  let broken = 0;
  for (const { file, input } of corpus) {
    try {
      law.again(input);
    } catch (error) {
      broken += 1;
      console.log(`  ${name}: ${file} fails again: ${messageOf(error)}`);
    }
  }
  return { cases: corpus.length, broken };
}

function report(name: string, seed: number, broken: Broken): void {
  const message = messageOf(broken.error);
  const file = keep(name, broken.input, message.split("\n", 1)[0] ?? "");
  console.log(`  ${name}: broken: ${message}`);
  console.log(`  by ${printData(broken.input).slice(0, SHOWN_MAX)}`);
  console.log(`  kept in ${file}; again: ${replayCommand(name, seed, broken.path)}`);
}

// Each law of a canary is wrong in its own way; one that nobody sees through is a hole.
function runCanary(suite: Suite, plan: Plan): Tally {
  let cases = 0;
  let unseen = 0;
  for (const law of suite.laws) {
    const outcome = law.search({ ...plan, ms: plan.ms / suite.laws.length });
    cases += outcome.cases;
    if (outcome.broken === undefined) unseen += 1;
    const said = outcome.broken === undefined ? "PASSES, AND MUST NOT" : "fails, as it must";
    console.log(`  ${law.name}: ${said}, after ${outcome.cases} cases`);
  }
  return { cases, broken: unseen };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
