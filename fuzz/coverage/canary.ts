// Proof that the harness sees: the core is compiled again from copies of its sources that have a
// fault each, and libFuzzer has to find every one of them.
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildHarness, ROOT } from "./build.ts";
import { hunt } from "./hunt.ts";

const run = promisify(execFile);
const RUNS_MAX = 2_000_000;

/** One fault: `right` stands in the file once, and becomes `wrong`. */
export interface Plant {
  readonly about: string;
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
}

export const PLANTS: readonly Plant[] = [
  {
    about: "a byte too many is copied into the spare bytes",
    file: "assembly/path/burst.ts",
    right: "memory.copy(copy, d.ptr, d.len);",
    wrong: "memory.copy(copy, d.ptr, d.len + 1);",
  },
  {
    about: "a mark is read behind an inner packet that has no room for one",
    file: "assembly/path/decap.ts",
    right: "type == ETHERTYPE_IPV4_NET && packetLen < IPV4_HEADER_LEN_MIN",
    wrong: "type == ETHERTYPE_IPV4_NET && packetLen > 65535",
  },
];

/** Returns the exit status: 0 when each fault is found. */
export async function runCanaries(seed: number, say: (line: string) => void): Promise<number> {
  let status = 0;
  for (const plant of PLANTS) {
    const law = await seek(plant, seed);
    say(`${plant.about}: ${law === undefined ? "NOT FOUND" : `found: ${law}`}`);
    if (law === undefined) status = 1;
  }
  return status;
}

/** What the hunt says of a core with that fault; undefined when it saw nothing. */
export async function seek(plant: Plant, seed: number): Promise<string | undefined> {
  const room = mkdtempSync(join(tmpdir(), "heddle-canary-"));
  try {
    const program = await buildHarness(await compile(plant, room));
    const { law, runs } = await hunt(program, { runs: RUNS_MAX, seed }, room);
    return law === undefined ? undefined : `${law}, after ${runs} runs`;
  } finally {
    rmSync(room, { recursive: true, force: true });
  }
}

async function compile({ file, right, wrong }: Plant, room: string): Promise<string> {
  for (const name of ["assembly", "asconfig.json"]) {
    cpSync(join(ROOT, name), join(room, name), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(room, "node_modules"));
  const [before, after, ...more] = readFileSync(join(room, file), "utf8").split(right);
  if (after === undefined || more.length > 0) throw new Error(`${file} has not one "${right}"`);
  writeFileSync(join(room, file), before + wrong + after);
  const asc = join(ROOT, "node_modules/.bin/asc");
  const wasm = join(room, "core.wasm");
  await run(asc, ["--target", "plain", "--optimizeLevel", "2", "--outFile", wasm], { cwd: room });
  return wasm;
}
