// Imports go only down. The floors of the core, the hosts above it, and the tests beside it.
import assert from "node:assert/strict";
import { test } from "node:test";
import ts from "typescript";
import { importsOf, nodesOf, placeOf, resolve, sourcesIn, syntaxOf, textOf } from "./tree.ts";

// rt is named by asconfig.json and imported by nobody.
const RANK: Readonly<Record<string, number>> = {
  base: 1,
  wire: 2,
  table: 2,
  path: 3,
  abi: 4,
};

/** What each host folder may import: folders of bindings, and packages. */
const HOSTS: Readonly<Record<string, readonly string[]>> = {
  core: ["@assemblyscript/loader"],
  lab: ["core", "agent"],
  agent: ["core"],
};

/** What the page of the lab may import, beside itself; of bench the items of its benchmark. */
const PAGE: readonly string[] = ["core", "lab", "lit", "bench"];
/** The one list of what is measured in Node, Deno, Bun and browsers. */
const ITEMS = "bench/portable/items.ts";

const PLATFORM: ReadonlySet<string> = new Set([
  ...["process", "Buffer", "global", "require", "setImmediate", "__dirname"],
  ...["Deno", "Bun", "window", "document", "navigator", "self"],
]);

function floorOf(file: string): string {
  return file.split("/")[1] ?? "";
}

function isDown(from: string, to: string): boolean {
  return from === to || (RANK[to] ?? 9) < (RANK[from] ?? -1);
}

function broken(
  files: readonly string[],
  isAllowed: (file: string, to: string) => boolean,
): string[] {
  return files.flatMap((file) =>
    importsOf(file)
      .map((specifier) => (specifier.startsWith(".") ? resolve(file, specifier) : specifier))
      .filter((to) => !isAllowed(file, to))
      .map((to) => `${file} reaches ${to}`),
  );
}

test("imports of the core go only down, and wire and table do not see each other", () => {
  const files = sourcesIn("assembly").filter((file) => file !== "assembly/index.ts");
  assert.ok(files.length > 10);
  const found = broken(
    files,
    (file, to) => to.startsWith("assembly/") && isDown(floorOf(file), floorOf(to)),
  );
  assert.deepEqual(found, []);
});

test("a floor that reaches up, or sideways, is seen", () => {
  assert.equal(isDown("wire", "table"), false);
  assert.equal(isDown("base", "wire"), false);
  assert.equal(isDown("base", "rt"), false);
  assert.equal(isDown("abi", "base"), true);
});

test("the export list imports the wall and layouts, and holds nothing else", () => {
  const statements = [...syntaxOf("assembly/index.ts").statements];
  assert.ok(statements.every((statement) => ts.isExportDeclaration(statement)));
});

test("specs of the core import the floor that they mirror, or one below", () => {
  const found = broken(sourcesIn("test/core"), (file, to) => {
    if (!to.startsWith("assembly/") || floorOf(to) === "base") return true;
    return isDown(file.split("/")[2] ?? "", floorOf(to));
  });
  assert.deepEqual(found, []);
});

test("core, lab and agent import no platform", () => {
  for (const [host, allowed] of Object.entries(HOSTS)) {
    const found = broken(sourcesIn(`bindings/${host}`), (_, to) => {
      const folder = to.startsWith("bindings/") ? floorOf(to) : to;
      return folder === host || allowed.includes(folder);
    });
    assert.deepEqual(found, []);
  }
});

test("the page of the lab imports core, lab, and what draws; its state does not even draw", () => {
  const isOfPage = (to: string): boolean => to.startsWith("bindings/web/lab/");
  const nameOf = (to: string): string =>
    (to.startsWith("bindings/") ? floorOf(to) : to.split("/")[0]) ?? "";
  const files = sourcesIn("bindings/web/lab").filter((file) => !file.endsWith("/offline.js"));
  assert.deepEqual(
    broken(files, (_, to) => isOfPage(to) || PAGE.includes(nameOf(to))),
    [],
  );
  const state = files.filter((file) => file.startsWith("bindings/web/lab/state/"));
  const found = broken(state, (_, to) => {
    return to.startsWith("bindings/web/lab/state/") || ["core", "lab"].includes(floorOf(to));
  });
  const named = state.flatMap((file) => [...nodesOf(syntaxOf(file))].filter(isPlatform));
  assert.deepEqual([...found, ...named.map(placeOf)], []);
});

test("browsers measure the items that Node, Deno and Bun measure", () => {
  for (const file of ["bindings/web/lab/effect/bench.worker.ts", "bench/runtimes/guest.ts"]) {
    const reached = importsOf(file).map((specifier) => resolve(file, specifier));
    assert.ok(reached.includes(ITEMS), file);
  }
  const page = sourcesIn("bindings/web").filter((file) => !file.endsWith("/offline.js"));
  const others = broken(page, (file, to) => {
    return !to.startsWith("bench/") || file.startsWith("bindings/web/lab/effect/bench.");
  });
  assert.deepEqual(others, []);
});

test("core, lab and agent name no global of a platform", () => {
  const files = Object.keys(HOSTS).flatMap((host) => sourcesIn(`bindings/${host}`));
  const found = files.flatMap((file) =>
    [...nodesOf(syntaxOf(file))].filter(isPlatform).map(placeOf),
  );
  assert.deepEqual(found, []);
});

function isPlatform(node: ts.Node): boolean {
  if (!ts.isIdentifier(node) || !PLATFORM.has(node.text)) return false;
  const { parent } = node;
  const isName = ts.isPropertyAccessExpression(parent) && parent.name === node;
  return !isName && !ts.isPropertySignature(parent) && !ts.isPropertyAssignment(parent);
}

test("fuzz and bench go through the wall, but for what bench compiles into wasm of its own", () => {
  const hosts = sourcesIn("fuzz", "bench").filter((file) => !file.startsWith("bench/wasm/"));
  assert.deepEqual(
    broken(hosts, (_, to) => !to.startsWith("assembly/")),
    [],
  );
});

test("models import nothing of ours, or they could share our mistake", () => {
  const files = sourcesIn("test/model");
  assert.deepEqual(
    broken(files, (_, to) => !/^(assembly|bindings)\//.test(to)),
    [],
  );
});

test("raw exports are named in bindings/core; elements also by who counts nanoseconds", () => {
  const names = [...textOf("bindings/core/abi.ts").matchAll(/^ {2}readonly (\w+):/gm)];
  const raw = new Set(names.map(([, name]) => name).filter((name) => name?.includes("_")));
  const files = sourcesIn("bindings").filter((file) => !file.startsWith("bindings/core/"));
  const found = files.flatMap((file) =>
    [...nodesOf(syntaxOf(file))]
      .filter(
        (node) => ts.isIdentifier(node) && raw.has(node.text) && !node.text.endsWith("_burst"),
      )
      .map(placeOf),
  );
  assert.deepEqual(found, []);
});
