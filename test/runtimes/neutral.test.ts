// The tests of core, lab and path, the same compiled files, and the fuzz suites, under Deno and
// Bun. A file of tests belongs to them unless it, or what it imports, reaches bindings/node or
// starts programs.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { drawSeed } from "../../fuzz/seed.ts";
import { need } from "../need.ts";
import { BUN, type Command, DENO, ENGINES, ROOT, run, temporaryFolder } from "./project.ts";

const HOST = new URL("../host/", import.meta.url);
const IMPORT = /(?:from|import)\s*\(?"([^"]+)"/g;
const BOUND = [/^node:(child_process|worker_threads|test\/reporters|vm)$/, /\/bindings\/node\//];

/** True when neither the file nor what it imports is bound to Node. */
function isNeutral(file: URL, seen: Set<string> = new Set()): boolean {
  if (seen.has(file.href)) return true;
  seen.add(file.href);
  const imports = [...readFileSync(file, "utf8").matchAll(IMPORT)].map(([, name = ""]) => name);
  return imports.every((name) => {
    const target = name.startsWith(".") ? new URL(name, file) : undefined;
    if (BOUND.some((bound) => bound.test(target?.href ?? name))) return false;
    return target === undefined || isNeutral(target, seen);
  });
}

function neutralFiles(): string[] {
  return readdirSync(HOST, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.js") && isNeutral(new URL(name, HOST)))
    .map((name) => `./${relative(ROOT, fileURLToPath(new URL(name, HOST)))}`)
    .sort();
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  apos: "'",
  gt: ">",
  lt: "<",
  quot: '"',
};

/** The names of the tests in a report of JUnit's form, those of suites and all seeds left out. */
function testsOf(report: string): string[] {
  const names = [...report.matchAll(/<testcase name="([^"]*)"/g)].map(([, name = ""]) =>
    name.replace(/&(\w+);/g, (entity, word) => ENTITIES[word] ?? entity).replace(/SEED=\d+/, ""),
  );
  const suites = new Set(names.flatMap((name) => name.split(" > ").slice(0, -1)));
  return names
    .map((name) => name.split(" > ").at(-1) ?? name)
    .filter((name) => !suites.has(name))
    .sort();
}

/** Sources that find what they need from where they lie; the vectors are found from dist/. */
function sourcesOf(files: readonly string[]): string[] {
  const written = (file: string): string => file.replace("./dist/", "./").replace(/js$/, "ts");
  return files.filter((file) => /host\/(path\/|core\/load)/.test(file)).map(written);
}

/** How each engine runs test files, and reports to the file at the end of its arguments. */
const RUNNERS: Readonly<Record<"Node" | "Deno" | "Bun", Command>> = {
  Node: [process.execPath, "--test", "--test-reporter=junit", "--test-reporter-destination"],
  Deno: [DENO, "test", "--allow-all", "--no-check", "--no-lock", "--junit-path"],
  Bun: [BUN, "test", "--timeout=60000", "--reporter=junit", "--reporter-outfile"],
};

// Some tests have their seed in their name: all engines draw by one.
process.env.HEDDLE_SEED ??= String(drawSeed());

async function namesUnder(runner: Command, files: readonly string[]): Promise<string[]> {
  const report = join(temporaryFolder(), "junit.xml");
  await run(runner, [report, ...files], ROOT);
  return testsOf(readFileSync(report, "utf8"));
}

describe("suites of no platform", { concurrency: 2 }, () => {
  const files = neutralFiles();
  let onNode: Promise<string[]> | undefined;

  test("are most of them, and are found by their imports", () => {
    assert.ok(files.length > 10);
    assert.ok(files.includes("./dist/test/host/core/load.test.js"));
    assert.ok(files.every((file) => !file.startsWith("./dist/test/host/node/")));
  });

  for (const name of ["Deno", "Bun"] as const) {
    test(`${name} runs the sources of some as they are written`, need("runtimes"), async () => {
      const sources = sourcesOf(files);
      assert.ok(sources.length > 2);
      const names = await namesUnder(RUNNERS[name], sources);
      assert.ok(names.length > 50);
    });

    test(`${name} breaks no law of the fuzz suites`, need("runtimes"), async (context) => {
      const said = await run(ENGINES[name], ["dist/fuzz/run.js", "--seconds", "3"], ROOT);
      const total = /^total: .*, nothing found;.*$/m.exec(said);
      assert.ok(total, said);
      context.diagnostic(total[0]);
    });
  }

  for (const name of ["Deno", "Bun"] as const) {
    test(`${name} passes all that Node has of them`, need("runtimes"), async (context) => {
      onNode ??= namesUnder(RUNNERS.Node, files);
      const [names, expected] = await Promise.all([namesUnder(RUNNERS[name], files), onNode]);
      assert.ok(names.length > 100);
      assert.deepEqual(names, expected);
      context.diagnostic(`${names.length} tests of ${files.length} files`);
    });
  }
});
