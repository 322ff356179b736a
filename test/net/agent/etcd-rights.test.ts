// Who may talk to etcd: passwords, tokens, certificates.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Store } from "../../../bindings/agent/index.ts";
import type { EtcdStoreOptions } from "../../../bindings/node/agent/store/etcd-store.ts";
import { need } from "../../need.ts";
import { makeCertificates } from "./etcd-certificates.ts";
import { opened, started, valueIn } from "./etcd-subject.ts";
import { rejects } from "./store-cases.ts";
import { watching } from "./watching.ts";

const etcd = need("etcd");
const PASSWORD = "secret";
/** A token of one second is gone after so long. */
const TOKEN_GONE_MS = 2500;
/** A handshake that comes to nothing is over by then, and its reason is known. */
const REFUSED_MS = 5000;

test("with user and password, also when the token is forgotten or runs out", etcd, async (t) => {
  const server = await started(t, { tokenTtlS: 1 });
  await server.enableAuth(PASSWORD, { guest: "guest" });
  const { endpoint: endpoints } = server;
  const store = opened(t, { endpoints, username: "root", password: PASSWORD });
  const other = opened(t, { endpoints, username: "root", password: PASSWORD });
  const { revision } = await store.put("/a", "0", null);
  const watch = await watching(other, "/", revision + 1n);
  await sleep(TOKEN_GONE_MS);
  const late = await watching(other, "/", revision + 1n); // each by a new token
  await store.put("/a", "1", null);
  for (const one of [watch, late]) assert.deepEqual((await one.events(1)).map(valueIn), ["1"]);
  await server.kill();
  for (const one of [watch, late]) await rejects("Unavailable", one.end());
  await server.restart();
  const restarted = await watching(other, "/", revision + 2n);
  await store.put("/a", "2", null);
  assert.deepEqual((await restarted.events(1)).map(valueIn), ["2"]);
  await restarted.close();

  await denied(opened(t, { endpoints, username: "root", password: "wrong" }), revision);
  await denied(opened(t, { endpoints, username: "guest", password: "guest" }), revision);
  await denied(opened(t, { endpoints }), revision);
});

test("a password for an etcd that wants none does no harm", etcd, async (t) => {
  const server = await started(t);
  const warnings: string[] = [];
  const log = (_: string, message: string): unknown => warnings.push(message);
  const store = opened(t, { endpoints: server.endpoint, username: "u", password: "p", log });
  await store.put("/a", "1", null);
  assert.deepEqual(warnings, ["the password for etcd is sent without encryption"]);
  await server.enableAuth(PASSWORD);
  await rejects("Denied", store.put("/a", "2", null));
});

test("TLS with a client's certificate, and without", etcd, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "heddle-tls-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const tls = await makeCertificates(folder, "client");
  const server = await started(t, { tls });
  const own = { certFile: tls.client.cert, keyFile: tls.client.key };
  const bare = server.endpoint.slice("https://".length);
  for (const endpoints of [server.endpoint, bare, bare.replace("127.0.0.1", "localhost")]) {
    const store = opened(t, { endpoints, caFile: tls.ca, ...own });
    const { revision } = await store.put("/a", endpoints, null);
    const watch = await watching(store, "/", revision);
    assert.deepEqual((await watch.events(1)).map(valueIn), [endpoints]);
    await watch.close();
  }
  const refused = async (options: EtcdStoreOptions, why: RegExp): Promise<void> => {
    const store = opened(t, { timeoutMs: REFUSED_MS, endpoints: server.endpoint, ...options });
    await assert.rejects(store.get("/a"), {
      name: "StoreError",
      code: "Unavailable",
      message: why,
    });
  };
  const elsewhere = `https://127.1.2.3:${bare.split(":")[1]}`;
  await Promise.all([
    refused({ caFile: tls.otherCa, ...own }, /unable to verify|certificate signature failure/),
    refused({ ...own }, /unable to verify the first certificate|unable to get local issuer/),
    refused({ caFile: tls.ca }, /certificate required|bad certificate|closed|no answer/),
    refused({ caFile: join(folder, "none"), ...own }, /cannot read .*none: ENOENT/),
    refused({ caFile: tls.client.key, ...own }, /./),
    refused({ endpoints: `http://${bare}`, ...own }, /./),
    refused({ endpoints: elsewhere, ...own }, /ECONNREFUSED/),
  ]);
});

test("the authority alone is enough for https, and of no use for http", etcd, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "heddle-tls-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const tls = await makeCertificates(folder, "client");
  const secure = await started(t, { tls, takesAnyone: true });
  const store = opened(t, { endpoints: secure.endpoint, caFile: tls.ca });
  await store.put("/a", "1", null);
  const plain = await started(t);
  const warnings: string[] = [];
  const log = (_: string, message: string): unknown => warnings.push(message);
  const other = opened(t, { endpoints: plain.endpoint, caFile: tls.ca, log });
  await other.put("/a", "1", null);
  assert.deepEqual(warnings, ["connections to etcd are not encrypted in spite of certificates"]);
});

async function denied(store: Store, revision: bigint): Promise<void> {
  await rejects("Denied", store.get("/a"));
  await rejects("Denied", store.put("/a", "x", null));
  await rejects("Denied", (await watching(store, "/", revision)).end());
}
