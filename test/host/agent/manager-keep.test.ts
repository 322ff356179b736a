// Holding a lease: renewed in time, by a clock that never jumps.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Lease, LeaseLoss, SubnetManager } from "../../../bindings/agent/index.ts";
import { away } from "../../../fuzz/agent/meddled-store.ts";
import { attrsOf, Ground, NEVER, nameOf } from "./managed.ts";

const HOUR_MS = 3_600_000;

interface Kept {
  readonly ground: Ground;
  readonly manager: SubnetManager;
  readonly lease: Lease;
  readonly name: string;
  readonly kept: Promise<LeaseLoss>;
}

/** A node that has a lease and keeps it. */
async function keeping(ground: Ground, manager = ground.manager(), node = 1): Promise<Kept> {
  const lease = await ground.acquire(node, null, manager);
  const kept = manager.keep(lease, NEVER);
  await ground.clock.pass(0);
  return { ground, manager, lease, name: nameOf(lease), kept };
}

test("a lease is renewed an hour before its end, by a new lease of the store", async () => {
  const ground = await Ground.open();
  const manager = ground.manager();
  const lease = await ground.acquire(1, null, manager);
  const stop = new AbortController();
  const kept = manager.keep(lease, stop.signal);
  const name = nameOf(lease);
  await ground.clock.pass(22.8 * HOUR_MS);
  assert.equal((await ground.entry(name))?.leaseId, lease.leaseId);
  await ground.clock.pass(0.2 * HOUR_MS);
  const entry = await ground.entry(name);
  assert.notEqual(entry?.leaseId, lease.leaseId);
  assert.ok(((await ground.store.leaseTtl(entry?.leaseId ?? "")) ?? 0) > 86_400 - 720);
  await ground.clock.pass(72 * HOUR_MS);
  assert.equal((await ground.entry(name))?.createRevision, lease.modRevision);
  stop.abort(new Error("enough"));
  await assert.rejects(kept, /enough/);
  assert.equal(ground.heard("lease renewed").length, 4);
});

test("a lease that the store makes short is renewed at half its time", async () => {
  const ground = await Ground.open();
  const store = ground.meddled((_, act) => act());
  const { kept } = await keeping(ground, ground.manager({ store, ttlS: 60 }));
  const before = store.count;
  await ground.clock.pass(600_000);
  const calls = store.count - before;
  assert.ok(calls >= 20 && calls <= 100, `${calls} calls in ten lifetimes`);
  assert.equal(await Promise.race([kept, "kept"]), "kept");
});

test("renewals of many nodes that joined at once are spread", async () => {
  const ground = await Ground.open();
  const renewedMs: number[] = [];
  const store = ground.meddled((call, act) => {
    if (call === "replace") renewedMs.push(ground.clock.nowMs());
    return act();
  });
  for (let node = 1; node <= 20; node++) await keeping(ground, ground.manager({ store }), node);
  await ground.clock.pass(24 * HOUR_MS);
  assert.equal(renewedMs.length, 20);
  const first = Math.min(...renewedMs);
  assert.ok(first > 22.8 * HOUR_MS);
  assert.ok(Math.max(...renewedMs) - first > 300_000, "over minutes");
});

test("a wall clock that jumps moves nothing", async () => {
  const { ground, kept, name, lease } = await keeping(await Ground.open());
  ground.clock.jumpWall(400 * 24 * HOUR_MS);
  await ground.clock.pass(HOUR_MS);
  ground.clock.jumpWall(-800 * 24 * HOUR_MS);
  await ground.clock.pass(21 * HOUR_MS);
  assert.equal((await ground.entry(name))?.leaseId, lease.leaseId);
  await ground.clock.pass(HOUR_MS);
  assert.notEqual((await ground.entry(name))?.leaseId, lease.leaseId);
  assert.equal(await Promise.race([kept, "kept"]), "kept");
});

test("a renewal that fails is tried again each minute, with one lease of the store", async () => {
  const ground = await Ground.open();
  let isAway = false;
  const store = ground.meddled((call, act) => {
    return isAway && call === "replace" ? Promise.reject(away()) : act();
  });
  const { name, lease } = await keeping(ground, ground.manager({ store }));
  isAway = true;
  await ground.clock.pass(23.5 * HOUR_MS);
  const tries = store.counts.get("replace") ?? 0;
  assert.ok(tries >= 30 && tries <= 42, `${tries} tries in half an hour or a little more`);
  assert.equal(store.counts.get("grantLease"), 2);
  assert.equal(ground.heard("error renewing lease").length, 4);
  isAway = false;
  await ground.clock.pass(60_000);
  assert.notEqual((await ground.entry(name))?.leaseId, lease.leaseId);
  assert.equal(ground.heard("the store answers again").length, 1);
});

test("a renewal that was done though it failed is taken for done", async () => {
  const ground = await Ground.open();
  let isFailing = false;
  const store = ground.meddled(async (call, act) => {
    const done = await act();
    if (isFailing && call === "replace") throw away();
    return done;
  });
  const { kept } = await keeping(ground, ground.manager({ store }));
  isFailing = true;
  await ground.clock.pass(23 * HOUR_MS);
  assert.equal(store.counts.get("replace"), 1);
  await ground.clock.pass(10 * 24 * HOUR_MS);
  assert.equal(await Promise.race([kept, "kept"]), "kept");
});

test("a watch that cannot be had stops no renewal, and does not spin", async () => {
  const ground = await Ground.open();
  let from = Number.POSITIVE_INFINITY;
  const store = ground.meddled((call, act) => {
    const isLost = ground.clock.nowMs() >= from && (call === "watch" || call === "list");
    return isLost ? Promise.reject(away()) : act();
  });
  const { kept, name, lease } = await keeping(ground, ground.manager({ store, ttlS: 7200 }));
  from = 0;
  store.cut();
  await ground.clock.pass(HOUR_MS);
  assert.notEqual((await ground.entry(name))?.leaseId, lease.leaseId);
  assert.ok((store.counts.get("watch") ?? 0) < 720 + 20);
  assert.equal(await Promise.race([kept, "kept"]), "kept");
});

test("a lease that another process acquired has its time from the store", async () => {
  const ground = await Ground.open();
  const lease = await ground.acquire(1);
  await ground.clock.pass(20 * HOUR_MS);
  const kept = ground.manager().keep(lease, NEVER);
  await ground.clock.pass(3 * HOUR_MS);
  assert.equal(ground.heard("lease renewed").length, 1);
  assert.equal(await Promise.race([kept, "kept"]), "kept");
});

test("a reservation is never renewed, but watched", async () => {
  const ground = await Ground.open();
  await ground.put("10.5.20.0-24", attrsOf(1));
  const { kept, lease } = await keeping(ground);
  await ground.clock.pass(100 * HOUR_MS);
  const entry = await ground.entry("10.5.20.0-24");
  assert.deepEqual([entry?.leaseId, entry?.modRevision], [null, lease.modRevision]);
  await ground.store.remove(lease.key, null);
  assert.equal(await ground.clock.settle(kept, 1000), "deleted");
});

test("a key that somebody writes again with our words is ours, and renewed", async () => {
  const { ground, kept, name } = await keeping(await Ground.open());
  const { id } = await ground.store.grantLease(30);
  await ground.put(name, attrsOf(1), id);
  await ground.clock.pass(1000);
  assert.notEqual((await ground.entry(name))?.leaseId, id);
  await ground.put(name, attrsOf(1), null);
  await ground.clock.pass(48 * HOUR_MS);
  assert.equal((await ground.entry(name))?.leaseId, null, "a reservation now");
  await ground.put(name, JSON.stringify({ PublicIP: attrsOf(1).publicIp }), null);
  assert.equal(await ground.clock.settle(kept, 1000), "taken");
});
