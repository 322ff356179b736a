// `npm run bench:peers`: heddle beside named peers. The table goes to the terminal, what it is made
// of to bench/results, and from there into the documents.
import { flagsOf, Misuse } from "../../fuzz/flags.ts";
import { publish } from "../documents.ts";
import { describeMachine } from "../machine.ts";
import { lineOf } from "../markdown.ts";
import { keepResults } from "../results.ts";
import { SUITES } from "./registry.ts";
import { HEAD, type Report, rowsOf } from "./report.ts";
import { compare, type Result } from "./rounds.ts";

const FLAGS = { only: { type: "string" }, rounds: { type: "string" } } as const;
const ROUNDS = 9;
const NAMES = Object.keys(SUITES);

// What a suite has built, hosts and agents among it, goes when its loop is left.
const stopped = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => stopped.abort());

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const { only, rounds = `${ROUNDS}` } = flagsOf(args, FLAGS);
    const names = only === undefined ? NAMES : only.split(",");
    const unknown = names.find((name) => !NAMES.includes(name));
    if (unknown !== undefined) {
      throw new Misuse(`--only ${unknown}: expected some of ${NAMES.join(",")}`);
    }
    if (!/^[1-9]\d*$/.test(rounds)) throw new Misuse(`--rounds ${rounds}: expected a count`);
    for (const name of names) await runSuite(name, Number(rounds));
    for (const path of publish()) console.log(`written: ${path}`);
    return 0;
  } catch (error) {
    if (stopped.signal.aborted) return 130;
    if (!(error instanceof Misuse)) throw error;
    const usage = "npm run bench:peers -- [--only NAME,NAME] [--rounds COUNT]";
    console.error(`${error.message}\n${usage}\n  NAME  ${NAMES.join(", ")}`);
    return 2;
  }
}

async function runSuite(name: string, rounds: number): Promise<void> {
  const suite = SUITES[name];
  const missing = await suite?.missing();
  if (suite === undefined || missing !== undefined) {
    console.log(`\n${name}: skipped, ${missing}`);
    return;
  }
  const machine = describeMachine(new Date());
  console.log(`\n${name}, ${machine.cpu}, ${machine.cpus} CPUs, ${machine.runtime}`);
  for (const cells of [HEAD, HEAD.map(() => "---")]) console.log(lineOf(cells));
  const results: Result[] = [];
  for await (const contest of suite.contests()) {
    const result = await compare(contest, rounds, stopped.signal);
    results.push(result);
    for (const cells of rowsOf(result)) console.log(lineOf(cells));
  }
  keepResults(name, { suite: name, machine, results } satisfies Report);
}
