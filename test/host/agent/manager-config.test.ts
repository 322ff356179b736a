// Waiting for the network's config.
import assert from "node:assert/strict";
import { test } from "node:test";
import { away } from "../../../fuzz/agent/meddled-store.ts";
import { CONFIG_KEY, Ground, NEVER } from "./managed.ts";

test("a config is asked for each second until there is a valid one", async () => {
  const ground = await Ground.open(null);
  const store = ground.meddled(async (call, act) => {
    if (ground.clock.nowMs() < 10_000) throw away();
    return call === "get" ? act() : Promise.reject(new Error(call));
  });
  const found = ground.manager({ store }).networkConfig(NEVER);
  await ground.clock.pass(20_500);
  await ground.store.put(CONFIG_KEY, "no JSON", null);
  await ground.clock.pass(10_000);
  await ground.configure({ Network: "10.5.0.0/29" });
  await ground.clock.pass(10_000);
  await ground.configure({ Network: "10.5.0.0/16", Backend: { Type: "vxlan" } });
  const config = await ground.clock.settle(found, 1000);
  assert.deepEqual([config.network, config.backend.type], ["10.5.0.0/16", "vxlan"]);
  assert.equal(store.count, 42);
  assert.equal(ground.heard("Couldn't fetch network config").length, 1);
});

test("that there is none is said again, rarely", async () => {
  const ground = await Ground.open(null);
  const stop = new AbortController();
  const found = ground.manager().networkConfig(stop.signal);
  await ground.clock.pass(3_599_000);
  assert.equal(ground.heard("Couldn't fetch network config").length, 6);
  stop.abort(new Error("enough"));
  await assert.rejects(found, /enough/);
});

test("a backend that no node has is no matter of waiting", async () => {
  const ground = await Ground.open({ Network: "10.5.0.0/16", Backend: { Type: "pigeons" } });
  await assert.rejects(ground.manager().networkConfig(NEVER), { code: "BadBackend" });
});

test("a store that was closed is not waited for", async () => {
  const ground = await Ground.open();
  await ground.store.close();
  await assert.rejects(ground.manager().networkConfig(NEVER), { code: "Closed" });
});
