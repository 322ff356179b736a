// A store in a file, as its processes meet each other, the disk, and the clock.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, linkSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Clock } from "../../../bindings/agent/index.ts";
import { systemClock } from "../../../bindings/node/agent/clock.ts";
import { FileStore, type FileStoreOptions } from "../../../bindings/node/agent/store/file-store.ts";
import { LOCK_EX, LOCK_UN, libc } from "../../../bindings/node/libc.ts";
import { need } from "../../need.ts";
import { rejects } from "./store-cases.ts";
import { watching } from "./watching.ts";

const FULL = fileURLToPath(new URL("./file-full.js", import.meta.url));
const STORE = new URL("../../../bindings/node/agent/store/file-store.js", import.meta.url).href;
const NOBODY = 65534;
const run = promisify(execFile);

const folder = mkdtempSync(join(tmpdir(), "heddle-file-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
let files = 0;

function newPath(): string {
  files += 1;
  return join(folder, `store-${files}`);
}

async function opened(
  t: { after(end: () => Promise<void>): void },
  options: FileStoreOptions,
): Promise<FileStore> {
  const store = await FileStore.open(options);
  t.after(() => store.close());
  return store;
}

/** A process that opens the store as `store` and runs `code`. */
function script(path: string, code: string): string[] {
  const open = `const { FileStore } = await import("${STORE}");
    const store = await FileStore.open({ path: ${JSON.stringify(path)} });`;
  return ["--input-type=module", "-e", `${open}\n${code}\nawait store.close();`];
}

test("a file is made with its folder, for its owner alone", async (t) => {
  const path = join(folder, "deep", "er", "store");
  const store = await opened(t, { path });
  await store.put("/a", "1", null);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("a watch sees what another process writes", async (t) => {
  const path = newPath();
  const store = await opened(t, { path });
  const watch = await watching(store, "/", 1n);
  await run(process.execPath, script(path, `await store.put("/a", String(Date.now()), null);`));
  const [event] = await watch.events(1);
  assert.equal(event?.kind, "put");
  await watch.close();
});

test("a watch that is not told looks for itself", async (t) => {
  const path = newPath();
  const store = await opened(t, { path });
  await store.put("/a", "0", null);
  mkdirSync(join(folder, "elsewhere"));
  const link = join(folder, "elsewhere", "link");
  linkSync(path, link); // inotify tells of changes by the name through which they came
  const other = await opened(t, { path: link });
  const watch = await watching(store, "/", 3n);
  await other.put("/a", "1", null);
  await watch.events(1);
  await watch.close();
});

test("a watch goes on while the file begins anew under it", async (t) => {
  const path = newPath();
  const store = await opened(t, { path, growthLenMax: 500 });
  const other = await opened(t, { path, growthLenMax: 500 });
  const watch = await watching(other, "/", 1n);
  const files = new Set<number>();
  for (let at = 0; at < 50; at++) {
    await store.put(`/${at % 3}`, `${at}`, null);
    files.add(statSync(path).ino);
  }
  assert.ok(files.size > 1);
  const events = await watch.events(50);
  const values = events.map((event) => (event.kind === "put" ? event.entry.value : "-"));
  assert.deepEqual(
    values,
    Array.from({ length: 50 }, (_, at) => `${at}`),
  );
  await watch.close();
});

test("what is further back than the history is compacted", async (t) => {
  const store = await opened(t, { path: newPath(), historyMax: 10 });
  for (let at = 0; at < 30; at++) await store.put("/a", `${at}`, null);
  await rejects("Compacted", (await watching(store, "/", 2n)).end());
  const watch = await watching(store, "/", 25n);
  assert.equal((await watch.events(7)).length, 7);
  await watch.close();
});

test("a file that is deleted is a new store, and watches know", async (t) => {
  const path = newPath();
  const store = await opened(t, { path });
  const { revision } = await store.put("/a", "1", null);
  await store.put("/a", "2", null);
  const watch = await watching(store, "/", revision);
  await watch.events(2);
  rmSync(path);
  assert.equal((await store.get("/a")).entry, null);
  await rejects("Compacted", watch.end());
  await store.put("/a", "3", null);
  assert.equal((await (await opened(t, { path })).get("/a")).entry?.value, "3");
});

test("who holds the lock too long makes others wait, and then give up", async (t) => {
  const path = newPath();
  const store = await opened(t, { path, timeoutMs: 200 });
  const patient = await opened(t, { path, timeoutMs: 60_000 });
  await store.put("/a", "1", null);
  const fd = openSync(path, "r");
  assert.equal(libc.flock(fd, LOCK_EX), 0);
  await assert.rejects(store.get("/a"), { code: "Unavailable", message: /holds its lock/ });
  const waiting = patient.put("/a", "2", null);
  await sleep(50);
  libc.flock(fd, LOCK_UN);
  await waiting;
});

test("rights that are missing are named", need("root"), async () => {
  const path = newPath();
  await (await FileStore.open({ path })).close();
  chmodSync(folder, 0o755);
  const child = spawn(process.execPath, script(path, ""), { uid: NOBODY, gid: NOBODY });
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  await once(child, "close");
  assert.match(said, /code: 'Denied'/);
  assert.match(said, /EACCES/);
});

test("on a full disk writes fail, reads do not, and nothing is spoiled", need("root"), async () => {
  const { stdout } = await run("unshare", ["--mount", process.execPath, FULL, folder]);
  assert.equal(stdout, "as expected\n");
});

test("leases run out by the wall's time, wherever it jumps", async (t) => {
  let jumpMs = 0;
  const clock: Clock = { ...systemClock, wallMs: () => systemClock.wallMs() + jumpMs };
  const path = newPath();
  const store = await opened(t, { path, clock });
  const { id } = await store.grantLease(60);
  await store.put("/a", "1", id);
  jumpMs = -3_600_000;
  assert.ok(((await store.leaseTtl(id)) ?? 0) > 3600);
  const watch = await watching(store, "/", 1n);
  jumpMs = 61_000;
  const events = await watch.events(2);
  assert.equal(events[1]?.kind, "delete");
  assert.equal(await store.leaseTtl(id), null);
  await watch.close();
});

test("a store that was closed keeps no process, and leaves its content", async (t) => {
  const path = newPath();
  const code = `
    await store.put("/a", "1", null);
    for await (const _ of store.watch("/", 1n, new AbortController().signal)) break;
    setTimeout(() => process.exit(1), 10_000).unref();
  `;
  await run(process.execPath, script(path, code));
  assert.equal((await (await opened(t, { path })).get("/a")).entry?.value, "1");
});
