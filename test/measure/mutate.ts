// Mutates the core and tells who notices: `npm run mutate`.
//
//   --only PATH    mutants of the files whose path begins so, assembly/table/fdb for one
//   --mutant N     one mutant, and who catches it
//   --specs        against the specs alone
//   --list         the mutants; runs nothing
//
// First the specs run inside wasm, then, against what they let through, the host's tests and the
// laws of fuzz/ with fixed seeds. Exits 1 when fewer than 19 in 20 are caught, when one survives
// without a reason in survivors.txt, and when a reason is left without a survivor.
import { setPriority } from "node:os";
import { flagsOf, Misuse } from "../../fuzz/flags.ts";
import { runHosts } from "./hosts.ts";
import type { Mutant } from "./points.ts";
import { runTasks } from "./pool.ts";
import { compileCopiedCore, compileCopiedSpecs, writeCopy } from "./schemata.ts";
import { readReasons } from "./survivors.ts";
import { measureUnits, type Unit } from "./units.ts";

const SHARE_MIN = 0.95;
const NICE = 10;

const STATUS_MISUSE = 2;
const USAGE = [
  "npm run mutate -- [--only PATH] [--mutant N] [--specs] [--list]",
  "  --only PATH  mutants of the files whose path begins so: assembly/wire/icmp",
  "  --mutant N   one mutant, and who catches it",
  "  --specs      the specs alone, without the host's tests and the laws of fuzz",
  "  --list       names the mutants, and runs nothing",
].join("\n");
const FLAGS = {
  only: { type: "string", default: "" },
  mutant: { type: "string" },
  specs: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
} as const;

const values = given();
setPriority(NICE);
process.exitCode = await main();

function given(): ReturnType<typeof flagsOf<typeof FLAGS>> {
  try {
    return flagsOf(process.argv.slice(2), FLAGS);
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    console.error(`mutate: ${error.message}\n${USAGE}`);
    process.exit(STATUS_MISUSE);
  }
}

async function main(): Promise<number> {
  const all = writeCopy();
  const chosen = all.filter(isChosen);
  if (chosen.length === 0) {
    console.error(`mutate: there is no such mutant\n${USAGE}`);
    return STATUS_MISUSE;
  }
  if (values.list) {
    for (const mutant of chosen) say(`${mutant.id} line ${mutant.line}: ${mutant.key}`);
    return 0;
  }
  const caught = await catchAll(all, chosen);
  report(chosen, caught);
  const faults = judge(chosen, caught);
  for (const fault of faults) say(fault);
  return faults.length === 0 ? 0 : 1;
}

function isChosen(mutant: Mutant): boolean {
  if (values.mutant !== undefined) return mutant.id === Number(values.mutant);
  return mutant.file.startsWith(values.only);
}

/** Returns: who caught each mutant that was caught. */
async function catchAll(
  all: readonly Mutant[],
  chosen: readonly Mutant[],
): Promise<Map<number, string>> {
  say("compiling the specs and the core with every mutant in them");
  const modules = await compileCopiedSpecs();
  if (!values.specs) await compileCopiedCore();
  const units = measureUnits(modules, all.length);
  say(`${chosen.length} mutants against ${units.length} specs`);
  const tasks = chosen.map(({ id }) => ({ mutant: id, units: reaching(units, id) }));
  const inside = await runTasks({ modules, units }, tasks);
  if (values.specs) return inside;
  const left = chosen.filter(({ id }) => !inside.has(id)).map(({ id }) => id);
  say(`${left.length} mutants against the host's tests and the laws of fuzz`);
  return new Map([...inside, ...(await runHosts(left))]);
}

/** The units that reach a mutant's place, the quickest first. */
function reaching(units: readonly Unit[], id: number): number[] {
  return [...units.keys()]
    .filter((index) => units[index]?.reached.has(id))
    .sort((a, b) => (units[a]?.ms ?? 0) - (units[b]?.ms ?? 0));
}

function report(chosen: readonly Mutant[], caught: ReadonlyMap<number, string>): void {
  if (values.mutant !== undefined) {
    for (const { id, key } of chosen) say(`${key}\n  ${caught.get(id) ?? "nobody"}`);
    return;
  }
  for (const file of new Set(chosen.map((mutant) => mutant.file))) {
    say(
      line(
        file,
        chosen.filter((mutant) => mutant.file === file),
        caught,
      ),
    );
  }
  say(line("total", chosen, caught));
}

function line(
  name: string,
  mutants: readonly Mutant[],
  caught: ReadonlyMap<number, string>,
): string {
  const count = mutants.filter(({ id }) => caught.has(id)).length;
  const share = ((100 * count) / mutants.length).toFixed(1);
  const counts = `${count} caught, ${mutants.length - count} survived`;
  return `${name.padEnd(28)} ${counts.padStart(26)} ${share.padStart(6)} %`;
}

/** What is wrong with the outcome. */
function judge(chosen: readonly Mutant[], caught: ReadonlyMap<number, string>): string[] {
  const reasons = readReasons();
  const survivors = chosen.filter(({ id }) => !caught.has(id));
  const known = new Set(chosen.map(({ key }) => key));
  const alive = new Set(survivors.map(({ key }) => key));
  const isWhole = values.mutant === undefined && values.only === "";
  const faults = survivors
    .filter(({ key }) => !reasons.has(key))
    .map(
      ({ id, file, line, key }) => `survived, and nobody says why: ${id} ${file}:${line}\n${key}`,
    );
  for (const key of reasons.keys()) {
    if (!alive.has(key) && (isWhole || known.has(key))) faults.push(`a reason too many: ${key}`);
  }
  if (isWhole && survivors.length > (1 - SHARE_MIN) * chosen.length) {
    faults.push(`expected at least ${100 * SHARE_MIN} % caught`);
  }
  return faults;
}

function say(text: string): void {
  console.log(text);
}
