// Processes that write to one file, and die while they do. HEDDLE_LONG=1 kills many more.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { FileStore } from "../../../bindings/node/agent/store/file-store.ts";
import { drawSeed } from "../../../fuzz/seed.ts";

const WRITER = fileURLToPath(new URL("./file-writer.js", import.meta.url));
const KILLS = process.env.HEDDLE_LONG === "1" ? 300 : 8;
const WRITERS = 3;
/** A writer lives so long at most after it has begun. */
const LIFE_MS_MAX = 40;
/** Small, so that the file begins anew all the time. */
const GROWTH_LEN_MAX = 4000;

/** A writer, and what it has said. */
class Writer {
  readonly name: string;
  readonly child: ChildProcess;
  #said = "";

  constructor(path: string, name: string) {
    this.name = name;
    const args = [WRITER, path, name, String(GROWTH_LEN_MAX)];
    this.child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    this.child.stdout?.on("data", (text) => {
      this.#said += text;
    });
  }

  async opened(): Promise<void> {
    const closed = once(this.child, "close").then(() => assert.fail(`${this.name} has ended`));
    while (this.#said === "") await Promise.race([sleep(5), closed]);
  }

  async kill(): Promise<void> {
    const closed = once(this.child, "close");
    this.child.kill("SIGKILL");
    await closed;
  }

  /** The keys it said that of; a last word that was cut off does not count. */
  said(verb: string): string[] {
    const lines = this.#said.split("\n").slice(0, -1);
    return lines
      .filter((line) => line.startsWith(`${verb} `))
      .map((line) => line.slice(verb.length + 1));
  }
}

test(`${KILLS} writers of one file die by SIGKILL; nothing acknowledged is lost`, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "heddle-killed-"));
  const path = join(folder, "store");
  const seed = drawSeed();
  t.diagnostic(`HEDDLE_SEED=${seed}`);
  const dice = diceOf(seed);
  const alive: Writer[] = [];
  const all: Writer[] = [];
  t.after(async () => {
    for (const writer of alive) await writer.kill();
    rmSync(folder, { recursive: true });
  });
  const begin = async (): Promise<void> => {
    const writer = new Writer(path, `w${all.length}`);
    alive.push(writer);
    all.push(writer);
    await writer.opened();
  };
  await Promise.all(Array.from({ length: WRITERS }, begin));
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(dice() * LIFE_MS_MAX);
    const [victim] = alive.splice(Math.floor(dice() * alive.length), 1);
    await victim?.kill();
    await check(path, all);
    if (alive.length < WRITERS) await begin();
  }
});

// What was said before the look has to be seen by it.
async function check(path: string, writers: readonly Writer[]): Promise<void> {
  const puts = writers.flatMap((writer) => writer.said("put"));
  const losses = writers.flatMap((writer) => writer.said("lost"));
  const wins = writers.flatMap((writer) => {
    return writer.said("won").map((key) => ({ key, name: writer.name }));
  });
  const store = await FileStore.open({ path, timeoutMs: 60_000 });
  const { entries, revision } = await store.list("");
  await store.close();
  const values = new Map(entries.map(({ key, value }) => [key, value]));
  for (const key of [...puts, ...losses]) assert.ok(values.has(key), key);
  for (const { key, name } of wins) assert.equal(values.get(key), name, key);
  assert.equal(new Set(wins.map(({ key }) => key)).size, wins.length, "one wins each");
  const revisions = new Set(entries.map(({ modRevision }) => modRevision));
  assert.equal(revisions.size, entries.length);
  assert.equal(revision, BigInt(entries.length) + 1n);
}

function diceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes' generator
    return state / 2 ** 32;
  };
}
