// What memory and file have for a store, against one that remembers everything: in one piece, and
// in a file that two processes write by turns, which begins anew all the time, and at whose end one
// has died again and again.
import { deepStrictEqual } from "node:assert";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { StoreError } from "../bindings/agent/index.ts";
import { Ledger } from "../bindings/agent/ledger.ts";
import { LedgerFile } from "../bindings/node/agent/store/file/ledger-file.ts";
import { FIRST_LINE } from "../bindings/node/agent/store/file/line.ts";
import { ModelStore } from "../test/model/store.ts";
import { commands, type Operation, operation, type Suite } from "./law.ts";

/** Lets `work` at the ledger, as it is at that time. */
interface Real {
  transact(nowMs: number, work: (ledger: Ledger) => unknown): unknown;
}

interface Model {
  readonly store: ModelStore;
  nowMs: number;
}

/** The two processes of a file, and the file. */
interface TwoFiles extends Real {
  readonly path: string;
  readonly files: LedgerFile[];
  /** Whose turn it is. */
  turn: number;
}

const STEPS = 60;
const BEGIN_MS = 1_700_000_000_000;
const GROWTH_LEN_MAX = 400;
/** A folder in memory, where there is one: an fsync costs nothing there. */
const FOLDER = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
/** What a death may leave behind: the beginning of a line. */
const LINE = '5f3c9a1b {"kind":"changes","changes":[{"kind":"delete","key":"a"}]}';

const key = fc.constantFrom(
  "a",
  "a/",
  "a/1",
  "a/10",
  "b",
  "\u{1f600}",
  "\uff5e",
  "\ud800",
  "\ufffd",
);
const prefix = fc.constantFrom("", "a", "a/", "a/1", "\ud83d", "none");
const value = fc.oneof(fc.string({ maxLength: 8 }), fc.string({ unit: "binary", maxLength: 8 }));
const lease = fc.oneof(
  { arbitrary: fc.constant(null), weight: 2 },
  { arbitrary: fc.nat(6).map(String), weight: 3 },
);
/** How far behind the store's revision; the key's own where that is null. */
const behind = fc.oneof(fc.constant(null), fc.bigInt({ min: -2n, max: 12n }));

/** What both have. */
type Either = Ledger | ModelStore;

// Both sides do the same at the same time, and say the same.
function both<T>(
  weight: number,
  inputs: fc.Arbitrary<T>,
  act: (store: Either, input: T, nowMs: number) => unknown,
): Operation<Model, Real> {
  return operation(weight, inputs, (input, { store, nowMs }: Model, real: Real) => {
    store.expire(nowMs);
    const expected = act(store, input, nowMs);
    let answer: unknown;
    real.transact(nowMs, (ledger) => {
      answer = codeOr(() => act(ledger, input, nowMs));
    });
    deepStrictEqual(answer, expected);
  });
}

function codeOr(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    if (error instanceof StoreError) return error.code;
    throw error;
  }
}

// The same on both sides, which are alike until now.
function revisionOf(store: Either, name: string, back: bigint | null): bigint {
  if (back !== null) return store.revision - back;
  return store.get(name).entry?.modRevision ?? 0n;
}

const OPERATIONS = {
  put: both(6, fc.tuple(key, value, lease), (store, [name, text, id]) => {
    return store.put(name, text, id);
  }),
  create: both(4, fc.tuple(key, value, lease), (store, [name, text, id]) => {
    return store.create(name, text, id);
  }),
  replace: both(4, fc.tuple(key, value, lease, behind), (store, [name, text, id, back]) => {
    return store.replace(name, text, id, revisionOf(store, name, back));
  }),
  remove: both(3, fc.tuple(key, behind, fc.boolean()), (store, [name, back, isAny]) => {
    return store.remove(name, isAny ? null : revisionOf(store, name, back));
  }),
  get: both(1, key, (store, name) => store.get(name)),
  list: both(2, prefix, (store, start) => store.list(start)),
  since: both(3, fc.tuple(prefix, behind), (store, [start, back]) => {
    return store.since(start, revisionOf(store, "a", back));
  }),
  grant: both(3, fc.integer({ min: 1, max: 20 }), (store, ttlS, nowMs) => {
    return store.grant(ttlS, nowMs);
  }),
  ttl: both(1, fc.nat(6), (store, id, nowMs) => store.ttl(`${id}`, nowMs)),
  revoke: both(1, fc.nat(6), (store, id) => store.revoke(`${id}`)),
  compact: both(1, behind, (store, back) => store.compact(revisionOf(store, "a", back))),
  // Mostly to the very moment at which a lease may end.
  sleep: operation(
    3,
    fc.tuple(fc.nat(8), fc.constantFrom(0, 0, 0, -1, 1)),
    ([s, ms], model: Model) => {
      model.nowMs += Math.max(0, s * 1000 + ms);
    },
  ),
};

const FILE_OPERATIONS = {
  ...OPERATIONS,
  turn: operation(6, fc.constant(null), (_, __: Model, real: TwoFiles) => {
    real.turn = 1 - real.turn;
  }),
  reopen: operation(1, fc.nat(1), (which, _: Model, real: TwoFiles) => {
    real.files[which]?.close();
    real.files[which] = openFile(real.path);
  }),
  die: operation(2, fc.nat(FIRST_LINE.length + LINE.length), (len, _: Model, real: TwoFiles) => {
    const wholeLen = readFileSync(real.path, "latin1").lastIndexOf("\n") + 1;
    truncateSync(real.path, wholeLen); // as who writes after a death begins
    const line = wholeLen === 0 ? FIRST_LINE + LINE : LINE;
    appendFileSync(real.path, line.slice(0, len));
  }),
};

export async function openStore(): Promise<Suite> {
  const newModel = (): Model => ({ store: new ModelStore(), nowMs: BEGIN_MS });
  const memory = commands("memory", {
    operations: OPERATIONS,
    steps: STEPS,
    begin: () => ({ model: newModel(), real: newMemory() }),
    end: expectAlike,
  });
  const file = commands("file", {
    operations: FILE_OPERATIONS,
    steps: STEPS,
    begin: () => ({ model: newModel(), real: newFiles() }),
    end: (model, real: TwoFiles) => {
      for (const _ of real.files) {
        expectAlike(model, real);
        real.turn = 1 - real.turn;
      }
      for (const one of real.files) one.close();
    },
  });
  return { name: "store", laws: [memory, file] };
}

function expectAlike({ store, nowMs }: Model, real: Real): void {
  store.expire(nowMs);
  real.transact(nowMs, (ledger) => {
    deepStrictEqual(ledger.list(""), store.list(""));
    const from = store.compacted + 1n;
    deepStrictEqual(ledger.since("", from), store.since("", from));
  });
}

function newMemory(): Real {
  const ledger = new Ledger();
  return {
    transact: (nowMs, work) => {
      ledger.expire(nowMs);
      work(ledger);
    },
  };
}

let folder: string | undefined;
let files = 0;

function newFiles(): TwoFiles {
  if (folder === undefined) {
    const made = mkdtempSync(join(FOLDER, "heddle-fuzz-"));
    process.on("exit", () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  if (files > 0) rmSync(join(folder, `${files}`), { force: true });
  files += 1;
  const path = join(folder, `${files}`);
  writeFileSync(path, "");
  const real: TwoFiles = {
    path,
    files: [openFile(path), openFile(path)],
    turn: 0,
    transact: (nowMs, work) => {
      const done = real.files[real.turn]?.transact(nowMs, work);
      if (!done) throw new Error("the lock was left behind");
    },
  };
  return real;
}

function openFile(path: string): LedgerFile {
  return new LedgerFile({ path, growthLenMax: GROWTH_LEN_MAX });
}
