import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { notify } from "../../../../bindings/node/agent/notify.ts";
import { libc, must, SOCK_DGRAM, SOCK_NONBLOCK } from "../../../../bindings/node/libc.ts";

const AF_UNIX = 1;
const UNIT = new URL("../../../../../bindings/node/agent/heddle.service", import.meta.url);

/** A service manager's socket: `path` as bind takes it, what came as text. */
function withSocket(path: string, use: (receive: () => string) => void): void {
  const fd = must(libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0), "socket");
  try {
    const address = Buffer.concat([Buffer.from([AF_UNIX, 0]), Buffer.from(path)]);
    must(libc.bind(fd, address, address.length), "bind");
    use(() => {
      const bytes = Buffer.alloc(4096);
      const len = must(libc.recv(fd, bytes, bytes.length, 0), "recv");
      return bytes.toString("utf8", 0, len);
    });
  } finally {
    libc.close(fd);
  }
}

test("states go to the socket of a path, one datagram each", () => {
  const folder = mkdtempSync(join(tmpdir(), "heddle-notify-"));
  try {
    const path = join(folder, "notify");
    withSocket(`${path}\0`, (receive) => {
      assert.equal(notify({ ready: true, status: "joined 10.5.72.0/24" }, path), true);
      assert.equal(receive(), "READY=1\nSTATUS=joined 10.5.72.0/24");
      assert.equal(notify({ stopping: true }, path), true);
      assert.equal(receive(), "STOPPING=1");
      assert.throws(receive, { code: "EAGAIN" });
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a name behind an @ is of the abstract kind", () => {
  const name = `heddle-notify-${process.pid}`;
  withSocket(`\0${name}`, (receive) => {
    notify({ ready: true }, `@${name}`);
    assert.equal(receive(), "READY=1");
  });
});

test("a line break in the status begins no assignment of its own", () => {
  const name = `heddle-notify-line-${process.pid}`;
  withSocket(`\0${name}`, (receive) => {
    notify({ status: "one\nREADY=1" }, `@${name}`);
    assert.equal(receive(), "STATUS=one READY=1");
  });
});

test("without a service manager nothing is sent; a socket that is none is an error by name", () => {
  assert.equal(notify({ ready: true }, ""), false);
  const nobody = `@heddle-notify-nobody-${process.pid}`;
  assert.throws(() => notify({ ready: true }, nobody), { code: "ECONNREFUSED" });
  assert.throws(() => notify({ ready: true }, "vsock:2:1"), { name: "TypeError" });
  assert.throws(() => notify({ ready: true }, `/${"x".repeat(108)}`), { name: "TypeError" });
});

test("the unit waits for READY=1, starts what ended again, and is one that systemd reads", () => {
  const unit = readFileSync(UNIT, "utf8");
  for (const line of ["Type=notify", "TimeoutStartSec=infinity", "Restart=always"]) {
    assert.ok(unit.split("\n").includes(line), line);
  }
  const { error, stderr } = spawnSync("systemd-analyze", ["verify", fileURLToPath(UNIT)]);
  if (error === undefined) assert.equal(stderr.toString(), "");
});
