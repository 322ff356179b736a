// `npm run bench:runtimes`: heddle's own side of some items in Node, Deno and Bun, a process for
// each, whose rounds alternate. The figures go to bench/results, and from there into the documents.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { flagsOf, Misuse } from "../../fuzz/flags.ts";
import { ENGINES } from "../../test/runtimes/project.ts";
import { publish } from "../documents.ts";
import { LineProcess } from "../line-process.ts";
import { describeMachine } from "../machine.ts";
import { lineOf } from "../markdown.ts";
import type { Contender } from "../peers/contest.ts";
import type { Report } from "../peers/report.ts";
import { compare, type Result } from "../peers/rounds.ts";
import { ITEMS } from "../portable/items.ts";
import { titleOf } from "../portable/title.ts";
import { keepResults } from "../results.ts";
import { runtimesHead, runtimesRow } from "./table.ts";

const FLAGS = { rounds: { type: "string" } } as const;
const ROUNDS = 7;
const GUEST = fileURLToPath(new URL("guest.js", import.meta.url));

interface Guest {
  readonly name: string;
  readonly process: LineProcess;
}

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const { rounds = `${ROUNDS}` } = flagsOf(args, FLAGS);
    if (!/^[1-9]\d*$/.test(rounds)) throw new Misuse(`--rounds ${rounds}: expected a count`);
    await measureAll(Number(rounds));
    for (const path of publish()) console.log(`written: ${path}`);
    return 0;
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    console.error(`${error.message}\nnpm run bench:runtimes -- [--rounds COUNT]`);
    return 2;
  }
}

async function measureAll(rounds: number): Promise<void> {
  const machine = describeMachine(new Date());
  const guests = await invite();
  try {
    const results: Result[] = [];
    for (const [at, item] of ITEMS.entries()) {
      const [heddle, ...rivals] = guests.map((guest) => contender(guest, at));
      if (heddle === undefined) throw new Error("no runtime is here, not even this one");
      const result = await compare({ name: titleOf(item), heddle, rivals }, rounds);
      results.push(result);
      const head = runtimesHead(result, machine);
      const above = at === 0 ? [head, head.map(() => "---")] : [];
      for (const cells of [...above, runtimesRow(result)]) console.log(lineOf(cells));
    }
    keepResults("runtimes", { suite: "runtimes", machine, results } satisfies Report);
  } finally {
    for (const guest of guests) await guest.process.close();
  }
}

/** A process of each engine that is here, and of this one first. */
async function invite(): Promise<Guest[]> {
  const guests: Guest[] = [];
  for (const [name, [program, ...first]] of Object.entries(ENGINES)) {
    if (!existsSync(program)) {
      console.log(`${name}: skipped, npm ci --prefix test/runtimes brings it on Linux x64`);
      continue;
    }
    const process = new LineProcess(program, [...first, GUEST]);
    guests.push({ name: await process.ask(""), process });
  }
  return guests;
}

function contender({ name, process }: Guest, at: number): Contender {
  return { name, round: async () => Number(await process.ask(`${at}`)) };
}
