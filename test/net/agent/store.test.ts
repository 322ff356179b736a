// One contract, and every store there is held to it.
import { test } from "node:test";
import { MemoryStore, type Store } from "../../../bindings/agent/index.ts";
import { systemClock } from "../../../bindings/node/agent/clock.ts";
import { EtcdStore } from "../../../bindings/node/agent/store/etcd-store.ts";
import { need } from "../../need.ts";
import { EtcdServer } from "./etcd.ts";
import { KEY_CASES, type StoreSubject } from "./store-cases.ts";
import { LEASE_CASES } from "./store-lease-cases.ts";
import { WATCH_CASES } from "./store-watch-cases.ts";

const CASES = [...KEY_CASES, ...LEASE_CASES, ...WATCH_CASES];

function holdTo(
  name: string,
  open: () => Promise<StoreSubject & { close(): Promise<void> }>,
  options = {},
): void {
  test(name, options, async (t) => {
    const subject = await open();
    t.after(() => subject.close());
    for (const [at, { name, run }] of CASES.entries()) {
      await t.test(name, async () => {
        const store = await subject.open();
        const other = await subject.open();
        try {
          await run({ store, other, prefix: `/case ${at}/`, subject });
        } finally {
          await store.close();
          await other.close();
        }
      });
    }
  });
}

holdTo("memory", async () => {
  const memory = new MemoryStore({ clock: systemClock });
  return {
    open: async (): Promise<Store> => memory.connect(),
    compact: (revision) => memory.compact(revision),
    close: () => memory.close(),
  };
});

holdTo(
  "etcd",
  async () => {
    const server = await EtcdServer.start();
    return {
      open: async (): Promise<Store> => EtcdStore.open({ endpoints: server.endpoint }),
      compact: (revision) => server.compact(revision),
      close: () => server.close(),
    };
  },
  need("etcd"),
);
