// `npm run bench:peers`: heddle beside named peers. The table goes to the terminal, what it is made
// of to bench/results.
import { mkdir, writeFile } from "node:fs/promises";
import { release } from "node:os";
import { flagsOf, Misuse } from "../../fuzz/flags.ts";
import { SUITES } from "./registry.ts";
import { describeMachine, linesOf, TABLE_HEAD } from "./report.ts";
import { compare, type Result } from "./rounds.ts";

const FLAGS = { only: { type: "string" }, rounds: { type: "string" } } as const;
const ROUNDS = 9;
const RESULTS = new URL("../../../bench/results/", import.meta.url); // compiled, from dist/bench
const NAMES = Object.keys(SUITES);

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
    return 0;
  } catch (error) {
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
  const machine = describeMachine(release(), new Date());
  console.log(`\n${name}, ${machine.cpu}, ${machine.cpus} CPUs, ${machine.runtime}\n${TABLE_HEAD}`);
  const results: Result[] = [];
  for await (const contest of suite.contests()) {
    const result = await compare(contest, rounds);
    results.push(result);
    for (const line of linesOf(result)) console.log(line);
  }
  await mkdir(RESULTS, { recursive: true });
  const text = JSON.stringify({ suite: name, machine, rounds, results }, null, 2);
  await writeFile(new URL(`${name}.json`, RESULTS), `${text}\n`);
}
