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

export function opened(t: TestContext, options: EtcdStoreOptions): EtcdStore {
  const store = EtcdStore.open(options);
  t.after(() => store.close());
  return store;
}

export function valueIn(event: StoreEvent): string {
  return event.kind === "put" ? event.entry.value : "-";
}
