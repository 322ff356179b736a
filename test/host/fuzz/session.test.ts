// The frame of the suites: what it says, what it counts, and what it answers.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { Misuse } from "../../../fuzz/flags.ts";
import { type Law, law, type Suite } from "../../../fuzz/law.ts";
import { parseOptions } from "../../../fuzz/options.ts";
import { CASES_MIN, runSession, SUITE_CASES_MIN } from "../../../fuzz/session.ts";

const RUN = fileURLToPath(new URL("../../../fuzz/run.js", import.meta.url));

interface Told {
  readonly status: number;
  readonly lines: readonly string[];
  readonly kept: readonly { readonly name: string; readonly input: unknown }[];
}

async function tell(suites: readonly Suite[], ...args: readonly string[]): Promise<Told> {
  const lines: string[] = [];
  const kept: Told["kept"][number][] = [];
  const desk = {
    command: "npm run fuzz --",
    say: (line: string) => void lines.push(line),
    keep: (name: string, input: unknown) => {
      kept.push({ name, input });
      return "a file";
    },
  };
  const status = await runSession(suites, parseOptions(args), desk);
  return { status, lines, kept };
}

/** A law that has so many cases in each round, and no time. */
function counted(cases: number): Law {
  return { name: "counted", search: () => ({ cases }), again: () => {} };
}

const wrongFlags: readonly (readonly [args: string, says: RegExp])[] = [
  ["--foo", /Unknown option '--foo'/],
  ["extra", /Unexpected argument 'extra'/],
  ["--seconds", /argument missing/],
  ["--seconds x", /--seconds x: expected a number above 0/],
  ["--seconds 0", /--seconds 0: expected a number above 0/],
  ["--seconds 1e9", /at most 604800/],
  ["--seed 1.5", /--seed 1.5: expected a whole number from 0 to 2147483647/],
  ["--seed 2147483648", /--seed 2147483648/],
  ["--path x --seed 1 --suite a/b", /--path x: expected a whole number/],
  ["--path 3 --suite a/b", /expected --seed too/],
  ["--path 3 --seed 1 --suite a", /expected --suite SUITE\/LAW too/],
];

for (const [args, says] of wrongFlags) {
  test(`"${args}" makes no sense, and it says why`, () => {
    assert.throws(
      () => parseOptions(args.split(" ")),
      (error) => error instanceof Misuse && says.test(error.message),
    );
  });
}

test("a command line that makes no sense gives the usage and status 2, and no stack", () => {
  for (const args of [["--foo"], ["--suite", "nope"], ["--suite", "fdb/nope"]]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [RUN, ...args], {
      encoding: "utf8",
    });
    assert.equal(status, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^fuzz: .*\nnpm run fuzz -- /);
    assert.doesNotMatch(stderr, /^ +at /m);
  }
});

test("--list names every law and runs none", async () => {
  const suite = { name: "one", laws: [counted(1), { ...counted(1), name: "other" }] };
  const { status, lines } = await tell([suite], "--list");
  assert.deepEqual([status, ...lines], [0, "one/counted", "one/other"]);
});

test("a broken law is shrunk, kept and told with the way to see it again", async () => {
  const broken = law("small", fc.nat(1000), (number) => assert.ok(number < 500));
  const suite = { name: "one", laws: [broken] };
  const first = await tell([suite], "--seconds", "1", "--seed", "7");
  assert.equal(first.status, 1);
  assert.deepEqual(first.kept, [{ name: "one/small", input: 500 }]);
  const again = first.lines.find((line) => line.startsWith("  again: ")) ?? "";
  const [, path = ""] = /--suite one\/small --seed 7 --path (\d+)$/.exec(again) ?? [];
  const second = await tell([suite], "--suite", "one/small", "--seed", "7", "--path", path);
  assert.equal(second.status, 1);
  assert.deepEqual(second.kept, first.kept);
  assert.ok(
    second.lines.some((line) => line.includes(" small 1, ")),
    "it came first",
  );
});

test("a canary that fails is well", async () => {
  const broken = law("small", fc.nat(1000), (number) => assert.ok(number < 500));
  const canary = { name: "canary", laws: [broken], mustFail: true };
  const { status, lines, kept } = await tell([canary], "--seconds", "1");
  assert.deepEqual([status, kept], [0, []]);
  assert.ok(lines.some((line) => line.includes("small: fails, as it must")));
});

test("a canary that sings is a fault", async () => {
  const right = law("right", fc.nat(), () => {});
  const { status, lines } = await tell(
    [{ name: "canary", laws: [right], mustFail: true }],
    ...["--seconds", "0.05"],
  );
  assert.equal(status, 1);
  assert.ok(lines.some((line) => line.includes("right: PASSES, AND MUST NOT")));
});

test("from sixty seconds on a suite goes on until it has its cases, or says so", async () => {
  const many = { name: "many", laws: [counted(CASES_MIN)] };
  const few = (cases: number): Suite => ({ name: "few", laws: [counted(cases)] });
  const held = await tell([many, few(SUITE_CASES_MIN / 4)], "--seconds", "60");
  assert.equal(held.status, 0);
  assert.ok(held.lines.some((line) => line.startsWith(`      ${SUITE_CASES_MIN} cases`)));
  const short = await tell([many, few(10)], "--seconds", "60");
  assert.equal(short.status, 1);
  assert.ok(short.lines.includes(`  few: fewer than ${SUITE_CASES_MIN} cases`));
  assert.equal((await tell([few(10)], "--seconds", "59")).status, 0);
});

test("from sixty seconds on all suites together have to reach their number", async () => {
  const { status, lines } = await tell(
    [{ name: "one", laws: [counted(CASES_MIN / 6)] }],
    ...["--seconds", "60"],
  );
  assert.equal(status, 1);
  assert.ok(lines.includes(`total: fewer than ${CASES_MIN} cases`));
  const half = { name: "half", laws: [counted(CASES_MIN / 2)] };
  const second = await tell([half], "--seconds", "60", "--seed", "1");
  assert.equal(second.status, 0);
  assert.match(second.lines.at(-1) ?? "", /^total: 1000000 cases/);
});

test("the seed is printed, and the same seed draws the same inputs", async () => {
  const drawn: number[][] = [[], []];
  for (const numbers of drawn) {
    const { lines } = await tell(
      [{ name: "one", laws: [law("seen", fc.nat(), (number) => void numbers.push(number))] }],
      ...["--seconds", "0.1", "--seed", "42"],
    );
    assert.ok(lines.includes("one: seed 42; again: npm run fuzz -- --suite one --seed 42"));
  }
  const [first = [], second = []] = drawn;
  const count = Math.min(first.length, second.length);
  assert.ok(count > 5);
  assert.deepEqual(first.slice(0, count), second.slice(0, count));
});
