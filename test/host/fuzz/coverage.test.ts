// The core under libFuzzer, for a moment: it finds nothing in ours, and what is planted in a copy.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { buildHarness, missingTools, ROOT } from "../../../fuzz/coverage/build.ts";
import { PLANTS, seek } from "../../../fuzz/coverage/canary.ts";
import { hunt } from "../../../fuzz/coverage/hunt.ts";

const RUN = fileURLToPath(new URL("../../../fuzz/coverage/run.js", import.meta.url));
const RUNS = 20_000;
const SEED = 1;
const PLACES_MIN = 800; // that seeds and so many runs reach; an idle harness reaches none

const missing = process.env.HEDDLE_FORBID_SKIPS ? [] : missingTools();
const remedies = missing.map(({ program, remedy }) => `${program} (${remedy})`);
const needs = { skip: missing.length > 0 && `needs ${remedies.join(", ")}` };

test("libFuzzer finds nothing in the core, and gets about in it", needs, async () => {
  const room = mkdtempSync(join(tmpdir(), "heddle-test-"));
  try {
    const program = await buildHarness(join(ROOT, "dist/bindings/core/core.plain.wasm"));
    const { law, runs, coverage } = await hunt(program, { runs: RUNS, seed: SEED }, room);
    assert.equal(law, undefined);
    assert.ok(runs >= RUNS, `${runs} runs`);
    assert.ok(coverage > PLACES_MIN, `${coverage} places`);
  } finally {
    rmSync(room, { recursive: true, force: true });
  }
});

test("a fault that is planted is found", needs, async () => {
  const [plant] = PLANTS;
  assert.ok(plant !== undefined);
  assert.match((await seek(plant, SEED)) ?? "nothing found", /^the core trapped/);
});

test("each plant stands where it can be planted", () => {
  for (const { file, right } of PLANTS) {
    assert.equal(readFileSync(join(ROOT, file), "utf8").split(right).length, 2, file);
  }
});

for (const [args, says] of [
  ["--runs 0", /--runs 0: expected a whole number above 0/],
  ["--seconds x", /--seconds x: expected a number above 0/],
  ["--replay nowhere", /--replay nowhere: no such file/],
  ["--foo", /Unknown option '--foo'/],
] as const) {
  test(`"${args}" makes no sense to fuzz:coverage, and it says why`, () => {
    const { status, stderr } = spawnSync(process.execPath, [RUN, ...args.split(" ")], {
      encoding: "utf8",
    });
    assert.equal(status, 2);
    assert.match(stderr, says);
    assert.doesNotMatch(stderr, /^ +at /m);
  });
}
