// The demo's hosts run the agent: over each store, with each backend and datapath.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { DemoReport } from "../../bindings/node/index.ts";
import { need } from "../need.ts";
import { demo, Run } from "./demo.ts";

const SHORT = ["--seconds", "0.5", "--rounds", "0", "--pings", "5"];

function expectGood({ failures, pings }: DemoReport): void {
  assert.deepEqual(failures, []);
  assert.deepEqual(
    pings.map(({ sent, received }) => [sent, received]),
    [
      [5, 5],
      [5, 5],
    ],
  );
}

test(
  "host-gw: no tunnel, the underlay's MTU, nothing moved by heddle",
  need("root", "ip"),
  async () => {
    const { left, report, status } = await demo("--backend", "host-gw", ...SHORT);
    expectGood(report);
    assert.equal(status, 0);
    assert.deepEqual([report.mtu, report.pings[0]?.ttlAtDestination], [1500, 62]);
    assert.deepEqual(
      report.hosts.map(({ encapped, tunnel }) => [encapped, tunnel]),
      [
        [0, "kernel"],
        [0, "kernel"],
      ],
    );
    assert.deepEqual(left, []);
  },
);

const withEtcd = need("root", "ip", "etcd");
test(
  "--store etcd --datapath kernel: leases in a real etcd, VXLAN by the kernel",
  withEtcd,
  async () => {
    const args = ["--store", "etcd", "--datapath", "kernel"];
    const { left, report, status } = await demo(...args, ...SHORT);
    expectGood(report);
    assert.equal(status, 0);
    assert.deepEqual([report.store, report.datapath, report.mtu], ["etcd", "kernel", 1450]);
    assert.deepEqual(left, []);
  },
);

test(
  "--store file:PATH keeps its leases, and the next demo finds them",
  need("root", "tun", "ip"),
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "heddle-demo-"));
    const path = join(folder, "leases");
    try {
      for (let round = 0; round < 2; round++) {
        const { report, status } = await demo("--store", `file:${path}`, ...SHORT);
        expectGood(report);
        assert.equal(status, 0);
        assert.ok(existsSync(path));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

test("the folder of a killed demo goes with the next", need("root", "tun", "ip"), async () => {
  const run = new Run(["demo", "--mode", "netns", "--seconds", "30", "--rounds", "0"]);
  await run.says(/^MTU/m);
  run.child.kill("SIGKILL");
  await run.outcome();
  const pid = run.child.pid ?? 0;
  const folders = (): string[] =>
    readdirSync(tmpdir()).filter((name) => name.startsWith(`heddle-${pid}-`));
  assert.equal(folders().length, 1);
  await demo(...SHORT);
  assert.deepEqual(folders(), []);
});
