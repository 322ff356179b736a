// A store in a file that ends anywhere, or holds what nobody wrote.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Ledger } from "../../../bindings/agent/ledger.ts";
import { LedgerFile } from "../../../bindings/node/agent/store/file/ledger-file.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-torn-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const NOW_MS = 1_700_000_000_000;

/** A file, and what of it was there when each of its writes had returned. */
interface Written {
  readonly bytes: Buffer;
  readonly states: readonly { readonly end: number; readonly text: string }[];
}

const STEPS: readonly ((ledger: Ledger) => unknown)[] = [
  (ledger) => ledger.put("/a", "one", null),
  (ledger) => ledger.grant(60, NOW_MS),
  (ledger) => ledger.create("/b", '{"x":"\u00e4\\n"}', "1"),
  (ledger) => ledger.put("/c", "\u{1f600}\n\0", "1"),
  (ledger) => ledger.remove("/a", null),
  (ledger) => ledger.revoke("1"),
  (ledger) => ledger.put("/d", "", null),
  (ledger) => ledger.compact(ledger.revision - 1n),
  (ledger) => [ledger.put("/e", "1", null), ledger.put("/e", "2", null)],
];

// In the second journal the ledger is written anew every few steps.
for (const growthLenMax of [1 << 20, 100]) {
  const kind = growthLenMax < 1000 ? "one that was begun anew" : "a plain one";
  const written = writeAll(join(folder, `whole-${growthLenMax}`), growthLenMax);

  test(`a journal cut off at any byte has all that was acknowledged: ${kind}`, () => {
    const path = join(folder, `cut-${growthLenMax}`);
    for (let len = 0; len <= written.bytes.length; len++) {
      writeFileSync(path, written.bytes.subarray(0, len));
      assert.equal(stateOf(path), expectedAt(written, len), `${len} bytes`);
    }
  });

  test(`who comes after a death goes on from there: ${kind}`, () => {
    const path = join(folder, `on-${growthLenMax}`);
    for (let len = 0; len <= written.bytes.length; len += 7) {
      writeFileSync(path, written.bytes.subarray(0, len));
      const file = new LedgerFile({ path });
      file.transact(NOW_MS, (ledger) => ledger.put("/new", `${len}`, null));
      const state = printed(file);
      file.close();
      assert.equal(stateOf(path), state);
      assert.ok(state.includes(`"/new","value":"${len}"`));
    }
  });

  test(`what the power left as zeros was never written: ${kind}`, () => {
    const path = join(folder, `zeros-${growthLenMax}`);
    for (let len = 0; len < written.bytes.length; len += 3) {
      const zeros = Buffer.alloc(written.bytes.length - len);
      writeFileSync(path, Buffer.concat([written.bytes.subarray(0, len), zeros]));
      assert.equal(stateOf(path), expectedAt(written, len), `${len} bytes`);
    }
  });

  test(`a byte that is another one is found, and named: ${kind}`, () => {
    const path = join(folder, `wrong-${growthLenMax}`);
    const { bytes } = written;
    for (let at = 0; at < bytes.length - 1; at += 3) {
      const wrong = Buffer.from(bytes);
      wrong[at] = (wrong[at] ?? 0) ^ 0x01;
      writeFileSync(path, wrong);
      const lineAt = bytes.lastIndexOf(10, at - 1) + 1;
      const named = at < bytes.indexOf(10) + 1 ? 0 : lineAt;
      assert.throws(() => stateOf(path), {
        name: "StoreError",
        code: "Corrupt",
        message: new RegExp(`${path}, byte ${named}: `),
      });
      assert.ok(readFileSync(path).equals(wrong), "it is left as it was");
    }
  });
}

test("a file of somebody else is not touched", () => {
  const path = join(folder, "foreign");
  const texts = [
    "x",
    "hello\n",
    "heddle-store 2\n",
    "\0\0\0\0x",
    "heddle-\0x",
    "0".repeat(100_000),
  ];
  for (const text of texts) {
    writeFileSync(path, text);
    assert.throws(() => stateOf(path), { code: "Corrupt", message: /byte 0: / });
    assert.equal(readFileSync(path, "utf8"), text);
  }
  mkdirSync(join(folder, "folder"));
  assert.throws(() => stateOf(join(folder, "folder")), { code: "Corrupt" });
  assert.throws(() => stateOf("/dev/null"), { code: "Corrupt" });
});

test("lines with a checksum that are none of ours are found", () => {
  const path = join(folder, "lines");
  const whole = writeAll(join(folder, "ours"), 1 << 20).bytes.toString("latin1");
  const [first = "", second = ""] = whole.split("\n");
  // The second grants lease 1: twice, that is a contradiction.
  const grant = whole.split("\n")[2];
  for (const text of [`${first}\n${second}\n${grant}\n${grant}\n`, `${first}\n${first}\n`]) {
    writeFileSync(path, text, "latin1");
    assert.throws(() => stateOf(path), { code: "Corrupt" });
  }
});

test("the file is for its owner alone, and keeps who may see it when it begins anew", () => {
  const path = join(folder, "mode");
  writeAll(path, 100);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

function writeAll(path: string, growthLenMax: number): Written {
  const file = new LedgerFile({ path, growthLenMax });
  let states: { end: number; text: string }[] = [];
  for (const step of STEPS) {
    const before = statSync(path, { throwIfNoEntry: false })?.ino;
    file.transact(NOW_MS, step);
    const { size, ino } = statSync(path);
    if (ino !== before) states = [];
    states.push({ end: size, text: printed(file) });
  }
  file.close();
  return { bytes: readFileSync(path), states };
}

// What was begun anew was complete before anybody saw it, so there an early end is a loss.
function expectedAt({ states }: Written, len: number): string {
  return states.findLast(({ end }) => end <= len)?.text ?? EMPTY;
}

function stateOf(path: string): string {
  const file = new LedgerFile({ path });
  try {
    file.transact(NOW_MS, () => {});
    return printed(file);
  } finally {
    file.close();
  }
}

const EMPTY = stateOf(join(folder, "empty"));

function printed({ ledger }: LedgerFile): string {
  return JSON.stringify(ledger.state, (_, value) => {
    return typeof value === "bigint" ? `${value}` : value;
  });
}
