// Everything that `npm test` does, in this order, and what came of it in the last lines. Names of
// suites as arguments choose some: `npm test house host`.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const forbidsSkips = Boolean(process.env.HEDDLE_FORBID_SKIPS);
const FILE_MS_MAX = 600_000;
const FUZZ_SECONDS = 8;
const ASPECT_COUNT = /\[Tests\]: (\d+) \/ (\d+)/;
const COLOR = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, "g");

const SUITES = {
  build: () => command("node", ["build.mjs"]),
  lint: async () => [
    ...(await command("npx", ["biome", "check", "--error-on-warnings", "."])),
    ...(await command("npx", ["tsc", "--noEmit", "-p", "assembly"])),
  ],
  house: () => nodeTests("house", 2),
  core: async () => [...(await aspect("simd")), ...(await aspect("plain"))],
  coverage: () => command("npm", ["run", "--silent", "coverage"]),
  host: () => nodeTests("host", 2),
  net: () => twice(nodeTests("net", 1)),
  runtimes: () => twice(nodeTests("runtimes", 1)),
  fuzz: () => command("npm", ["run", "--silent", "fuzz", "--", "--seconds", String(FUZZ_SECONDS)]),
};

/** Runs a program with its output shown; gives its exit code and that output. */
function show(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.on("error", (error) => resolve({ code: -1, output: String(error) }));
    child.on("close", (code) => resolve({ code, output }));
  });
}

/** A program that counts as one test. */
async function command(program, args) {
  const name = [program, ...args].join(" ");
  const { code } = await show(program, args);
  return [{ name, outcome: code === 0 ? "passed" : "failed" }];
}

async function aspect(build) {
  const { code, output } = await show("npm", ["run", "--silent", `test:core:${build}`]);
  const [, passed = 0, total = 0] = ASPECT_COUNT.exec(output.replace(COLOR, "")) ?? [];
  const failed = Math.max(total - passed, code === 0 && total > 0 ? 0 : 1);
  return [
    ...Array.from({ length: passed }, () => ({ name: `core ${build}`, outcome: "passed" })),
    ...Array.from({ length: failed }, () => ({ name: `core ${build}`, outcome: "failed" })),
  ];
}

/** The compiled tests of a folder. */
async function nodeTests(suite, concurrency) {
  const folder = `${root}dist/test/${suite}`;
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(".test.js"))
    .map((name) => `${folder}/${name}`)
    .sort();
  return runFiles(files, concurrency);
}

async function runFiles(files, concurrency) {
  const events = run({ files, concurrency, timeout: FILE_MS_MAX });
  const outcomes = [];
  events.on("test:pass", ({ name, file, skip, details }) => {
    if (details.type === "suite") return;
    const why = typeof skip === "string" ? skip : "";
    outcomes.push({ name, file, why, outcome: skip === undefined ? "passed" : "skipped" });
  });
  events.on("test:fail", ({ name, file, details }) => {
    // A file that ends before its tests do is named by its path, and by nothing else.
    if (details.type !== "suite") outcomes.push({ name, file: file ?? name, outcome: "failed" });
  });
  for await (const line of events.compose(new spec())) process.stdout.write(line);
  return outcomes;
}

/** Runs each file that failed once more, when nothing else runs; what comes of that counts. */
async function twice(running) {
  let outcomes = await running;
  for (const file of new Set(failed(outcomes).map((test) => test.file))) {
    console.log(`\n== again: ${file.slice(root.length)}`);
    const later = await runFiles([file], 1);
    const names = failed(outcomes.filter((test) => test.file === file)).map(({ name }) => name);
    if (failed(later).length === 0) again.push(...names);
    outcomes = [...outcomes.filter((test) => test.file !== file), ...later];
  }
  return outcomes;
}

function failed(outcomes) {
  return outcomes.filter((test) => test.outcome === "failed");
}

function count(outcomes, outcome) {
  return outcomes.filter((test) => test.outcome === outcome).length;
}

function counts(outcomes) {
  const [passed, failed, skipped] = ["passed", "failed", "skipped"].map((each) =>
    count(outcomes, each),
  );
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function list(title, outcomes, outcome) {
  const names = outcomes.filter((test) => test.outcome === outcome);
  if (names.length > 0) console.log(`\n${title}`);
  for (const { name, why } of names) console.log(`  ${name}${why ? `: ${why}` : ""}`);
}

const chosen = process.argv.slice(2);
const unknown = chosen.filter((suite) => !(suite in SUITES));
if (unknown.length > 0) {
  console.error(`no suite ${unknown.join(", ")}; there are ${Object.keys(SUITES).join(", ")}`);
  process.exit(2);
}

const all = [];
const lines = [];
const again = [];
for (const [suite, start] of Object.entries(SUITES)) {
  if (chosen.length > 0 && !chosen.includes(suite)) continue;
  console.log(`\n== ${suite}`);
  const began = performance.now();
  const outcomes = await start();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  lines.push(`${suite.padEnd(8)} ${counts(outcomes)}, ${seconds} s`);
  all.push(...outcomes);
  if (suite === "build" && count(outcomes, "failed") > 0) break; // nothing else would mean much
}

list("skipped:", all, "skipped");
list("failed:", all, "failed");
if (again.length > 0) console.log("");
for (const [at, name] of again.entries()) {
  console.log(`again ${at + 1}: ${name} failed beside others and passed alone`);
}
console.log(`\n${lines.join("\n")}\n${counts(all)}`);
const isGood = count(all, "failed") === 0 && !(forbidsSkips && count(all, "skipped") > 0);
process.exit(isGood ? 0 : 1);
