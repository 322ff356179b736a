// What lies in bindings/core and dist was built from these sources, and would be built so again.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathOf } from "./tree.ts";

const TARGETS: Readonly<Record<string, string>> = {
  release: "core.wasm",
  plain: "core.plain.wasm",
  debug: "core.debug.wasm",
};

const folder = mkdtempSync(join(tmpdir(), "heddle-fresh-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

function build(target: string): Buffer {
  const outFile = join(folder, `${target}.wasm`);
  execFileSync(pathOf("node_modules/.bin/asc"), ["--target", target, "--outFile", outFile], {
    cwd: pathOf("."),
  });
  return readFileSync(outFile);
}

for (const [target, name] of Object.entries(TARGETS)) {
  test(`building ${name} again gives the same bytes`, () => {
    const again = build(target);
    for (const place of ["bindings/core", "dist/bindings/core"]) {
      assert.ok(again.equals(readFileSync(pathOf(`${place}/${name}`))), `${place}/${name} differs`);
    }
  });
}
