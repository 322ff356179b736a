// `npm run bench:compare -- BASE [BRANCH]`: whether the micro items of a branch take longer than
// those of its base. Ends with 1 when one of them does.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Misuse } from "../../fuzz/flags.ts";
import type { Budget } from "../budget/budget.ts";
import type { Counts } from "../budget/count.ts";
import { missingTools } from "../budget/tools.ts";
import { describeMachine } from "../machine.ts";
import { compare, type Instructions, type Launch, linesOf } from "./comparison.ts";
import type { Timed } from "./launch.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { BuildError, build, commitOf, hasOwnPackages, type Side } from "./side.ts";

const run = promisify(execFile);
const LAUNCH = fileURLToPath(new URL("launch.js", import.meta.url));
const PRINTED_MAX = 1 << 24;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "heddle-compare-"));
  try {
    return await compareIn(folder, parseOptions(args));
  } catch (error) {
    if (error instanceof Misuse) console.error(`${error.message}\n${USAGE}`);
    else if (error instanceof BuildError) console.error(error.message);
    else throw error;
    return 2;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function compareIn(folder: string, options: Options): Promise<number> {
  const commits = [commitOf(options.base), commitOf(options.branch)] as const;
  const base = await told(build(commits[0], join(folder, "base")));
  const branch = await told(build(commits[1], join(folder, "branch")));
  const counts = await countBoth(base, branch);
  const launches: Launch[] = [];
  for (let at = 0; at < options.launches; at++) {
    say(`launch ${at + 1} of ${options.launches}`);
    launches.push(await launch(base, branch, { ...options, isSwapped: at % 2 === 1 }));
  }
  const rows = compare(launches, options.margin);
  const machine = describeMachine(new Date());
  if (options.json) console.log(JSON.stringify({ machine, commits, rows, counts }, null, 2));
  else {
    console.log(`${commits.join(" and ")}, ${machine.cpu}, ${machine.runtime}, ${machine.date}\n`);
    for (const line of linesOf(rows, counts)) console.log(line);
  }
  return rows.some(({ verdict }) => options.failures.includes(verdict)) ? 1 : 0;
}

async function told(building: Promise<Side>): Promise<Side> {
  const side = await building;
  say(`${side.commit} is built`);
  if (!(await hasOwnPackages(side))) {
    say(`${side.commit} asks for other packages than those that are installed, and has to do`);
  }
  return side;
}

/** In turn, since each takes a processor; undefined where the tools are missing. */
async function countBoth(base: Side, branch: Side): Promise<Instructions | undefined> {
  const missing = missingTools();
  if (missing === undefined) return { base: await count(base), branch: await count(branch) };
  say(`no instructions are counted, which needs ${missing}`);
  return undefined;
}

async function count({ folder }: Side): Promise<Counts> {
  const words = [join(folder, "dist/bench/budget/run.js"), "--json"];
  const { stdout } = await run(process.execPath, words, { maxBuffer: PRINTED_MAX });
  return (JSON.parse(stdout) as Budget).instructions;
}

interface LaunchOptions extends Pick<Options, "rounds" | "only"> {
  /** True where the branch is the first to be loaded. */
  readonly isSwapped: boolean;
}

/** Code is what the optimizing compiler makes of it, from the first call on. */
async function launch(base: Side, branch: Side, options: LaunchOptions): Promise<Launch> {
  const { rounds, only, isSwapped } = options;
  const sides = isSwapped ? [branch, base] : [base, branch];
  const folders = sides.map(({ folder }) => folder);
  const words = ["--no-liftoff", LAUNCH, ...folders, `${rounds}`, only.join(",")];
  const { stdout } = await run(process.execPath, words, { maxBuffer: PRINTED_MAX });
  const timed: readonly Timed[] = JSON.parse(stdout);
  return new Map(
    timed.map(({ name, rounds: pairs }) => {
      const ordered = pairs.map(([first, second]) =>
        isSwapped ? { base: second, branch: first } : { base: first, branch: second },
      );
      return [name, ordered];
    }),
  );
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
