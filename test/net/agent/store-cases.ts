// What every store has to do: keys, listings and conditions. The same cases run against all stores.
import assert from "node:assert/strict";
import type { Store, StoreErrorCode, StoreOutcome } from "../../../bindings/agent/index.ts";

/** A store under test. */
export interface StoreSubject {
  /** A client of its own; all clients of a subject see one content. */
  open(): Promise<Store>;
  /** Forgets what happened up to `revision`. */
  compact(revision: bigint): Promise<void>;
}

/** What a case has to do with. */
export interface Bench {
  readonly store: Store;
  /** A second client. */
  readonly other: Store;
  /** Begins the keys of this case, and of no other. */
  readonly prefix: string;
  readonly subject: StoreSubject;
}

export interface StoreCase {
  readonly name: string;
  run(bench: Bench): Promise<void>;
}

export const KEY_CASES: readonly StoreCase[] = [
  {
    name: "a key that is not there is null, with the store's revision",
    run: async ({ store, prefix }) => {
      const { entry, revision } = await store.get(`${prefix}a`);
      assert.equal(entry, null);
      assert.ok(revision >= 1n);
    },
  },
  {
    name: "a put is one revision, seen by all clients, and keeps when the key was made",
    run: async ({ store, other, prefix }) => {
      const key = `${prefix}a`;
      const first = await store.put(key, "one", null);
      const second = await other.put(key, "two", null);
      assert.equal(second.revision, first.revision + 1n);
      const expected = {
        key,
        value: "two",
        createRevision: first.revision,
        modRevision: second.revision,
        leaseId: null,
      };
      assert.deepEqual(await store.get(key), { entry: expected, revision: second.revision });
      assert.deepEqual(await other.list(prefix), {
        entries: [expected],
        revision: second.revision,
      });
    },
  },
  {
    name: "create writes only where nothing is, and tells what is there",
    run: async ({ store, other, prefix }) => {
      const key = `${prefix}a`;
      const made = await store.create(key, "one", null);
      const again = await other.create(key, "two", null);
      assert.ok(made.done);
      assert.deepEqual(again, { done: false, entry: (await store.get(key)).entry });
      assert.equal((await store.get(key)).entry?.value, "one");
      await store.remove(key, null);
      assert.ok((await other.create(key, "three", null)).done);
    },
  },
  {
    name: "replace writes only where the key was last written then",
    run: async ({ store, other, prefix }) => {
      const key = `${prefix}a`;
      const { revision } = await store.put(key, "one", null);
      const done = await other.replace(key, "two", null, revision);
      assert.deepEqual(done, { done: true, revision: revision + 1n });
      const late = await store.replace(key, "three", null, revision);
      assert.deepEqual(late, { done: false, entry: (await store.get(key)).entry });
      assert.equal((await store.get(key)).entry?.createRevision, revision);
    },
  },
  {
    name: "replace of a key that is not there makes none, whatever revision is named",
    run: async ({ store, prefix }) => {
      for (const revision of [0n, 1n, 1n << 40n]) {
        const outcome = await store.replace(`${prefix}a`, "one", null, revision);
        assert.deepEqual(outcome, { done: false, entry: null });
      }
      assert.deepEqual((await store.list(prefix)).entries, []);
    },
  },
  {
    name: "remove with a revision keeps what was written since",
    run: async ({ store, prefix }) => {
      const key = `${prefix}a`;
      const { revision } = await store.put(key, "one", null);
      const second = await store.put(key, "two", null);
      const late = await store.remove(key, revision);
      assert.deepEqual(late, { done: false, entry: (await store.get(key)).entry });
      const done = await store.remove(key, second.revision);
      assert.deepEqual(done, { done: true, revision: second.revision + 1n });
      assert.deepEqual(await store.remove(key, second.revision), { done: false, entry: null });
    },
  },
  {
    name: "remove without a revision takes whatever is there, once",
    run: async ({ store, prefix }) => {
      await store.put(`${prefix}a`, "one", null);
      assert.ok((await store.remove(`${prefix}a`, null)).done);
      assert.deepEqual(await store.remove(`${prefix}a`, null), { done: false, entry: null });
      assert.equal((await store.get(`${prefix}a`)).entry, null);
    },
  },
  {
    name: "a listing has what begins with the prefix, by the order of bytes",
    run: async ({ store, prefix }) => {
      // In UTF-16 the last but one would come last.
      const names = ["s", "s&", "s-old/1", "s/10", "s/2", "s/\u00e4", "s/\uff5e", "s/\u{1f600}"];
      for (const name of names.toReversed()) await store.put(prefix + name, name, null);
      await store.put(`${prefix}r`, "before", null);
      await store.put(`${prefix}t`, "behind", null);
      const { entries } = await store.list(`${prefix}s`);
      assert.deepEqual(
        entries.map(({ key }) => key.slice(prefix.length)),
        names,
      );
      assert.ok(entries.every(({ key, value }) => key === prefix + value));
      assert.deepEqual((await store.list(`${prefix}none`)).entries, []);
      assert.ok((await store.list("")).entries.length >= names.length + 2);
    },
  },
  {
    name: "values come back as they went, but for what is no text",
    run: async ({ store, other, prefix }) => {
      const key = `${prefix}a`;
      const nul = String.fromCharCode(0);
      for (const value of ["", nul, "\ufeffx", '{"a":"\u{1f600}"}\n', "x".repeat(100_000)]) {
        await store.put(key, value, null);
        assert.equal((await other.get(key)).entry?.value, value);
      }
      await store.put(key, "a\ud800b", null);
      assert.equal((await other.get(key)).entry?.value, "a\ufffdb");
    },
  },
  {
    name: "an empty key, and more than a store takes, are refused",
    run: async ({ store, prefix }) => {
      await rejects("Refused", store.put("", "x", null));
      await rejects("Refused", store.create("", "x", null));
      await rejects("Refused", store.put(`${prefix}a`, "x".repeat(2_000_000), null));
      assert.deepEqual((await store.list(prefix)).entries, []);
    },
  },
  {
    name: "of two clients that create one key, exactly one does",
    run: async ({ store, other, prefix }) => {
      for (let round = 0; round < 20; round++) {
        const key = `${prefix}${round}`;
        const outcomes = await Promise.all([
          store.create(key, "store", null),
          other.create(key, "other", null),
          store.create(key, "again", null),
        ]);
        assert.equal(winners(outcomes), 1);
      }
    },
  },
  {
    name: "of two clients that replace one key, exactly one does",
    run: async ({ store, other, prefix }) => {
      const key = `${prefix}a`;
      let { revision } = await store.put(key, "0", null);
      for (let round = 0; round < 20; round++) {
        const outcomes = await Promise.all([
          store.replace(key, "store", null, revision),
          other.replace(key, "other", null, revision),
        ]);
        assert.equal(winners(outcomes), 1);
        revision = (await other.get(key)).entry?.modRevision ?? 0n;
      }
    },
  },
];

/** Comes last: it leaves a store full. */
export const BIG_CASES: readonly StoreCase[] = [
  {
    name: "a listing of 5000 keys is whole",
    run: async ({ store, other, prefix }) => {
      const names = Array.from({ length: 5000 }, (_, at) => `${prefix}${at}`);
      const value = "v".repeat(200);
      await Promise.all(names.map((name) => store.put(name, value, null)));
      const { entries } = await other.list(prefix);
      assert.deepEqual(
        entries.map(({ key }) => key),
        names.toSorted(),
      );
      assert.ok(entries.every((entry) => entry.value === value));
    },
  },
];

/** Expects a StoreError of that code. */
export async function rejects(code: StoreErrorCode, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, { name: "StoreError", code });
}

function winners(outcomes: readonly StoreOutcome[]): number {
  return outcomes.filter(({ done }) => done).length;
}
