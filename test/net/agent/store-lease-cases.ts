// What every store has to do: leases.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Store } from "../../../bindings/agent/index.ts";
import { rejects, type StoreCase } from "./store-cases.ts";
import { watching } from "./watching.ts";

const GONE_MS_MAX = 60_000;
/** Short, and longer than the calls that are made before it is over. */
const SHORT_S = 3;
const NOBODY = "123456789";

export const LEASE_CASES: readonly StoreCase[] = [
  {
    name: "a lease has what was granted, and a long one is as long as it was asked for",
    run: async ({ store, other }) => {
      const lease = await store.grantLease(86_400);
      assert.equal(lease.ttlS, 86_400);
      const left = await other.leaseTtl(lease.id);
      assert.ok(left !== null && left > 86_390 && left <= 86_400, `${left}`);
      assert.notEqual((await other.grantLease(60)).id, lease.id);
    },
  },
  {
    name: "a lease that is revoked takes its keys along, all at one revision",
    run: async ({ store, other, prefix }) => {
      const { id } = await store.grantLease(60);
      await store.put(`${prefix}b`, "1", id);
      await other.create(`${prefix}a`, "2", id);
      const { revision } = await store.put(`${prefix}c`, "3", null);
      assert.equal((await store.get(`${prefix}a`)).entry?.leaseId, id);
      await other.revokeLease(id);
      const { entries, revision: after } = await store.list(prefix);
      assert.deepEqual(
        entries.map(({ key }) => key),
        [`${prefix}c`],
      );
      assert.equal(after, revision + 1n);
      assert.equal(await store.leaseTtl(id), null);
    },
  },
  {
    name: "a key leaves its lease when it is written with another, or with none",
    run: async ({ store, prefix }) => {
      const first = await store.grantLease(60);
      const second = await store.grantLease(60);
      const { revision } = await store.put(`${prefix}a`, "1", first.id);
      await store.put(`${prefix}b`, "1", first.id);
      await store.replace(`${prefix}a`, "2", second.id, revision);
      await store.put(`${prefix}b`, "2", null);
      await store.revokeLease(first.id);
      assert.equal((await store.get(`${prefix}a`)).entry?.leaseId, second.id);
      assert.equal((await store.get(`${prefix}b`)).entry?.leaseId, null);
      await store.revokeLease(second.id);
      assert.equal((await store.get(`${prefix}a`)).entry, null);
      assert.notEqual((await store.get(`${prefix}b`)).entry, null);
    },
  },
  {
    name: "a key that was removed is not in its lease any more",
    run: async ({ store, prefix }) => {
      const { id } = await store.grantLease(60);
      await store.put(`${prefix}a`, "1", id);
      await store.remove(`${prefix}a`, null);
      await store.put(`${prefix}a`, "2", null);
      await store.revokeLease(id);
      assert.equal((await store.get(`${prefix}a`)).entry?.value, "2");
    },
  },
  {
    name: "no write names a lease that is not there",
    run: async ({ store, prefix }) => {
      const { id } = await store.grantLease(60);
      await store.revokeLease(id);
      const { revision } = await store.put(`${prefix}a`, "1", null);
      for (const gone of [id, NOBODY, "0", "-1", "x", "", "9".repeat(30)]) {
        await rejects("LeaseGone", store.put(`${prefix}b`, "2", gone));
        await rejects("LeaseGone", store.create(`${prefix}b`, "2", gone));
        await rejects("LeaseGone", store.replace(`${prefix}a`, "2", gone, revision));
      }
      assert.equal((await store.list(prefix)).revision, revision);
    },
  },
  {
    name: "where the condition does not hold, nobody asks for the lease",
    run: async ({ store, prefix }) => {
      const { revision } = await store.put(`${prefix}a`, "1", null);
      assert.equal((await store.create(`${prefix}a`, "2", NOBODY)).done, false);
      assert.equal((await store.replace(`${prefix}a`, "2", NOBODY, revision - 1n)).done, false);
    },
  },
  {
    name: "a lease that is gone has no time left, and can be revoked again",
    run: async ({ store }) => {
      const { id } = await store.grantLease(60);
      await store.revokeLease(id);
      for (const gone of [id, NOBODY, "0", "x", ""]) {
        await store.revokeLease(gone);
        assert.equal(await store.leaseTtl(gone), null);
      }
    },
  },
  {
    name: "a lease of no time, of part of a second, or without end is refused",
    run: async ({ store }) => {
      for (const ttlS of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) {
        await rejects("Refused", store.grantLease(ttlS));
      }
    },
  },
  {
    name: "a lease that runs out takes its keys along, and a watch sees it",
    run: async ({ store, other, prefix }) => {
      const lease = await store.grantLease(SHORT_S);
      const { revision } = await store.put(`${prefix}a`, "1", lease.id);
      const watch = await watching(other, prefix, revision + 1n);
      const [event] = await watch.events(1);
      assert.equal(event?.kind, "delete");
      assert.equal(event.key, `${prefix}a`);
      assert.equal((await store.get(`${prefix}a`)).entry, null);
      assert.equal(await store.leaseTtl(lease.id), null);
      await rejects("LeaseGone", store.put(`${prefix}b`, "2", lease.id));
      await watch.close();
    },
  },
  {
    name: "a lease runs out though nobody watches",
    run: async ({ store, prefix }) => {
      const { id } = await store.grantLease(SHORT_S);
      await store.put(`${prefix}a`, "1", id);
      assert.ok(await isGone(store, `${prefix}a`));
    },
  },
];

async function isGone(store: Store, key: string): Promise<boolean> {
  for (const end = Date.now() + GONE_MS_MAX; Date.now() < end; await sleep(50)) {
    if ((await store.get(key)).entry === null) return true;
  }
  return false;
}
