// etcd when things go wrong: absent, killed, stopped, restarted, or another one.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { EtcdStore, type EtcdStoreOptions } from "../../../bindings/node/agent/store/etcd-store.ts";
import { need } from "../../need.ts";
import { EtcdServer, freePort } from "./etcd.ts";
import { opened, started, valueIn } from "./etcd-subject.ts";
import { rejects } from "./store-cases.ts";
import { until } from "./until.ts";
import { watching } from "./watching.ts";

const etcd = need("etcd");
/** A dead endpoint costs a refused connection: less than a call may take, if it is busy too. */
const DEAD_MS_MAX = 4000;

test("where nobody answers, a call is over in time, and says whom it asked", etcd, async (t) => {
  const port = await freePort();
  const endpoints = `http://127.0.0.1:${port},127.0.0.1:${port}`;
  const store = opened(t, { endpoints, timeoutMs: 700 });
  const began = performance.now();
  const cpu = process.cpuUsage();
  const message = new RegExp(`http://127.0.0.1:${port}: connect ECONNREFUSED .*; 127.0.0.1`);
  await assert.rejects(store.get("/a"), { name: "StoreError", code: "Unavailable", message });
  const took = performance.now() - began;
  assert.ok(took < 4500, `${took} ms`); // and not the five seconds that are the default
  const { user } = process.cpuUsage(cpu);
  assert.ok(user < 500_000, `${user} us of CPU`);
  await rejects("Unavailable", (await watching(store, "/", 1n)).end());
});

test("an etcd that comes later is found by the call that waits for it", etcd, async (t) => {
  const server = await EtcdServer.reserve();
  t.after(() => server.close());
  const store = opened(t, { endpoints: server.endpoint, timeoutMs: 20_000 });
  const got = store.get("/a");
  await sleep(300);
  await server.restart();
  assert.equal((await got).entry, null);
});

test(
  "a dead endpoint in front costs next to nothing, nor does one that is silent",
  etcd,
  async (t) => {
    const server = await started(t);
    const dead = `http://127.0.0.1:${await freePort()}`;
    const took = async (endpoints: string): Promise<number> => {
      const store = opened(t, { endpoints });
      const began = performance.now();
      await store.get("/a");
      return performance.now() - began;
    };
    await took(server.endpoint); // compiled
    const alone = await took(server.endpoint);
    const behind = await took(`${dead},${server.endpoint}`);
    t.diagnostic(`alone ${alone.toFixed(1)} ms, behind a dead endpoint ${behind.toFixed(1)} ms`);
    assert.ok(behind < alone + DEAD_MS_MAX, `${behind} ms`);
    const stopped = await started(t);
    await stopped.pause();
    const silent = await took(`${stopped.endpoint},${server.endpoint}`);
    t.diagnostic(`behind a silent endpoint ${silent.toFixed(1)} ms`);
    assert.ok(silent < alone + DEAD_MS_MAX, `${silent} ms`);
  },
);

test("when an endpoint dies, the next one is asked", etcd, async (t) => {
  const first = await started(t);
  const second = await started(t);
  const store = opened(t, { endpoints: `${first.endpoint},${second.endpoint}` });
  await store.put("/which", "first", null);
  await first.kill();
  // The call that finds the connection dead may have been done: only who called may try again.
  await until("the second endpoint", () => store.put("/which", "second", null));
  await second.kill();
  await first.restart();
  const { entry } = await until("the first endpoint", () => store.get("/which"));
  assert.equal(entry?.value, "first");
});

test("a watch that SIGKILL cut goes on behind its last batch after a restart", etcd, async (t) => {
  const server = await started(t);
  const store = opened(t, { endpoints: server.endpoint });
  const { revision } = await store.put("/a", "0", null);
  const lease = await store.grantLease(3600);
  const watch = await watching(store, "/", revision + 1n);
  await store.put("/a", "1", lease.id);
  await watch.events(1);
  await server.kill();
  await rejects("Unavailable", watch.end());
  await server.restart();
  const last = watch.batches.at(-1)?.revision ?? 0n;
  await store.put("/a", "2", lease.id);
  const again = await watching(store, "/", last + 1n);
  assert.deepEqual((await again.events(1)).map(valueIn), ["2"]);
  assert.ok(((await store.leaseTtl(lease.id)) ?? 0) > 3500);
  await again.close();
});

test("what is compacted away while nobody watches is not missed in silence", etcd, async (t) => {
  const server = await started(t);
  const store = opened(t, { endpoints: server.endpoint });
  const { revision } = await store.put("/a", "0", null);
  await server.stop();
  await server.restart();
  for (let at = 1; at < 10; at++) await store.put("/a", `${at}`, null);
  await server.compact(revision + 5n);
  await rejects("Compacted", (await watching(store, "/", revision + 1n)).end());
  const listing = await store.list("/");
  const watch = await watching(store, "/", listing.revision + 1n);
  await store.put("/a", "10", null);
  assert.deepEqual((await watch.events(1)).map(valueIn), ["10"]);
  await watch.close();
});

test("another store behind the same endpoint is noticed by a watch", etcd, async (t) => {
  const server = await started(t);
  const other = await started(t);
  const store = opened(t, { endpoints: server.endpoint });
  for (let at = 0; at < 5; at++) await store.put("/a", `${at}`, null);
  const { revision } = await store.get("/a");
  const elsewhere = opened(t, { endpoints: other.endpoint });
  await rejects("Compacted", (await watching(elsewhere, "/", revision + 1n)).end());
});

test(
  "a call to an etcd that is stopped is over in time, and the next finds it awake",
  etcd,
  async (t) => {
    const server = await started(t);
    const store = opened(t, { endpoints: server.endpoint, timeoutMs: 4000 });
    const { revision } = await store.put("/a", "0", null);
    const watch = await watching(store, "/a", revision + 1n);
    await server.pause();
    const put = store.put("/b", "1", null);
    await Promise.all([rejects("Unavailable", store.get("/a")), rejects("Unavailable", put)]);
    server.resume();
    await store.put("/a", "1", null);
    assert.deepEqual((await watch.events(1)).map(valueIn), ["1"]);
    await watch.close();
  },
);

test("values and keys that are no text are read as such, and hide no others", etcd, async (t) => {
  const server = await started(t);
  const store = opened(t, { endpoints: server.endpoint });
  const put = (key: Buffer, value: Buffer): Promise<unknown> => {
    const body = { key: key.toString("base64"), value: value.toString("base64") };
    return server.request("/v3/kv/put", body);
  };
  const { revision } = await store.put("/s/a", "text", null);
  await put(Buffer.from("/s/b"), Buffer.from([0xff, 0x61, 0xc3]));
  await put(Buffer.from([...Buffer.from("/s/"), 0xff, 0xfe]), Buffer.from("x"));
  const { entries } = await store.list("/s/");
  assert.deepEqual(
    entries.map(({ key, value }) => [key, value]),
    [
      ["/s/a", "text"],
      ["/s/b", "\ufffda\ufffd"],
      ["/s/\ufffd\ufffd", "x"],
    ],
  );
  const watch = await watching(store, "/s/", revision);
  assert.equal((await watch.events(3)).length, 3);
  await watch.close();
});

test("a process that has closed its store ends by itself", etcd, async (t) => {
  const server = await started(t);
  const module = new URL("../../../bindings/node/agent/store/etcd-store.js", import.meta.url);
  const dead = `http://127.0.0.1:${await freePort()}`;
  const code = `
    const { EtcdStore } = await import(${JSON.stringify(module.href)});
    const store = EtcdStore.open({ endpoints: "${dead},${server.endpoint}" });
    const { revision } = await store.put("/a", "1", null);
    const watch = (async () => {
      for await (const _ of store.watch("/", revision, new AbortController().signal)) break;
      for await (const _ of store.watch("/", revision, new AbortController().signal)) {}
    })().catch((error) => console.log(error.code));
    const absent = EtcdStore.open({ endpoints: "${dead}" });
    const waiting = absent.get("/a").catch((error) => console.log(error.code));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await Promise.all([store.close(), absent.close(), watch, waiting]);
    setTimeout(() => { console.log("still here"); process.exit(1); }, 10_000).unref();
  `;
  const args = ["--input-type=module", "-e", code];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
  assert.deepEqual([stdout, stderr], ["Closed\nClosed\n", ""]);
});

test("options that make no sense are refused at once", () => {
  const wrong: EtcdStoreOptions[] = [
    { endpoints: "http://a:2379,,http://b:2379" },
    { endpoints: "unix:///run/etcd.sock" },
    { endpoints: "http://a:2379/path" },
    { endpoints: "http://a:0" },
    { endpoints: "http://a:65536" },
    { endpoints: "http://user:password@a:2379" },
    { endpoints: "http://a b:2379" },
    { certFile: "/cert" },
    { keyFile: "/key" },
    { username: "root" },
    { password: "secret" },
  ];
  for (const options of wrong) assert.throws(() => EtcdStore.open(options), RangeError);
});
