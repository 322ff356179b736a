// Acquiring beside others: who is faster, who was there before, and what a store does that fails.
import assert from "node:assert/strict";
import { test } from "node:test";
import { away } from "../../../fuzz/agent/meddled-store.ts";
import { attrsOf, Ground, NEVER, nameOf, seed } from "./managed.ts";

test(`thirty at once on thirty subnets get one each, the next none (seed ${seed})`, async () => {
  const config = { Network: "10.3.0.0/16", SubnetMin: "10.3.1.0", SubnetMax: "10.3.30.0" };
  const ground = await Ground.open(config);
  const store = ground.meddled(async (_, act) => {
    await ground.clock.sleep(ground.drawn(20));
    return act();
  });
  const nodes = Array.from({ length: 30 }, (_, at) => at + 1);
  const all = nodes.map((node) => ground.manager({ store }).acquire(attrsOf(node), null, NEVER));
  const acquired = await ground.clock.settle(Promise.all(all));
  const subnets = acquired.map(({ lease }) => lease.subnet);
  assert.equal(new Set(subnets).size, 30);
  await assert.rejects(ground.acquire(31), { code: "OutOfSubnets" });
});

test("who loses a race draws again, and gets another subnet", async () => {
  const ground = await Ground.open({ Network: "10.5.0.0/26", SubnetLen: 28 });
  let lost = 0;
  const store = ground.meddled(async (call, act, what) => {
    if (call === "create" && lost < 2) {
      await ground.put(what.slice(what.lastIndexOf("/") + 1), attrsOf(50 + lost++));
    }
    return act();
  });
  const lease = await ground.acquire(1, null, ground.manager({ store }));
  const holders = (await ground.manager().leases()).map(({ attrs }) => attrs.publicIp).sort();
  assert.deepEqual(holders, ["192.168.0.1", "192.168.0.50", "192.168.0.51"]);
  assert.ok((await ground.entry(nameOf(lease)))?.value.includes("192.168.0.1"));
});

test("who loses every race gives up after ten looks, and leaves nothing", async () => {
  const ground = await Ground.open();
  const store = ground.meddled(async (call, act, what) => {
    if (call === "create") await ground.store.put(what, "{}", null);
    return act();
  });
  const acquired = ground.acquire(1, null, ground.manager({ store }));
  await assert.rejects(acquired, { name: "StoreError", message: /in 10 attempts/ });
  await ground.clock.pass(0);
  assert.equal(store.counts.get("list"), 10);
  assert.equal(store.counts.get("revokeLease"), 1);
  assert.deepEqual(
    (await ground.manager().leases()).filter(({ attrs }) => attrs.publicIp !== "0.0.0.0"),
    [],
  );
});

test("of two leases of one subnet the younger yields: two families, or two lengths", async () => {
  for (const name of ["10.5.7.0-24&fd00::-56", "10.5.6.0-23", "10.5.7.0-26"]) {
    const ground = await Ground.open();
    let isFirst = true;
    const store = ground.meddled(async (call, act) => {
      if (call === "create" && isFirst) {
        isFirst = false;
        await ground.put(name, attrsOf(9));
      }
      return act();
    });
    const lease = await ground.acquire(1, "10.5.7.0/24", ground.manager({ store }));
    assert.notEqual(lease.subnet, "10.5.7.0/24");
    assert.equal(await ground.entry("10.5.7.0-24"), null);
    assert.ok(await ground.entry(name));
    assert.equal(ground.heard("an older lease overlaps: yielding").length, 1);
  }
});

test("of two leases of one subnet the older stays", async () => {
  const ground = await Ground.open();
  const store = ground.meddled(async (call, act) => {
    const done = await act();
    if (call === "create") await ground.put("10.5.7.0-24&fd00::-56", attrsOf(9));
    return done;
  });
  const lease = await ground.acquire(1, "10.5.7.0/24", ground.manager({ store }));
  assert.equal(lease.subnet, "10.5.7.0/24");
});

test("a lease of ours that is younger than one it overlaps goes at the next start", async () => {
  const ground = await Ground.open();
  const { id } = await ground.store.grantLease(5000);
  await ground.put("10.5.6.0-23", attrsOf(9), id);
  await ground.put("10.5.7.0-24", attrsOf(1), id);
  assert.notEqual((await ground.acquire(1)).subnet, "10.5.7.0/24");
  assert.equal(await ground.entry("10.5.7.0-24"), null);
});

test("a store that is away is waited for, and said to be away once", async () => {
  const ground = await Ground.open();
  let isAway = true;
  const store = ground.meddled(async (_, act) => (isAway ? Promise.reject(away()) : act()));
  const acquired = ground.manager({ store }).acquire(attrsOf(1), null, NEVER);
  await ground.clock.pass(300_000);
  isAway = false;
  await ground.clock.settle(acquired);
  assert.equal(ground.heard("Couldn't fetch network config").length, 1);
  assert.ok(store.count < 320, `${store.count} calls in five minutes`);
});

test("what failed after it was done is found, and not done twice", async () => {
  for (const call of ["create", "replace", "grantLease", "list"] as const) {
    const ground = await Ground.open();
    if (call === "replace") {
      const { id } = await ground.store.grantLease(50);
      await ground.put("10.5.7.0-24", attrsOf(1), id);
    }
    let isFirst = true;
    const store = ground.meddled(async (name, act) => {
      const done = await act();
      if (name !== call || !isFirst) return done;
      isFirst = false;
      throw away();
    });
    const lease = await ground.acquire(1, null, ground.manager({ store }));
    const leases = await ground.manager().leases();
    assert.deepEqual([isFirst, leases], [false, [lease]], call);
  }
});

test("who slept until its new lease was over does not believe in it", async () => {
  const ground = await Ground.open();
  let isFirst = true;
  const store = ground.meddled(async (call, act) => {
    const done = await act();
    if (call === "create" && isFirst) {
      isFirst = false;
      await ground.clock.sleep(86_400_000);
    }
    return done;
  });
  const acquired = ground.manager({ store }).acquire(attrsOf(1), null, NEVER);
  const { lease } = await ground.clock.settle(acquired, 90_000_000);
  assert.equal((await ground.entry(nameOf(lease)))?.leaseId, lease.leaseId);
  assert.ok(((await ground.store.leaseTtl(lease.leaseId ?? "")) ?? 0) > 86_000);
});

test("acquiring ends with the signal's reason, also within a call that hangs", async () => {
  const ground = await Ground.open();
  const store = ground.meddled((call, act) => (call === "list" ? new Promise(() => {}) : act()));
  const stop = new AbortController();
  const acquired = ground.manager({ store }).acquire(attrsOf(1), null, stop.signal);
  await ground.clock.pass(1000);
  stop.abort(new Error("enough"));
  await assert.rejects(acquired, /enough/);
});

test("who is stopped while its own key is written again keeps the key", async () => {
  for (const end of ["hangs", "fails"] as const) {
    const ground = await Ground.open();
    const { id } = await ground.store.grantLease(50);
    await ground.put("10.5.7.0-24", attrsOf(1), id);
    const store = ground.meddled(async (call, act) => {
      const done = await act();
      if (call !== "replace") return done;
      if (end === "fails") throw away();
      return new Promise(() => {});
    });
    const stop = new AbortController();
    const acquired = ground.manager({ store }).acquire(attrsOf(1), null, stop.signal);
    await ground.clock.pass(50);
    stop.abort(new Error("enough"));
    await assert.rejects(acquired, /enough/);
    await ground.clock.pass(60_000);
    const entry = await ground.entry("10.5.7.0-24");
    assert.ok(((await ground.store.leaseTtl(entry?.leaseId ?? "")) ?? 0) > 86_000, end);
  }
});

test("a term that was granted and never written is given back", async () => {
  const ground = await Ground.open();
  let leaseId = "";
  const store = ground.meddled(async (call, act) => {
    if (call === "create") return new Promise(() => {});
    const done = await act();
    if (call === "grantLease") leaseId = (done as { id: string }).id;
    return done;
  });
  const stop = new AbortController();
  const acquired = ground.manager({ store }).acquire(attrsOf(1), null, stop.signal);
  await ground.clock.pass(50);
  stop.abort(new Error("enough"));
  await assert.rejects(acquired, /enough/);
  await ground.clock.pass(50);
  assert.notEqual(leaseId, "");
  assert.equal(await ground.store.leaseTtl(leaseId), null);
});
