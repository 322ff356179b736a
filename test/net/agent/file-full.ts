// Fills the disk under a store: in a mount namespace of its own, with a small disk in memory.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FileStore } from "../../../bindings/node/agent/store/file-store.ts";
import { rejects } from "./store-cases.ts";
import { watching } from "./watching.ts";

/** Longer than it takes to fill the disk. */
const LEASE_S = 5;
const IDLE_MS = 1000;

const disk = join(process.argv[2] ?? "", "disk");
mkdirSync(disk);
execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]);

const store = await FileStore.open({ path: join(disk, "store"), growthLenMax: 20_000 });
const { id } = await store.grantLease(LEASE_S);
await store.put("/lease", "1", id);
await store.put("/a", "1", null);
const spare = await Promise.all(Array.from({ length: 100 }, () => store.grantLease(3600)));
const watch = await watching(store, "/", 2n);

fill();
await rejects("Unavailable", store.put("/a", "x".repeat(10_000), null));
// The last page has some room for what is short; then nothing is short enough.
let isFull = false;
for (const one of spare) {
  const outcome = await store.revokeLease(one.id).catch((error) => error.code);
  isFull = outcome === "Unavailable";
  if (isFull) break;
}
assert.ok(isFull);
await rejects("Unavailable", store.put("/a", "2", null));
await rejects("Unavailable", store.grantLease(60));
assert.equal((await store.get("/a")).entry?.value, "1");

// A lease that is over cannot be ended now: nothing spins, and its key stays for the time being.
await sleep(LEASE_S * 1000 + 200);
const cpu = process.cpuUsage();
await sleep(IDLE_MS);
assert.ok(process.cpuUsage(cpu).user < (IDLE_MS * 1000) / 4);
assert.equal((await store.list("/")).entries.length, 2);

rmSync(join(disk, "filler"));
await store.put("/b", "1", null);
assert.equal((await store.get("/lease")).entry, null);
const events = await watch.events(4);
assert.equal(events.filter(({ kind }) => kind === "delete").length, 1);
await watch.close();
await store.close();

const again = await FileStore.open({ path: join(disk, "store") });
assert.equal((await again.list("/")).entries.length, 2);
await again.close();
console.log("as expected");

function fill(): void {
  const page = Buffer.alloc(4096);
  try {
    for (;;) appendFileSync(join(disk, "filler"), page);
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
  }
}
