// One build that holds every mutant. The core and its specs are copied, the copy is rewritten so
// that each place asks which mutant is alive (points.ts), and that is compiled: the specs with
// as-pect's library, and the core as hosts load it.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Exports } from "./aspect.ts";
import { compile, compileSpecs, ROOT } from "./compile.ts";
import { type Mutant, Points } from "./points.ts";

const COPY = "dist/mutate";
const FLOORS = ["wire", "table"];

/** The file of the core that holds every mutant. */
export const CORE_FILE: string = `${ROOT}${COPY}/core.wasm`;

/** What modules that hold mutants export. */
export interface Schemata extends Exports {
  /** Makes one mutant alive, 0 none. The instance traps when it was asked for `turns` times. */
  mutant_set(id: number, turns: number): void;
  /** The address of a byte for each mutant, not 0 once its place was reached. Of the specs only. */
  mutant_marks(): number;
}

/** Writes the copy. Returns: its mutants, in the order of their numbers. */
export function writeCopy(): readonly Mutant[] {
  rmSync(ROOT + COPY, { recursive: true, force: true });
  mkdirSync(ROOT + COPY, { recursive: true });
  cpSync(`${ROOT}assembly`, `${ROOT}${COPY}/assembly`, { recursive: true });
  cpSync(`${ROOT}test/core`, `${ROOT}${COPY}/test/core`, { recursive: true });
  const points = new Points();
  for (const file of filesToMutate()) {
    const text = points.rewrite(file, readFileSync(ROOT + file, "utf8"));
    writeFileSync(`${ROOT}${COPY}/${file}`, text);
  }
  writeFileSync(`${ROOT}${COPY}/mutant.ts`, switchFor(""));
  writeFileSync(`${ROOT}${COPY}/marked.ts`, switchFor(marksFor(points.mutants.length)));
  return points.mutants;
}

/** Compiles the specs of the copy. */
export function compileCopiedSpecs(): Promise<WebAssembly.Module[]> {
  return compileSpecs({
    from: COPY,
    to: `${COPY}/specs`,
    entries: [`${COPY}/marked.ts`],
    target: "noCoverage",
  });
}

/** Compiles the core of the copy to CORE_FILE. */
export async function compileCopiedCore(): Promise<void> {
  const config = JSON.parse(readFileSync(`${ROOT}asconfig.json`, "utf8"));
  config.entries = ["./assembly/index.ts", "./mutant.ts"];
  config.options.converge = false; // it takes long and changes nothing
  writeFileSync(`${ROOT}${COPY}/asconfig.json`, JSON.stringify(config));
  const args = ["--config", `${COPY}/asconfig.json`, "--target", "release"];
  await compile(args, `${COPY}/core.wasm`);
  const linker: { seal(bytes: Uint8Array): Uint8Array } = await import(`${ROOT}link.mjs`);
  writeFileSync(CORE_FILE, linker.seal(readFileSync(CORE_FILE)));
}

/** a byte for each mutant, not 0 when an instance reached its place. */
export function marksOf({ memory, mutant_marks }: Schemata, count: number): Uint8Array {
  return new Uint8Array(memory.buffer, mutant_marks(), count + 1);
}

function filesToMutate(): string[] {
  return FLOORS.flatMap((floor) =>
    readdirSync(`${ROOT}assembly/${floor}`).map((name) => `assembly/${floor}/${name}`),
  ).sort();
}

/** What the places ask, in AssemblyScript. Marks are for specs: hosts know every byte of a core. */
function switchFor(marks: string): string {
  return `let alive: u32 = 0;
let left: u32 = 0;

// @ts-ignore: asc has decorators on functions, TypeScript does not
@global
export function isMutant(id: u32): bool {
  ${marks === "" ? "" : "store<u8>(marks + id, 1);"}
  if (id != alive) return false;
  left -= 1;
  if (left == 0) unreachable();
  return true;
}

export function mutant_set(id: u32, turns: u32): void {
  alive = id;
  left = turns;
}
${marks}`;
}

function marksFor(count: number): string {
  return `
const marks: usize = memory.data(${count + 1});

export function mutant_marks(): usize {
  return marks;
}
`;
}
