// What every store has to do: watches.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { StoreEvent } from "../../../bindings/agent/index.ts";
import { rejects, type StoreCase } from "./store-cases.ts";
import { watching } from "./watching.ts";

export const WATCH_CASES: readonly StoreCase[] = [
  {
    name: "a watch begins with an empty batch, and then brings what happens, in order",
    run: async ({ store, other, prefix }) => {
      const { revision } = await store.put(`${prefix}a`, "0", null);
      const watch = await watching(other, prefix, revision + 1n);
      assert.deepEqual(watch.batches[0], { revision, events: [] });
      await store.put(`${prefix}a`, "1", null);
      await other.put(`${prefix}b`, "2", null);
      await store.remove(`${prefix}a`, null);
      const events = await watch.events(3);
      assert.deepEqual(events.map(printed(prefix)), ["a=1", "b=2", "-a"]);
      assert.deepEqual(events.map(revisionOf), [revision + 1n, revision + 2n, revision + 3n]);
      const put = events[0] as StoreEvent & { kind: "put" };
      assert.equal(put.entry.createRevision, revision);
      assert.equal(watch.batches.at(-1)?.revision, revision + 3n);
      await watch.close();
    },
  },
  {
    name: "a watch from an old revision brings all since then, that one included",
    run: async ({ store, prefix }) => {
      const { revision } = await store.put(`${prefix}first`, "", null);
      const names = Array.from({ length: 1100 }, (_, at) => `${prefix}${at}`);
      const puts = await Promise.all(names.map((name) => store.put(name, "", null)));
      const watch = await watching(store, prefix, revision);
      const events = await watch.events(1101);
      const revisions = [revision, ...puts.map((put) => put.revision)];
      const keys = [`${prefix}first`, ...names];
      const expected = keys
        .map((key, at) => ({ key, at: revisions[at] as bigint }))
        .sort((x, y) => Number(x.at - y.at));
      assert.deepEqual(
        events.map((event) => ({ key: keyOf(event), at: revisionOf(event) })),
        expected,
      );
      await watch.close();
    },
  },
  {
    name: "a watch that begins behind any of its batches misses nothing, and gets nothing twice",
    run: async ({ store, prefix }) => {
      const { revision } = await store.put(`${prefix}a`, "0", null);
      const writing = (async () => {
        for (let at = 1; at < 100; at++) await store.put(`${prefix}${at % 7}`, `${at}`, null);
      })();
      const seen: StoreEvent[] = [];
      let next = revision;
      while (seen.length < 100) {
        const stop = new AbortController();
        for await (const batch of store.watch(prefix, next, stop.signal)) {
          seen.push(...batch.events);
          next = batch.revision + 1n;
          if (batch.events.length > 0) break;
        }
      }
      await writing;
      const values = seen.map((event) => (event.kind === "put" ? event.entry.value : "-"));
      assert.deepEqual(
        values,
        Array.from({ length: 100 }, (_, at) => `${at}`),
      );
    },
  },
  {
    name: "a watch brings what begins with its prefix, and nothing else",
    run: async ({ store, prefix }) => {
      const { revision } = await store.get(prefix);
      const watch = await watching(store, `${prefix}s/1`, revision + 1n);
      for (const name of ["s/1", "s/10", "s/2", "s", "t", "s/1&x", "S/1"]) {
        await store.put(prefix + name, "", null);
      }
      await store.put(`${prefix}s/1/end`, "", null);
      const events = await watch.events(4);
      assert.deepEqual(events.map(printed(prefix)), ["s/1=", "s/10=", "s/1&x=", "s/1/end="]);
      await watch.close();
    },
  },
  {
    name: "the deletes of a lease come in one batch",
    run: async ({ store, other, prefix }) => {
      const { id } = await store.grantLease(60);
      for (const name of ["c", "a", "b"]) await store.put(prefix + name, name, id);
      const { revision } = await store.get(prefix);
      const watch = await watching(other, prefix, revision + 1n);
      await store.revokeLease(id);
      const events = await watch.events(3);
      assert.deepEqual(events.map(printed(prefix)).sort(), ["-a", "-b", "-c"]);
      assert.deepEqual(new Set(events.map(revisionOf)), new Set([revision + 1n]));
      assert.equal(watch.batches.filter((batch) => batch.events.length > 0).length, 1);
      await watch.close();
    },
  },
  {
    name: "a watch from what is forgotten says so, and from behind it goes on",
    run: async ({ store, prefix, subject }) => {
      const { revision } = await store.put(`${prefix}a`, "0", null);
      await store.put(`${prefix}a`, "1", null);
      const last = await store.put(`${prefix}a`, "2", null);
      await subject.compact(last.revision);
      const old = await watching(store, prefix, revision);
      await rejects("Compacted", old.end());
      const watch = await watching(store, prefix, last.revision + 1n);
      await store.put(`${prefix}a`, "3", null);
      assert.deepEqual((await watch.events(1)).map(printed(prefix)), ["a=3"]);
      await watch.close();
      assert.equal((await store.get(`${prefix}a`)).entry?.value, "3");
    },
  },
  {
    name: "a watch from a revision that the store has not reached belongs to another store",
    run: async ({ store, prefix }) => {
      const { revision } = await store.get(prefix);
      await rejects("Compacted", (await watching(store, prefix, revision + 1000n)).end());
      await rejects("Refused", (await watching(store, prefix, 0n)).end());
    },
  },
  {
    name: "a watch ends when its signal aborts, whatever it is doing",
    run: async ({ store, prefix }) => {
      const { revision } = await store.put(`${prefix}a`, "0", null);
      const idle = await watching(store, prefix, revision + 1n);
      await idle.close();
      await idle.end();
      for await (const _ of store.watch(prefix, revision, AbortSignal.abort())) assert.fail();
      const stop = new AbortController();
      let batches = 0;
      for await (const batch of store.watch(prefix, revision, stop.signal)) {
        batches += 1;
        if (batch.events.length > 0) stop.abort();
      }
      assert.equal(batches, 2);
    },
  },
  {
    name: "who is slow to take batches loses none",
    run: async ({ store, other, prefix }) => {
      const { revision } = await store.get(prefix);
      const values: string[] = [];
      const stop = new AbortController();
      const taking = (async () => {
        for await (const { events } of other.watch(prefix, revision + 1n, stop.signal)) {
          for (const event of events) values.push(event.kind === "put" ? event.entry.value : "-");
          if (values.at(-1) === "59") return;
          await sleep(10);
        }
      })();
      for (let at = 0; at < 60; at++) await store.put(`${prefix}a`, `${at}`, null);
      await taking;
      assert.deepEqual(
        values,
        Array.from({ length: 60 }, (_, at) => `${at}`),
      );
    },
  },
  {
    name: "close ends this client's watches and calls, and nobody else's",
    run: async ({ store, other, prefix, subject }) => {
      const client = await subject.open();
      const { revision } = await store.get(prefix);
      const own = await watching(client, prefix, revision + 1n);
      const foreign = await watching(other, prefix, revision + 1n);
      await client.put(`${prefix}a`, "1", null);
      await own.events(1);
      await client.close();
      await client.close();
      await rejects("Closed", own.end());
      await rejects("Closed", client.get(prefix));
      await rejects("Closed", client.put(`${prefix}a`, "2", null));
      await rejects("Closed", client.grantLease(60));
      await rejects("Closed", (await watching(client, prefix, revision)).end());
      await store.put(`${prefix}a`, "3", null);
      assert.deepEqual((await foreign.events(2)).map(printed(prefix)), ["a=1", "a=3"]);
      await foreign.close();
    },
  },
];

function printed(prefix: string): (event: StoreEvent) => string {
  return (event) =>
    event.kind === "put"
      ? `${keyOf(event).slice(prefix.length)}=${event.entry.value}`
      : `-${keyOf(event).slice(prefix.length)}`;
}

function keyOf(event: StoreEvent): string {
  return event.kind === "put" ? event.entry.key : event.key;
}

function revisionOf(event: StoreEvent): bigint {
  return event.kind === "put" ? event.entry.modRevision : event.modRevision;
}
