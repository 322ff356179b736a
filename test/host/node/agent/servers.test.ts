// The agent's two servers, alone: who may ask what, and what they do not take.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { Control, ControlError } from "../../../../bindings/node/agent/control.ts";
import { AskError, ask } from "../../../../bindings/node/agent/control-client.ts";
import { openHealth } from "../../../../bindings/node/agent/health.ts";
import { takeLock } from "../../../../bindings/node/agent/lock.ts";

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "heddle-control-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const ANSWERS = {
  "GET /status": async () => ({ revision: 7n, isFine: true }),
  "POST /stop": async () => undefined,
  "GET /trouble": async () => {
    throw new Error("the pump has ended");
  },
};

test("the socket is for its owner alone, answers as JSON, and leaves nothing", () =>
  inFolder(async (folder) => {
    const path = join(folder, "run", "agent.sock");
    const control = await Control.open(path, ANSWERS);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(join(folder, "run")).mode & 0o777, 0o700);
    assert.deepEqual(await ask(path, "/status"), { revision: "7", isFine: true });
    assert.equal(await ask(path, "/stop", "POST"), null);
    await assert.rejects(ask(path, "/stop"), /nothing at GET \/stop/);
    await assert.rejects(ask(path, "/trouble"), /the pump has ended/);
    control.close();
    assert.equal(existsSync(path), false);
    assert.equal(existsSync(`${path}.lock`), false);
    await assert.rejects(ask(path, "/status"), (error) => {
      assert.ok(error instanceof AskError);
      return error.isAlone;
    });
  }));

test("a second agent is refused as long as the first lives", () =>
  inFolder(async (folder) => {
    const path = join(folder, "agent.sock");
    const first = await Control.open(path, ANSWERS);
    await assert.rejects(Control.open(path, ANSWERS), /another agent runs/);
    assert.deepEqual(await ask(path, "/status"), { revision: "7", isFine: true });
    first.close();
    (await Control.open(path, ANSWERS)).close();
  }));

test("the socket of a killed agent is replaced", () =>
  inFolder(async (folder) => {
    const path = join(folder, "agent.sock");
    const module = new URL("../../../../bindings/node/agent/control.js", import.meta.url);
    const source = `const { Control } = await import(${JSON.stringify(module.href)});
      await Control.open(${JSON.stringify(path)}, {});
      console.log("open");`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    await assert.rejects(Control.open(path, ANSWERS), /another agent runs/);
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.ok(existsSync(path));
    const control = await Control.open(path, ANSWERS);
    assert.deepEqual(await ask(path, "/status"), { revision: "7", isFine: true });
    control.close();
  }));

test("a socket that cannot be says where, and what to do", () =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, "file"), "");
    await assert.rejects(Control.open(join(folder, "file", "agent.sock"), {}), (error) => {
      assert.ok(error instanceof ControlError);
      return /--socket names another place/.test(error.message);
    });
    await assert.rejects(Control.open(join(folder, "x".repeat(120)), {}), /at most 107 bytes/);
  }));

test("a lock on a file that was removed is a lock on nothing", () =>
  inFolder(async (folder) => {
    const path = join(folder, "lock");
    const first = takeLock(path);
    assert.ok(first);
    assert.equal(takeLock(path), null);
    first.release({ removes: true });
    const second = takeLock(path);
    assert.ok(second);
    assert.equal(takeLock(path), null);
    second.release();
    assert.ok(existsSync(path));
  }));

test("a question that is too long is refused", () =>
  inFolder(async (folder) => {
    const path = join(folder, "agent.sock");
    const control = await Control.open(path, ANSWERS);
    await assert.rejects(ask(path, `/${"x".repeat(5000)}`));
    assert.deepEqual(await ask(path, "/status"), { revision: "7", isFine: true });
    control.close();
  }));

test("healthz, readyz and metrics, and nothing else", async () => {
  let isReady = false;
  const metrics = async () => ({ text: "heddle_ready 0\n", type: "text/plain; version=0.0.4" });
  const health = await openHealth({ ip: "127.0.0.1", port: 0, isReady: () => isReady, metrics });
  const get = async (path: string): Promise<[number, string]> => {
    const response = await fetch(`http://127.0.0.1:${health.port}${path}`);
    return [response.status, await response.text()];
  };
  assert.deepEqual(await get("/healthz"), [200, "flanneld is running"]);
  assert.deepEqual(await get("/readyz"), [503, "flanneld is not ready yet"]);
  isReady = true;
  assert.deepEqual(await get("/readyz"), [200, "flanneld is ready"]);
  assert.deepEqual(await get("/metrics"), [200, "heddle_ready 0\n"]);
  assert.equal((await get("/"))[0], 404);
  assert.equal((await get("/healthz/"))[0], 404);
  health.close();
});

test("a port that is taken is said, and nothing crashes", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as { port: number };
  const metrics = async () => ({ text: "", type: "text/plain" });
  const opened = openHealth({ ip: "127.0.0.1", port, isReady: () => true, metrics });
  await assert.rejects(opened, new RegExp(`cannot listen at 127.0.0.1:${port}: EADDRINUSE`));
  taken.close();
});

// What a program with a socket of its own can send, and fetch cannot.
const FIRST_LINES = ["GET // HTTP/1.1", "GET http://[ HTTP/1.1", "GET //: HTTP/1.1"];

async function firstWordOf(line: string, connect: () => Socket): Promise<string> {
  const socket = connect();
  socket.end(`${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);
  const answer = await text(socket);
  return answer.slice(0, "HTTP/1.1 404".length);
}

test("a question that is no URL ends no server", () =>
  inFolder(async (folder) => {
    const path = join(folder, "agent.sock");
    const control = await Control.open(path, ANSWERS);
    const metrics = async () => ({ text: "", type: "text/plain" });
    const isReady = (): boolean => true;
    const health = await openHealth({ ip: "127.0.0.1", port: 0, isReady, metrics });
    try {
      for (const line of FIRST_LINES) {
        assert.equal(await firstWordOf(line, () => connect(path)), "HTTP/1.1 404", line);
        const word = await firstWordOf(line, () => connect(health.port, "127.0.0.1"));
        assert.equal(word, "HTTP/1.1 404", line);
      }
    } finally {
      health.close();
      control.close();
    }
  }));
