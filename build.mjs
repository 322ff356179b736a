// Builds everything into dist/: the core in its three targets, the layout that the bindings read
// out of it, the host side by tsc, and the page of the lab. `node build.mjs` is all there is;
// `--cores FOLDER` builds the three targets alone, into that folder, `--page` the page alone.
import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { layoutOf, layoutSource } from "./layout.mjs";
import { link, seal } from "./link.mjs";

const run = promisify(execFile);
const root = fileURLToPath(new URL(".", import.meta.url));
const bin = (name) => `${root}node_modules/.bin/${name}`;

/** What package.json names under `bin`. */
const PROGRAMS = ["cli.js", "cni/main.js"];
const CORES = { release: "core.wasm", plain: "core.plain.wasm", debug: "core.debug.wasm" };

async function tool(name, args) {
  try {
    await run(bin(name), args, { cwd: root, maxBuffer: 1 << 24 });
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ""}${error.stderr ?? error}\n`);
    process.exit(1);
  }
}

async function buildCores(folder) {
  await Promise.all(Object.keys(CORES).map((target) => buildCore(target, folder)));
}

// The debug build stays as asc made it, but for one number that all three have: what its names say
// is true of every instruction.
async function buildCore(target, folder) {
  const file = `${folder}/${CORES[target]}`;
  await tool("asc", ["--target", target, "--outFile", file]);
  const bytes = await readFile(file);
  await writeFile(file, target === "debug" ? seal(bytes) : link(bytes));
}

async function writeLayout() {
  const path = `${root}bindings/core/layout.ts`;
  const source = layoutSource(layoutOf(await readFile(`${root}bindings/core/core.debug.wasm`)));
  const before = await readFile(path, "utf8").catch(() => "");
  if (source !== before) await writeFile(path, source);
}

// Bundlers take their time to load, and only this needs one.
async function buildWeb() {
  const { buildPage } = await import("./page.mjs");
  await buildPage(root);
}

async function buildHost() {
  await rm(`${root}dist`, { recursive: true, force: true });
  await tool("tsc", []);
  await mkdir(`${root}dist/bindings/core`, { recursive: true });
  for (const core of Object.values(CORES)) {
    await copyFile(`${root}bindings/core/${core}`, `${root}dist/bindings/core/${core}`);
  }
  for (const program of PROGRAMS) {
    await chmod(`${root}dist/bindings/node/${program}`, 0o755).catch(() => {});
  }
}

const [flag, folder] = process.argv.slice(2);
if (flag === "--cores" && folder !== undefined) {
  await buildCores(folder);
} else if (flag === "--page") {
  await buildWeb();
} else {
  await buildCores(`${root}bindings/core`);
  await writeLayout();
  await buildHost();
  await buildWeb();
}
