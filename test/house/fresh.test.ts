// What lies in bindings/core and dist was built from these sources, and would be built so again.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { pathOf } from "./tree.ts";

const CORES = ["core.wasm", "core.plain.wasm", "core.debug.wasm"];

const folder = mkdtempSync(join(tmpdir(), "heddle-fresh-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

before(() => {
  execFileSync(process.execPath, [pathOf("build.mjs"), "--cores", folder]);
});

for (const name of CORES) {
  test(`building ${name} again gives the same bytes`, () => {
    const again = readFileSync(join(folder, name));
    for (const place of ["bindings/core", "dist/bindings/core"]) {
      assert.ok(again.equals(readFileSync(pathOf(`${place}/${name}`))), `${place}/${name} differs`);
    }
  });
}
