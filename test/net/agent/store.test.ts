// One contract, and every store there is held to it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { MemoryStore, type Store } from "../../../bindings/agent/index.ts";
import { systemClock } from "../../../bindings/node/agent/clock.ts";
import { EtcdStore } from "../../../bindings/node/agent/store/etcd-store.ts";
import { FileStore } from "../../../bindings/node/agent/store/file-store.ts";
import { need } from "../../need.ts";
import { EtcdServer } from "./etcd.ts";
import { BIG_CASES, KEY_CASES, type StoreSubject } from "./store-cases.ts";
import { LEASE_CASES } from "./store-lease-cases.ts";
import { WATCH_CASES } from "./store-watch-cases.ts";

/** A call is to be carried out, however busy the machine is. */
const CALL = { timeoutMs: 60_000 };
const CASES = [...KEY_CASES, ...LEASE_CASES, ...WATCH_CASES, ...BIG_CASES];

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

holdTo("file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "heddle-store-"));
  const path = join(folder, "store");
  const open = (): Promise<Store> => FileStore.open({ path, ...CALL });
  return {
    open,
    compact: async (revision) => {
      const store = await FileStore.open({ path, ...CALL });
      await store.compact(revision);
      await store.close();
    },
    close: async () => rmSync(folder, { recursive: true }),
  };
});

holdTo(
  "etcd",
  async () => {
    const server = await EtcdServer.start();
    return {
      open: async (): Promise<Store> => EtcdStore.open({ endpoints: server.endpoint, ...CALL }),
      compact: (revision) => server.compact(revision),
      close: () => server.close(),
    };
  },
  need("etcd"),
);
