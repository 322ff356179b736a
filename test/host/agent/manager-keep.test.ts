// Holding a lease: renewed in time, never over another's, and lost only when it is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Ground } from "./managed.ts";

const HOUR_MS = 3_600_000;

test("a lease is renewed an hour before its end, by a new lease of the store", async () => {
  const ground = await Ground.open();
  const manager = ground.manager();
  const lease = await ground.acquire(1, null, manager);
  const stop = new AbortController();
  const kept = manager.keep(lease, stop.signal);
  const name = lease.subnet.replace("/", "-");
  await ground.clock.pass(22.8 * HOUR_MS);
  assert.equal((await ground.entry(name))?.leaseId, lease.leaseId);
  await ground.clock.pass(0.2 * HOUR_MS);
  const entry = await ground.entry(name);
  assert.notEqual(entry?.leaseId, lease.leaseId);
  assert.ok(((await ground.store.leaseTtl(entry?.leaseId ?? "")) ?? 0) > 86_400 - 720);
  await ground.clock.pass(240 * HOUR_MS);
  assert.equal((await ground.entry(name))?.createRevision, lease.modRevision);
  stop.abort(new Error("enough"));
  await assert.rejects(kept, /enough/);
  assert.equal(ground.heard("lease renewed").length, 11);
});
