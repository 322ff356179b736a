// An etcd and a client of it for the time of one test.
import type { TestContext } from "node:test";
import type { StoreEvent } from "../../../bindings/agent/index.ts";
import { EtcdStore, type EtcdStoreOptions } from "../../../bindings/node/agent/store/etcd-store.ts";
import { EtcdServer, type EtcdServerOptions } from "./etcd.ts";

export async function started(t: TestContext, options?: EtcdServerOptions): Promise<EtcdServer> {
  const server = await EtcdServer.start(options);
  t.after(() => server.close());
  return server;
}

/** Of a call that is to be carried out: the machine may be busy with much else. */
const CALL_MS = 30_000;

export function opened(t: TestContext, options: EtcdStoreOptions): EtcdStore {
  const store = EtcdStore.open({ timeoutMs: CALL_MS, ...options });
  t.after(() => store.close());
  return store;
}

export function valueIn(event: StoreEvent): string {
  return event.kind === "put" ? event.entry.value : "-";
}
