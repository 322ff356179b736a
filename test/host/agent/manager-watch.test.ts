// Watching the others when watches are lost, late, compacted or silent: nothing that goes wrong on
// the way removes a peer, and nothing is missed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { away, MeddledStore } from "../../../fuzz/agent/meddled-store.ts";
import { attrsOf, Ground, keyOf } from "./managed.ts";
import { cuttable, Watcher } from "./watcher.ts";

test("what changed while the watch was away is told when it is back, once", async () => {
  for (const isCompacted of [false, true]) {
    const ground = await Ground.open();
    const link = cuttable(ground);
    await ground.put("10.5.2.0-24", attrsOf(2));
    await ground.put("10.5.3.0-24", attrsOf(3));
    await ground.put("10.5.4.0-24", attrsOf(4));
    await ground.put("10.5.8.0-24", attrsOf(8));
    const watcher = await Watcher.open(ground, ground.manager({ store: link.store }));
    await watcher.news();
    link.away(true);
    await watcher.news(60_000);
    await ground.put("10.5.2.0-24", attrsOf(7));
    await ground.store.remove(keyOf("10.5.3.0-24"), null);
    await ground.put("10.5.5.0-24", attrsOf(5));
    await ground.put("10.5.8.0-24", "no JSON");
    if (isCompacted) await ground.store.compact((await ground.store.list("")).revision);
    link.away(false);
    const rest = " -10.5.3.0/24";
    const kind = isCompacted ? "snapshot" : "change";
    const [first = "", ...more] = await watcher.news(6000);
    assert.deepEqual(more, []);
    assert.deepEqual(
      first.split(" ").sort(),
      `${kind} +10.5.2.0/24 +10.5.5.0/24${rest} of 4`.split(" ").sort(),
    );
    assert.deepEqual(watcher.changes.at(-1)?.removed[0]?.attrs, attrsOf(3));
  }
});

test("a second snapshot removes neither our own subnet nor anybody who stayed", async () => {
  const ground = await Ground.open();
  await ground.put("10.5.2.0-24", attrsOf(2));
  const link = cuttable(ground);
  const watcher = await Watcher.open(ground, ground.manager({ store: link.store }));
  await watcher.news();
  for (let round = 0; round < 3; round++) {
    link.away(true);
    await watcher.news(10_000);
    await ground.put("x", attrsOf(round));
    await ground.store.compact((await ground.store.list("")).revision);
    link.away(false);
    assert.deepEqual(await watcher.news(6000), ["snapshot of 1"]);
  }
});

test("a key that was made again as nonsense while nobody looked is a peer that went", async () => {
  const ground = await Ground.open();
  await ground.put("10.5.2.0-24", attrsOf(2));
  const link = cuttable(ground);
  const watcher = await Watcher.open(ground, ground.manager({ store: link.store }));
  await watcher.news();
  link.away(true);
  await watcher.news(10_000);
  await ground.store.remove(keyOf("10.5.2.0-24"), null);
  await ground.put("10.5.2.0-24", "no JSON");
  await ground.store.compact((await ground.store.list("")).revision);
  link.away(false);
  assert.deepEqual(await watcher.news(6000), ["snapshot -10.5.2.0/24 of 0"]);
});

test("who writes between the listing and the watch is not lost", async () => {
  const ground = await Ground.open();
  const own = await ground.acquire(1, "10.5.1.0/24");
  let isFirst = true;
  const store = ground.meddled(async (call, act) => {
    if (call === "watch" && isFirst) {
      isFirst = false;
      await ground.put("10.5.2.0-24", attrsOf(2));
    }
    return act();
  });
  const watcher = await Watcher.open(ground, ground.manager({ store }), own);
  assert.deepEqual(await watcher.news(), ["snapshot of 0", "change +10.5.2.0/24 of 1"]);
});

test("a lost watch is tried again after 100 ms, doubled up to 5 s", async () => {
  const ground = await Ground.open();
  const own = await ground.acquire(1, "10.5.1.0/24");
  const triedMs: number[] = [];
  let isAway = true;
  const store = ground.meddled((call, act) => {
    if (call !== "watch") return act();
    triedMs.push(ground.clock.nowMs());
    return isAway ? Promise.reject(away()) : act();
  });
  const watcher = await Watcher.open(ground, ground.manager({ store }), own);
  await watcher.news(30_000);
  const gaps = triedMs.slice(1).map((ms, at) => ms - (triedMs[at] ?? 0));
  assert.deepEqual(gaps.slice(0, 8), [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  isAway = false;
  await watcher.news(10_000);
  await ground.put("10.5.2.0-24", attrsOf(2));
  await watcher.news(10_000);
  triedMs.length = 0;
  const lostMs = ground.clock.nowMs();
  store.cut();
  await watcher.news(10_000);
  assert.deepEqual(triedMs, [lostMs + 100]);
  assert.equal(ground.heard("the watch is lost").length, 2);
  assert.equal(ground.heard("the watch is back").length, 2);
});

test("a watch that tells again what it told already changes nothing", async () => {
  const ground = await Ground.open();
  const own = await ground.acquire(1, "10.5.1.0/24");
  const store = new MeddledStore(ground.store, (_, act) => act(), {
    from: () => 1n,
    pass: async () => {},
  });
  await ground.put("10.5.2.0-24", attrsOf(2));
  await ground.store.remove(keyOf("10.5.2.0-24"), null);
  await ground.put("10.5.3.0-24", attrsOf(3));
  const watcher = await Watcher.open(ground, ground.manager({ store }), own);
  assert.deepEqual(await watcher.news(), ["snapshot +10.5.3.0/24 of 1"]);
  await ground.put("10.5.3.0-24", attrsOf(4));
  assert.deepEqual(await watcher.news(), ["change +10.5.3.0/24 of 1"]);
  store.cut();
  assert.deepEqual(await watcher.news(), []);
});

test("a watch that was always compacted does not spin", async () => {
  const ground = await Ground.open();
  const own = await ground.acquire(1, "10.5.1.0/24");
  const store = ground.meddled(async (call, act) => {
    if (call === "watch") await ground.store.put("x", "", null);
    if (call === "watch") await ground.store.compact((await ground.store.list("")).revision);
    return act();
  });
  const watcher = await Watcher.open(ground, ground.manager({ store }), own);
  await watcher.news(60_000);
  assert.ok(store.count < 60, `${store.count} calls in a minute`);
});

test("a watch without a sign of life is not trusted for ever", async () => {
  const ground = await Ground.open();
  const own = await ground.acquire(1, "10.5.1.0/24");
  const store = ground.meddled((call, act) => (call === "watch" ? new Promise(() => {}) : act()));
  const manager = ground.manager({ store, silenceMaxMs: 60_000 });
  const watcher = await Watcher.open(ground, manager, own);
  await watcher.news();
  await ground.put("10.5.2.0-24", attrsOf(2));
  assert.deepEqual(await watcher.news(60_000), ["snapshot +10.5.2.0/24 of 1"]);
  assert.ok((await watcher.news(600_000)).length >= 9);
  assert.ok(store.count < 30);
});

test("watching ends with the signal, also within a call that hangs", async () => {
  const ground = await Ground.open();
  const own = await ground.acquire(1, "10.5.1.0/24");
  const hanging = ground.meddled(() => new Promise(() => {}));
  for (const manager of [ground.manager(), ground.manager({ store: hanging })]) {
    const watcher = await Watcher.open(ground, manager, own);
    await watcher.news();
    watcher.stop();
    await ground.clock.settle(watcher.ended, 0);
  }
});
