// Losing a lease: how it is told, and that nothing is written then that was not read before.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Lease, type LeaseLoss, LeaseLostError } from "../../../bindings/agent/index.ts";
import { away } from "../../../fuzz/agent/meddled-store.ts";
import { attrsOf, Ground, NEVER, nameOf } from "./managed.ts";

const HOUR_MS = 3_600_000;

/** Somebody else's lease in the place of one of ours. */
async function take(ground: Ground, lease: Lease): Promise<void> {
  await ground.store.revokeLease(lease.leaseId ?? "");
  const { id } = await ground.store.grantLease(86_400);
  await ground.put(nameOf(lease), attrsOf(9), id);
}

test("a lease that is deleted by hand is lost, and can be had again", async () => {
  const ground = await Ground.open();
  const manager = ground.manager();
  const lease = await ground.acquire(1, null, manager);
  const kept = manager.keep(lease, NEVER);
  await ground.clock.pass(1000);
  await ground.store.remove(lease.key, null);
  assert.equal(await ground.clock.settle(kept, 1000), "deleted");
  const again = await ground.acquire(1, lease.subnet, manager);
  assert.equal(again.subnet, lease.subnet);
  const keptAgain = manager.keep(again, NEVER);
  await ground.clock.pass(48 * HOUR_MS);
  assert.equal(await Promise.race([keptAgain, "kept"]), "kept");
});

test("a lease that is another's is lost, and stays the other's", async () => {
  const ground = await Ground.open();
  const manager = ground.manager();
  const lease = await ground.acquire(1, null, manager);
  const kept = manager.keep(lease, NEVER);
  await ground.clock.pass(1000);
  await ground.store.put(lease.key, "{}", null);
  assert.equal(await ground.clock.settle(kept, 1000), "taken");
  assert.equal((await ground.entry(nameOf(lease)))?.value, "{}");
  assert.notEqual((await ground.acquire(1, lease.subnet, manager)).subnet, lease.subnet);
});

test("a lease whose end comes while the store is away is over at that moment", async () => {
  const ground = await Ground.open();
  let isAway = false;
  const store = ground.meddled((_, act) => (isAway ? Promise.reject(away()) : act()));
  const manager = ground.manager({ store, ttlS: 3600 });
  const lease = await ground.acquire(1, null, manager);
  const kept = manager.keep(lease, NEVER);
  await ground.clock.pass(1000);
  isAway = true;
  store.cut();
  await ground.clock.pass(HOUR_MS - 1001);
  assert.equal(await Promise.race([kept, "kept"]), "kept");
  await ground.clock.pass(1);
  assert.equal(await kept, "expired");
});

test("a process that slept overwrites nobody, whoever has its subnet", async () => {
  for (const isRenewing of [false, true]) {
    const ground = await Ground.open();
    let asleep: Promise<void> = Promise.resolve();
    const store = ground.meddled(async (call, act) => {
      if (call === "replace" || call === "grantLease") await asleep;
      return act();
    });
    const manager = ground.manager({ store });
    const lease = await ground.acquire(1, null, manager);
    const kept = manager.keep(lease, NEVER);
    await ground.clock.pass(HOUR_MS);
    let wake = (): void => {};
    asleep = new Promise((resolve) => {
      wake = resolve;
    });
    if (isRenewing) await ground.clock.pass(22 * HOUR_MS);
    await take(ground, lease);
    const theirs = await ground.entry(nameOf(lease));
    wake();
    assert.match(await ground.clock.settle(kept, 1000), /deleted|taken/);
    await ground.clock.pass(48 * HOUR_MS);
    await assert.rejects(manager.republish(lease, attrsOf(2)), LeaseLostError);
    await manager.release(lease);
    const entry = await ground.entry(nameOf(lease));
    assert.ok(entry === null || entry.modRevision === theirs?.modRevision);
  }
});

test("what happened while the own watch was away, and was compacted, is seen", async () => {
  const cases: readonly (readonly [LeaseLoss, (ground: Ground, lease: Lease) => Promise<void>])[] =
    [
      ["deleted", async (ground, { key }) => void (await ground.store.remove(key, null))],
      ["taken", take],
    ];
  for (const [loss, meanwhile] of cases) {
    const ground = await Ground.open();
    let isAway = false;
    const store = ground.meddled((_, act) => (isAway ? Promise.reject(away()) : act()));
    const manager = ground.manager({ store });
    const lease = await ground.acquire(1, null, manager);
    const kept = manager.keep(lease, NEVER);
    await ground.clock.pass(1000);
    isAway = true;
    store.cut();
    await ground.clock.pass(60_000);
    await meanwhile(ground, lease);
    await ground.store.compact((await ground.store.list("")).revision);
    isAway = false;
    assert.equal(await ground.clock.settle(kept, 6000), loss);
  }
});

test("a lease that nobody knows any more cannot be kept", async () => {
  const ground = await Ground.open();
  const lease = await ground.acquire(1);
  await ground.clock.pass(25 * HOUR_MS);
  assert.equal(await ground.clock.settle(ground.manager().keep(lease, NEVER)), "expired");
});

test("another key that begins as ours does is none of ours", async () => {
  const ground = await Ground.open();
  const manager = ground.manager();
  const lease = await ground.acquire(1, null, manager);
  const kept = manager.keep(lease, NEVER);
  await ground.clock.pass(1000);
  const other = `${nameOf(lease)}&fd00::-56`;
  await ground.put(other, attrsOf(9));
  await ground.store.remove(`${lease.key}&fd00::-56`, null);
  await ground.clock.pass(1000);
  assert.equal(await Promise.race([kept, "kept"]), "kept");
});

test("a new MAC or address is published within the same lease, and is kept", async () => {
  const ground = await Ground.open();
  const manager = ground.manager();
  const lease = await ground.acquire(1, null, manager);
  const kept = manager.keep(lease, NEVER);
  await ground.clock.pass(1000);
  const now = await manager.republish(lease, attrsOf(2));
  assert.deepEqual([now.leaseId, now.attrs], [lease.leaseId, attrsOf(2)]);
  assert.match((await ground.entry(nameOf(lease)))?.value ?? "", /192\.168\.0\.2/);
  await ground.clock.pass(48 * HOUR_MS);
  assert.match((await ground.entry(nameOf(lease)))?.value ?? "", /192\.168\.0\.2/);
  assert.equal(await Promise.race([kept, "kept"]), "kept");
});

test("what the lease says already is published without the store", async () => {
  const ground = await Ground.open();
  let isAway = false;
  const store = ground.meddled((_, act) => (isAway ? Promise.reject(away()) : act()));
  const manager = ground.manager({ store });
  const lease = await ground.acquire(1, null, manager);
  isAway = true;
  assert.deepEqual(await manager.republish(lease, attrsOf(1)), lease);
  await assert.rejects(manager.republish(lease, attrsOf(2)), { code: "Unavailable" });
  // Now nobody knows which of both stands there.
  await assert.rejects(manager.republish(lease, attrsOf(1)), { code: "Unavailable" });
  isAway = false;
  const now = await manager.republish(lease, attrsOf(1));
  assert.equal(now.modRevision, (await ground.entry(nameOf(lease)))?.modRevision);
});

test("what could not be published is published with the next renewal", async () => {
  const ground = await Ground.open();
  let isAway = false;
  const store = ground.meddled((_, act) => (isAway ? Promise.reject(away()) : act()));
  const manager = ground.manager({ store });
  const lease = await ground.acquire(1, null, manager);
  const kept = manager.keep(lease, NEVER);
  await ground.clock.pass(1000);
  isAway = true;
  await assert.rejects(manager.republish(lease, attrsOf(2)), { code: "Unavailable" });
  isAway = false;
  await ground.clock.pass(24 * HOUR_MS);
  assert.match((await ground.entry(nameOf(lease)))?.value ?? "", /192\.168\.0\.2/);
  assert.equal(await Promise.race([kept, "kept"]), "kept");
});

test("a lease is released while it is ours: the key goes, and the store's lease", async () => {
  const ground = await Ground.open();
  const lease = await ground.acquire(1);
  await ground.manager().release(lease);
  assert.equal(await ground.entry(nameOf(lease)), null);
  assert.equal(await ground.store.leaseTtl(lease.leaseId ?? ""), null);
  await ground.manager().release(lease);
  assert.equal(ground.heard("no lease to release")[0]?.fields.because, "deleted");
});

test("a lease is released also by who knows it from before a renewal", async () => {
  const ground = await Ground.open();
  const manager = ground.manager();
  const lease = await ground.acquire(1, null, manager);
  void manager.keep(lease, NEVER);
  await ground.clock.pass(30 * HOUR_MS);
  await ground.manager().release(lease);
  assert.equal(await ground.entry(nameOf(lease)), null);
});

test("neither another's lease nor a reservation is released", async () => {
  const ground = await Ground.open();
  await ground.put("10.5.20.0-24", attrsOf(1));
  await ground.manager().release(await ground.acquire(1));
  assert.ok(await ground.entry("10.5.20.0-24"));
  const lease = await ground.acquire(2);
  await take(ground, lease);
  await ground.manager().release(lease);
  assert.match((await ground.entry(nameOf(lease)))?.value ?? "", /192\.168\.0\.9/);
  const why = ground.heard("no lease to release").map(({ fields }) => fields.because);
  assert.deepEqual(why, ["reserved", "taken"]);
});
