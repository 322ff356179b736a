// Who the peers are: a function of the leases that stand in the store, whatever else stands there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { attrsOf, Ground, keyOf } from "./managed.ts";
import { Watcher } from "./watcher.ts";

test("first a snapshot, also of nobody; then who comes, changes and goes", async () => {
  const ground = await Ground.open();
  const watcher = await Watcher.open(ground);
  assert.deepEqual(await watcher.news(), ["snapshot of 0"]);
  await ground.put("10.5.2.0-24", attrsOf(2));
  assert.deepEqual(await watcher.news(), ["change +10.5.2.0/24 of 1"]);
  await ground.put("10.5.2.0-24", attrsOf(3));
  assert.deepEqual(await watcher.news(), ["change +10.5.2.0/24 of 1"]);
  await ground.store.remove(keyOf("10.5.2.0-24"), null);
  assert.deepEqual(await watcher.news(), ["change -10.5.2.0/24 of 0"]);
  assert.deepEqual(watcher.changes.at(-1)?.removed[0]?.attrs, attrsOf(3), "as it was");
});

test("who was there before is in the first snapshot; our own subnet never is", async () => {
  const ground = await Ground.open();
  await ground.put("10.5.2.0-24", attrsOf(2));
  const watcher = await Watcher.open(ground);
  assert.deepEqual(await watcher.news(), ["snapshot +10.5.2.0/24 of 1"]);
  await ground.put("10.5.1.0-24", attrsOf(9));
  await ground.put("10.5.1.0-24&fd00::-56", attrsOf(9));
  await ground.store.remove(watcher.own.key, null);
  assert.deepEqual(await watcher.news(), []);
});

test("a put that changes nothing, as a renewal, is no change", async () => {
  const ground = await Ground.open();
  await ground.put("10.5.2.0-24", attrsOf(2));
  const watcher = await Watcher.open(ground);
  await watcher.news();
  const { id } = await ground.store.grantLease(50);
  await ground.put("10.5.2.0-24", attrsOf(2), id);
  const spaced = (await ground.entry("10.5.1.0-24"))?.value.replaceAll(":{", ": {") ?? "";
  await ground.put("10.5.2.0-24", spaced.replaceAll("0.1", "0.2").replaceAll(":01", ":02"), id);
  assert.deepEqual(await watcher.news(), []);
  assert.equal((await ground.manager().leases()).length, 2);
});

test("a lease that runs out is a peer that goes", async () => {
  const ground = await Ground.open();
  const { id } = await ground.store.grantLease(3);
  await ground.put("10.5.2.0-24", attrsOf(2), id);
  const watcher = await Watcher.open(ground);
  assert.deepEqual(await watcher.news(), ["snapshot +10.5.2.0/24 of 1"]);
  assert.deepEqual(await watcher.news(2000), ["change -10.5.2.0/24 of 0"]);
});

test("nonsense never removes a peer, and is said once for each time it is written", async () => {
  const ground = await Ground.open();
  await ground.put("10.5.2.0-24", attrsOf(2));
  const watcher = await Watcher.open(ground);
  await watcher.news();
  await ground.put("10.5.2.0-24", "no JSON");
  await ground.put("10.5.3.0-24", '{"PublicIP": 7}');
  await ground.put("10.5.999.0-24", attrsOf(4));
  await ground.store.remove(keyOf("10.5.999.0-24"), null);
  await ground.store.remove(keyOf("10.5.4.0-24"), null);
  assert.deepEqual(await watcher.news(), []);
  assert.equal(ground.heard("no lease: skipped").length, 3);
  assert.deepEqual(await watcher.news(3_600_000), Array(4).fill("snapshot of 1"));
  assert.equal(ground.heard("no lease: skipped").length, 3);
  await ground.put("10.5.2.0-24", attrsOf(5));
  assert.deepEqual(await watcher.news(), ["change +10.5.2.0/24 of 1"]);
  await ground.put("10.5.2.0-24", "no JSON");
  await ground.store.remove(keyOf("10.5.2.0-24"), null);
  assert.deepEqual(await watcher.news(), ["change -10.5.2.0/24 of 0"]);
});

test("peers beyond the limit are refused, and it is said", async () => {
  const ground = await Ground.open();
  for (const node of [2, 3, 4, 5]) await ground.put(`10.5.${node}.0-24`, attrsOf(node));
  const watcher = await Watcher.open(ground, ground.manager({ peersMax: 3 }));
  assert.deepEqual(await watcher.news(), ["snapshot +10.5.2.0/24 +10.5.3.0/24 +10.5.4.0/24 of 3"]);
  await ground.put("10.5.3.0-24", attrsOf(33));
  assert.deepEqual(await watcher.news(), ["change +10.5.3.0/24 of 3"]);
  assert.equal(ground.heard("too many peers: refused").length, 1);
  await ground.store.remove(keyOf("10.5.2.0-24"), null);
  await ground.put("10.5.5.0-24", attrsOf(5));
  assert.deepEqual(await watcher.news(), ["change +10.5.5.0/24 -10.5.2.0/24 of 3"]);
});

test("of two leases of one subnet the older counts, in whichever order they are seen", async () => {
  const ground = await Ground.open();
  const early = await Watcher.open(ground);
  await ground.put("10.5.2.0-24&fd00::-56", attrsOf(2));
  await early.news();
  await ground.put("10.5.2.0-24", attrsOf(3));
  const late = await Watcher.open(ground, ground.manager(), early.own);
  assert.deepEqual(await late.news(), ["snapshot +10.5.2.0/24 of 1"]);
  assert.deepEqual(await early.news(), []);
  for (const { changes } of [early, late]) {
    assert.deepEqual(changes.at(-1)?.peers.get("10.5.2.0/24")?.attrs, attrsOf(2));
  }
  await ground.store.remove(keyOf("10.5.2.0-24&fd00::-56"), null);
  for (const watcher of [early, late]) {
    assert.deepEqual(await watcher.news(), ["change +10.5.2.0/24 of 1"]);
    assert.deepEqual(watcher.changes.at(-1)?.peers.get("10.5.2.0/24")?.attrs, attrsOf(3));
  }
});

test("keys beside the folder are nobody's", async () => {
  const ground = await Ground.open();
  await ground.store.put("/coreos.com/network/subnets-old/10.5.9.0-24", "{}", null);
  const watcher = await Watcher.open(ground);
  await ground.store.put("/coreos.com/network/subnets2/10.5.8.0-24", "{}", null);
  assert.deepEqual(await watcher.news(), ["snapshot of 0"]);
});
