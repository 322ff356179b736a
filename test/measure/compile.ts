// Compiles the specs of the core, from the checkout or from a copy of it.
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The checkout. Compiled tests run from dist/test/measure. */
export const ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));

const CONFIG = "test/core/as-pect.asconfig.json";
const CLAIMS = /from ".*\/base\/memory"/; // as in test/core/as-pect.config.js

export interface Recipe {
  /** Where assembly and test/core are read from, below the checkout; "." is the checkout. */
  readonly from: string;
  /** Where the modules go, below the checkout. */
  readonly to: string;
  /** Further files that are compiled in. */
  readonly entries: readonly string[];
  /** The target of the specs' asconfig. */
  readonly target: "noCoverage" | "coverage";
}

/** The specs as modules: those that share one, and each that claims its memory itself. */
export async function compileSpecs(recipe: Recipe): Promise<WebAssembly.Module[]> {
  const folder = `${ROOT}${recipe.from}/test/core`;
  const specs = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".spec.ts"))
    .sort();
  if (specs.length === 0) throw new Error(`no specs in ${folder}`);
  const alone = specs.filter((spec) => CLAIMS.test(readFileSync(`${folder}/${spec}`, "utf8")));
  const groups = [specs.filter((spec) => !alone.includes(spec)), ...alone.map((spec) => [spec])];
  mkdirSync(ROOT + recipe.to, { recursive: true });
  const modules: WebAssembly.Module[] = [];
  for (const [at, group] of groups.entries()) {
    const name = `${recipe.to}/specs-${at}`;
    const up = "../".repeat(recipe.to.split("/").length);
    const lines = group.map((spec) => `import "${up}${recipe.from}/test/core/${stem(spec)}";\n`);
    writeFileSync(`${ROOT}${name}.ts`, lines.join(""));
    const target = ["--config", CONFIG, "--target", recipe.target];
    modules.push(await compile([`${name}.ts`, ...recipe.entries, ...target], `${name}.wasm`));
  }
  return modules;
}

/** Runs asc from the checkout. Throws with what it said. */
export async function compile(args: readonly string[], to: string): Promise<WebAssembly.Module> {
  const asc = `${ROOT}node_modules/.bin/asc`;
  const files = ["--outFile", to, "--textFile", to.replace(/wasm$/, "wat")];
  await run(asc, [...args, ...files], { cwd: ROOT, maxBuffer: 1 << 24 });
  return new WebAssembly.Module(readFileSync(ROOT + to));
}

function stem(spec: string): string {
  return spec.replace(/\.ts$/, "");
}
