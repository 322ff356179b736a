// A session: each suite first runs what is kept from earlier failures, then new inputs until its
// time is up, then, where it has to reach a number of cases and has not, further rounds. The canary
// has to fail.
import { readCorpus } from "./corpus.ts";
import { printData } from "./data.ts";
import { Misuse } from "./flags.ts";
import type { Broken, Law, Suite } from "./law.ts";
import type { Options } from "./options.ts";
import { drawSeed, replayFlags, seedOf } from "./seed.ts";

/** From so many seconds on, a session has to reach both numbers below. */
export const HELD_SECONDS = 60;
/** How long each law of the canary is searched at most; a wrong law ends its search far sooner. */
const CANARY_MS = 10_000;
/** What each suite has to reach. */
export const SUITE_CASES_MIN = 10_000;
/** What all suites have to reach together. */
export const CASES_MIN = 1_000_000;

const ROUNDS_MAX = 8; // a suite gets at most so many times its share
const TURNS_MAX = 5; // and all suites together so many times the time
const SHOWN_MAX = 2000;

/** Where a session puts what it has to say, and what broke a law. */
export interface Desk {
  /** What runs a session: "npm run fuzz --". */
  readonly command: string;
  say(line: string): void;
  /** Returns where the input lies now; undefined when it was not kept. */
  keep(law: string, input: unknown, found: string): string | undefined;
}

interface Plan {
  readonly seed: number;
  readonly ms: number;
  readonly path?: string;
  /** What every suite has to reach. */
  readonly least: number;
}

interface Tally {
  readonly cases: number;
  /** What went wrong: broken laws, and numbers that were not reached. */
  readonly faults: number;
}

/** Returns the exit status: 0 when nothing was found. Throws Misuse for a suite that is none. */
export async function runSession(
  all: readonly Suite[],
  options: Options,
  desk: Desk,
): Promise<number> {
  const { say } = desk;
  const suites = chosen(all, options.suite);
  if (options.list) return list(suites, desk);
  const seed = options.seed ?? drawSeed();
  const isHeld = options.seconds >= HELD_SECONDS && options.path === undefined;
  const least = isHeld && options.suite === undefined ? CASES_MIN : 0;
  const began = performance.now();
  say("a case is one input through one law; a run of commands is one case, however long");
  let cases = 0;
  let faults = 0;
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const from = seedOf(seed, turn * ROUNDS_MAX);
    const each = isHeld ? SUITE_CASES_MIN : 0;
    const tally = await runTurn(suites, { ...options, seed: from }, each, desk);
    cases += tally.cases;
    faults += tally.faults;
    if (faults > 0 || cases >= least) break;
  }
  if (cases < least) say(`total: fewer than ${least} cases`);
  const took = secondsSince(began);
  const found = faults === 0 ? "nothing found" : `${faults} broken or short`;
  say(`total: ${cases} cases in ${took} s, ${found}; seed ${seed}`);
  return faults === 0 && cases >= least ? 0 : 1;
}

// Every suite, each for its share of the time.
async function runTurn(
  suites: readonly Suite[],
  options: Options & { readonly seed: number },
  least: number,
  desk: Desk,
): Promise<Tally> {
  const { seed, path } = options;
  const shares = suites.reduce((sum, suite) => sum + shareOf(suite), 0);
  let cases = 0;
  let faults = 0;
  for (const suite of suites) {
    const flags = replayFlags(suite.name, seed);
    desk.say(`${suite.name}: seed ${seed}; again: ${desk.command} ${flags}`);
    const ms = (options.seconds * 1000 * shareOf(suite)) / shares;
    const held = { least: Math.min(least, suite.casesMin ?? least) };
    const plan = { seed, ms, ...held, ...(path === undefined ? {} : { path }) };
    const run = suite.mustFail ? runCanary : runSuite;
    const tally = await run(suite, plan, desk);
    cases += tally.cases;
    faults += tally.faults;
  }
  return { cases, faults };
}

function list(suites: readonly Suite[], { say }: Desk): number {
  for (const { name, laws } of suites) {
    for (const law of laws) say(`${name}/${law.name}`);
  }
  return 0;
}

function shareOf(suite: Suite): number {
  return suite.share ?? 1;
}

function secondsSince(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(1);
}

// "fdb" is a suite, "fdb/commands" one of its laws.
function chosen(suites: readonly Suite[], name: string | undefined): readonly Suite[] {
  if (name === undefined) return suites;
  const [suiteName = "", lawName] = name.split("/");
  const suite = suites.find((one) => one.name === suiteName);
  if (suite === undefined) {
    const names = suites.map((one) => one.name).join(", ");
    throw new Misuse(`--suite ${name}: expected one of ${names}, or one with /LAW behind it`);
  }
  const laws = suite.laws.filter((law) => lawName === undefined || law.name === lawName);
  if (laws.length > 0) return [{ ...suite, laws }];
  const names = suite.laws.map((law) => `${suiteName}/${law.name}`).join(", ");
  throw new Misuse(`--suite ${name}: expected ${suiteName} or one of ${names}`);
}

async function runSuite(suite: Suite, plan: Plan, desk: Desk): Promise<Tally> {
  const { say } = desk;
  const began = performance.now();
  const counts = suite.laws.map(() => 0);
  let faults = 0;
  const kept = plan.path === undefined ? await replayAll(suite, desk) : { cases: 0, faults: 0 };
  const sum = (): number => counts.reduce((all, one) => all + one, kept.cases);
  for (let round = 0; round < ROUNDS_MAX && faults === 0; round++) {
    const seed = seedOf(plan.seed, round);
    for (const [at, law] of suite.laws.entries()) {
      const outcome = await law.search({ ...plan, seed, ms: plan.ms / suite.laws.length });
      counts[at] = (counts[at] ?? 0) + outcome.cases;
      if (outcome.broken === undefined) continue;
      faults += 1;
      report(`${suite.name}/${law.name}`, seed, outcome.broken, desk);
    }
    if (sum() >= plan.least) break;
  }
  const cases = sum();
  const each = suite.laws.map((law, at) => `${law.name} ${counts[at]}`).join(", ");
  const took = secondsSince(began).padStart(5);
  say(`  ${String(cases).padStart(9)} cases  ${took} s  ${each}, kept ${kept.cases}`);
  faults += kept.faults;
  if (cases >= plan.least || faults > 0) return { cases, faults };
  say(`  ${suite.name}: fewer than ${plan.least} cases`);
  return { cases, faults: 1 };
}

// What once failed comes first.
async function replayAll(suite: Suite, desk: Desk): Promise<Tally> {
  const tallies: Tally[] = [];
  for (const law of suite.laws) tallies.push(await replay(law, `${suite.name}/${law.name}`, desk));
  return {
    cases: tallies.reduce((sum, one) => sum + one.cases, 0),
    faults: tallies.reduce((sum, one) => sum + one.faults, 0),
  };
}

async function replay(law: Law, name: string, { say }: Desk): Promise<Tally> {
  const corpus = readCorpus(name);
  let faults = 0;
  for (const { file, input } of corpus) {
    try {
      await law.again(input);
    } catch (error) {
      faults += 1;
      say(`  ${name}: ${file} fails again: ${messageOf(error)}`);
    }
  }
  return { cases: corpus.length, faults };
}

function report(name: string, seed: number, broken: Broken, desk: Desk): void {
  const { command, keep, say } = desk;
  const message = messageOf(broken.error);
  const file = keep(name, broken.input, message.split("\n", 1)[0] ?? "");
  const input = printData(broken.input);
  say(`  ${name}: broken: ${message}`);
  say(`  by ${file === undefined ? input : input.slice(0, SHOWN_MAX)}`);
  if (file !== undefined) say(`  kept in ${file}`);
  say(`  again: ${command} ${replayFlags(name, seed, broken.path)}`);
}

// Each law of a canary is wrong in its own way; one that nobody sees through is a hole.
async function runCanary(suite: Suite, plan: Plan, { say }: Desk): Promise<Tally> {
  let cases = 0;
  let faults = 0;
  for (const law of suite.laws) {
    const outcome = await law.search({ ...plan, ms: CANARY_MS });
    cases += outcome.cases;
    if (outcome.broken === undefined) faults += 1;
    const said = outcome.broken === undefined ? "PASSES, AND MUST NOT" : "fails, as it must";
    say(`  ${law.name}: ${said}, after ${outcome.cases} cases`);
  }
  return { cases, faults };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
