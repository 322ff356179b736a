// `heddle fuzz`: the same suites, by the command line.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../../bindings/node/cli.js", import.meta.url));

function heddle(...args: readonly string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, "fuzz", ...args], {
    encoding: "utf8",
  });
  return { status, out: stdout, err: stderr };
}

test("heddle fuzz runs a suite, and says how to run it again", () => {
  const args = ["--seconds", "0.2", "--seed", "7", "--suite", "address"];
  const { status, out, err } = heddle(...args);
  assert.deepEqual([status, err], [0, ""]);
  assert.match(out, /again: heddle fuzz --suite address --seed 7$/m);
  assert.match(out, /^total: \d+ cases in .* nothing found; seed 7$/m);
});

test("heddle fuzz --list names the laws", () => {
  const { status, out } = heddle("--list");
  assert.equal(status, 0);
  assert.match(out, /^fdb\/commands$/m);
});

for (const [args, says] of [
  ["--seconds x", /a number from 0.1 to 604800/],
  ["--seed -1", /seed/],
  ["--suite nope", /--suite nope: expected one of address, /],
  ["--path 3", /--path: expected --seed too/],
  ["--foo", /unknown option '--foo'/],
] as const) {
  test(`heddle fuzz ${args} makes no sense, and it says why`, () => {
    const { status, out, err } = heddle(...args.split(" "));
    assert.deepEqual([status, out], [2, ""]);
    assert.match(err, says);
    assert.doesNotMatch(err, /^ +at /m);
  });
}
