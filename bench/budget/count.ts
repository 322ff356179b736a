// How many instructions the micro items take: recorded on the plain core, played to the same core
// as C under callgrind. The result is exact, whatever the machine is and whatever else runs there.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Item } from "../measure.ts";
import { microItems } from "../micro.ts";
import { openBy } from "../opening.ts";
import { scriptOf } from "./script.ts";
import { type Recording, Tape } from "./tape.ts";

const run = promisify(execFile);

const ROOT = new URL("../../../", import.meta.url); // compiled, from dist/bench/budget
const CORES = new URL("dist/bindings/core/", ROOT);
const CORE = fileURLToPath(new URL("core.plain.wasm", CORES));
const SOURCES = fileURLToPath(new URL("bench/budget/", ROOT));
// For any processor that there is, with what engines take for granted: it can count bits, and no
// access is compared with the length of memory. The last flag keeps replay.c's memmove from calling
// itself.
const FLAGS = [
  ...["-O2", "-mpopcnt", "-w", "-DWASM_RT_MEMCHECK_SIGNAL_HANDLER=1"],
  "-fno-tree-loop-distribute-patterns",
];
const CALLGRIND = ["--tool=callgrind", "--collect-atstart=no", "--combine-dumps=yes"];
// A part of callgrind's file: who asked for it, and what was counted since the part before.
const PART = /^desc: Trigger: Client Request: (.+)$[\s\S]*?^totals: (\d+)$/gm;
const PRINTED_MAX = 1 << 24;

/** Instructions by the name of an item, for each of what the item does many of; bytes by a file. */
export type Counts = Readonly<Record<string, number>>;

/** How long the binaries are. */
export async function countBytes(): Promise<Counts> {
  const names = ["core.wasm", "core.plain.wasm"];
  const lens = names.map(async (name) => (await readFile(new URL(name, CORES))).length);
  const found = await Promise.all(lens);
  return Object.fromEntries(names.map((name, at) => [name, found[at] ?? 0]));
}

/** Counts the items of these sections; left out: of all. Requires: no tool is missing. */
export async function countInstructions(only?: readonly string[]): Promise<Counts> {
  const items = new Map<string, number>();
  const recordings = new Map<string, Recording>();
  for await (const [{ name, items: count }, recording] of record(only)) {
    items.set(name, count);
    recordings.set(name, recording);
  }
  const totals = await play(recordings);
  return Object.fromEntries(
    [...items].map(([name, count]) => {
      const total = totals.get(name);
      if (total === undefined) throw new Error(`callgrind counted nothing for ${name}`);
      return [name, Math.round((total * 100) / count) / 100];
    }),
  );
}

// The first run is for what is slow once: a flow that nobody knows yet, an entry that is learned.
async function* record(only?: readonly string[]): AsyncGenerator<[Item, Recording]> {
  let tape: Tape | undefined;
  openBy(async (options) => {
    tape = await Tape.open(options);
    return tape.core;
  });
  for await (const item of microItems(only)) {
    const { name, expected, wasm } = item;
    const count = wasm();
    if (count !== expected) throw new Error(`${name}: ${count} of ${expected}`);
    if (tape === undefined) throw new Error(`${name} opens no core to be measured`);
    yield [item, tape.record(wasm)];
  }
}

/** Returns: all that was counted for each of the recordings. */
async function play(recordings: ReadonlyMap<string, Recording>): Promise<Map<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), "heddle-budget-"));
  try {
    const { calls, pages } = scriptOf(recordings);
    await writeFile(join(folder, "calls.c"), calls);
    await writeFile(join(folder, "pages"), pages);
    await run("wasm2c", ["-n", "core", CORE, "-o", join(folder, "core.c")]);
    const sources = [join(folder, "core.c"), join(folder, "calls.c"), join(SOURCES, "replay.c")];
    const headers = [`-I${folder}`, `-I${SOURCES}`];
    const program = join(folder, "replay");
    await run("gcc", [...FLAGS, ...headers, ...sources, "-o", program]);
    const out = join(folder, "counts");
    const callgrind = [...CALLGRIND, `--callgrind-out-file=${out}`];
    const words = [...callgrind, program, join(folder, "pages")];
    await run("valgrind", words, { maxBuffer: PRINTED_MAX });
    const parts = (await readFile(out, "utf8")).matchAll(PART);
    return new Map([...parts].map(([, name = "", total]) => [name, Number(total)]));
  } finally {
    await rm(folder, { recursive: true });
  }
}
