// A host at the edge: a bundle in a realm that has no files, no fetch and no URL of its own, and
// where WebAssembly may be instantiated but not compiled.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createContext, runInContext } from "node:vm";
import { need } from "../need.ts";
import { expected } from "./expected.ts";
import { openProject, run, toolOf } from "./project.ts";

const MAIN = `import { openCore } from "heddle";
import { tunnel } from "./exercise.js";

globalThis.found = openCore({ wasm, memoryBytes: 8 << 20 }).then(tunnel);
globalThis.refused = openCore().then(() => "taken", String);
`;

function refuse(): never {
  throw new Error("code may not be compiled here");
}

test("a host that hands a module in, and has nothing else", need("runtimes"), async () => {
  const { folder, copy, fileOf, write } = await openProject();
  copy("exercise.js");
  write("edge.js", MAIN);
  const forms = ["--format=iife", "--platform=neutral", "--log-level=error"];
  const esbuild = ["edge.js", "--bundle", ...forms, "--log-override:empty-import-meta=silent"];
  const bundle = await run([toolOf("esbuild/bin/esbuild")], esbuild, folder);
  const { Module, Instance, Global, Memory, validate } = WebAssembly;
  const instantiate = (module: unknown, imports: WebAssembly.Imports): unknown =>
    module instanceof Module ? WebAssembly.instantiate(module, imports) : refuse();
  const realm = {
    wasm: new Module(readFileSync(fileOf("dist/bindings/core/core.wasm"))),
    WebAssembly: { Module, Instance, Global, Memory, validate, instantiate, compile: refuse },
    TextDecoder,
    found: undefined,
    refused: undefined,
  };
  runInContext(bundle, createContext(realm, { codeGeneration: { strings: false, wasm: false } }));
  const found = JSON.parse(JSON.stringify(await realm.found)); // an object of this realm
  assert.deepEqual(found, expected(false).cores.simd);
  assert.match(String(await realm.refused), /BadCore: undefined; expected wasm/);
});
