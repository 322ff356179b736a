// etcd when nothing is heard of it for long. It takes a minute: only with HEDDLE_LONG=1.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { EtcdStore } from "../../../bindings/node/agent/store/etcd-store.ts";
import { need } from "../../need.ts";
import { EtcdServer } from "./etcd.ts";
import { rejects } from "./store-cases.ts";
import { watching } from "./watching.ts";

if (process.env.HEDDLE_LONG === "1") {
  test(
    "a watch on an etcd that is stopped ends by itself within 15 seconds",
    need("etcd"),
    async (t) => {
      const server = await EtcdServer.start();
      t.after(() => server.close());
      const store = EtcdStore.open({ endpoints: server.endpoint, timeoutMs: 3000 });
      t.after(() => store.close());
      const idle = await watching(store, "/", 1n);
      const retired = await watching(store, "/", 1n);
      assert.equal(idle.batches.length + retired.batches.length, 2);
      await server.pause();
      await rejects("Unavailable", store.get("/a")); // leaves the connection to the watches
      const began = performance.now();
      await rejects("Unavailable", idle.end(15_000));
      await rejects("Unavailable", retired.end(5000));
      t.diagnostic(`after ${((performance.now() - began) / 1000).toFixed(1)} s`);
    },
  );

  test("a watch that is quiet stands for longer than a keepalive", need("etcd"), async (t) => {
    const server = await EtcdServer.start();
    t.after(() => server.close());
    const store = EtcdStore.open({ endpoints: server.endpoint });
    t.after(() => store.close());
    const watch = await watching(store, "/", 1n);
    await sleep(35_000);
    await store.put("/a", "1", null);
    assert.deepEqual(
      (await watch.events(1)).map(({ kind }) => kind),
      ["put"],
    );
    await watch.close();
  });
}
