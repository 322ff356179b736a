// What `npm test` makes of files that fail, in a tree of its own.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

const RUN = new URL("../../../test/run.mjs", import.meta.url);

const GOOD = 'test("good", () => {});';
const BAD = 'test("bad", () => assert.fail());';
/** Fails where it has not been before. */
const MOODY = `
  const isFirst = !existsSync(import.meta.dirname + "/been");
  writeFileSync(import.meta.dirname + "/been", "");
  test("moody", () => assert.ok(!isFirst));
`;
/** The same, and no test of it is there to say so. */
const BROKEN = MOODY.replace('test("moody", () => assert.ok(!isFirst))', "assert.ok(!isFirst)");

/** Runs the files as a suite; gives the status and what was printed. */
function ranAs(
  suite: string,
  files: Readonly<Record<string, string>>,
  t: TestContext,
): [number | null, string] {
  const root = mkdtempSync(join(tmpdir(), "heddle-run-"));
  t.after(() => rmSync(root, { recursive: true }));
  const folder = join(root, "dist", "test", suite);
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(root, "test"));
  copyFileSync(RUN, join(root, "test", "run.mjs"));
  writeFileSync(join(root, "package.json"), '{ "type": "module" }');
  const head = `
    import assert from "node:assert";
    import { existsSync, writeFileSync } from "node:fs";
    import { test } from "node:test";
  `;
  for (const [name, code] of Object.entries(files)) {
    writeFileSync(join(folder, `${name}.test.js`), head + code);
  }
  const env = { ...process.env };
  delete env.NODE_TEST_CONTEXT; // else it would take itself for a part of this run
  const words = [join(root, "test", "run.mjs"), suite];
  const { status, stdout } = spawnSync(process.execPath, words, { env, encoding: "utf8" });
  return [status, stdout];
}

test("what fails beside others and passes alone is no failure, and is told", (t) => {
  const [status, printed] = ranAs("net", { good: GOOD, moody: MOODY + GOOD }, t);
  assert.equal(status, 0);
  assert.match(printed, /^again 1: moody failed beside others and passed alone$/m);
  assert.match(printed, /^3 passed, 0 failed, 0 skipped$/m);
});

test("what fails both times is a failure, and is not told as anything else", (t) => {
  const [status, printed] = ranAs("net", { bad: BAD + GOOD, good: GOOD }, t);
  assert.equal(status, 1);
  assert.doesNotMatch(printed, /^again \d/m);
  assert.match(printed, /^2 passed, 1 failed, 0 skipped$/m);
  assert.match(printed, /^failed:\n {2}bad$/m);
});

test("a file that ends before its tests runs again, too", (t) => {
  const [status, printed] = ranAs("runtimes", { broken: BROKEN + GOOD }, t);
  assert.equal(status, 0);
  assert.match(printed, /^again 1: .*broken\.test\.js failed beside others and passed alone$/m);
});

test("nothing of the other suites runs twice", (t) => {
  const [status, printed] = ranAs("house", { moody: MOODY }, t);
  assert.equal(status, 1);
  assert.match(printed, /^0 passed, 1 failed, 0 skipped$/m);
});
