import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { need } from "../need.ts";
import { demo, heddle, Run } from "./demo.ts";

const rights = need("root", "tun", "ip");
const SHORT = ["--seconds", "1", "--rounds", "0"];

test("two hosts of heddle: pings, a stream, the MTU, and nothing left behind", rights, async () => {
  const { report, status, stderr, left } = await demo(...SHORT);
  assert.deepEqual(report.failures, []);
  assert.equal(stderr, "");
  assert.equal(status, 0);
  assert.equal(report.mode, "netns");
  assert.deepEqual(
    report.pings.map(({ from, to, sent, received }) => [from, to, sent, received]),
    [
      ["c1", "c2", 20, 20],
      ["c2", "c1", 20, 20],
    ],
  );
  assert.equal(report.mtu, 1450);
  assert.deepEqual(report.mtuProbe.fits, { len: 1450, isAnswered: true });
  assert.deepEqual(report.mtuProbe.tooLong, { len: 1451, isAnswered: false, saidMtu: 1450 });
  assert.ok(report.stream.bytes > 1e6);
  assert.ok(report.stream.seconds > 0.9);
  for (const host of report.hosts) {
    assert.deepEqual(host.drops, {}, `${host.name} dropped packets`);
    assert.deepEqual(host.errors, {}, `${host.name} lost packets`);
    assert.ok(host.encapped > 40 && host.decapped > 40);
    assert.ok((host.rssBytes ?? 0) > 10e6);
  }
  assert.deepEqual(left, []);
});

test("the text tells the same, beside kernel VXLAN and plain veth", rights, async () => {
  const { status, stdout, stderr, left } = await heddle([
    "demo",
    "--seconds",
    "1",
    "--rounds",
    "1",
  ]);
  assert.equal(stderr, "");
  assert.equal(status, 0);
  assert.match(stdout, /20 of 20 answered/);
  assert.match(stdout, /1450 bytes with DF pass, 1451 are refused with mtu 1450/);
  assert.match(stdout, /TCP c1 -> c2: 1\.\d s, [\d.]+ Gbit\/s/);
  for (const path of ["heddle", "kernel VXLAN", "plain veth"]) {
    assert.match(stdout, new RegExp(`^ {2}${path} +median [\\d.]+ Gbit/s`, "m"));
  }
  assert.match(stdout, /host1: \d+ packets encapsulated, \d+ decapsulated, 0 dropped, \d+ MiB RSS/);
  assert.deepEqual(left, []);
});

test("several demos at once do not disturb each other", rights, async () => {
  const runs = [demo("--pings", "50", ...SHORT), demo("--pings", "50", ...SHORT)];
  for (const { report, left } of await Promise.all(runs)) {
    assert.deepEqual(report.failures, []);
    assert.deepEqual(left, []);
  }
});

for (const [name, status] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  test(`${name} in the middle of the stream removes all`, rights, async () => {
    const run = new Run(["demo", "--mode", "netns", "--seconds", "30", "--rounds", "0"]);
    await run.says(/^MTU/m);
    run.child.kill(name);
    const outcome = await run.outcome();
    assert.equal(outcome.status, status);
    assert.match(outcome.stderr, new RegExp(`stopped by ${name}`));
    assert.deepEqual(outcome.left, []);
  });
}

test("a signal while the network is being built removes all", rights, async () => {
  const run = new Run(["demo", "--mode", "netns"]);
  await run.until(() => run.namespaces().length >= 2);
  run.child.kill("SIGTERM");
  const outcome = await run.outcome();
  assert.equal(outcome.status, 143);
  assert.deepEqual(outcome.left, []);
});

for (const [presses, count] of [
  ["twice", 2],
  ["until it ends", 1000],
] as const) {
  test(`Ctrl-C ${presses}, while programs build and remove`, rights, async () => {
    const run = new Run(["demo", "--mode", "netns"], { through: ["setsid"] });
    await run.until(() => run.namespaces().length >= 2);
    for (let press = 0; press < count && run.isRunning; press++) {
      process.kill(-(run.child.pid ?? 0), "SIGINT"); // a terminal's go to the whole group
      await sleep(20);
    }
    const outcome = await run.outcome();
    assert.equal(outcome.status, 130);
    assert.equal(outcome.stderr, "heddle demo: stopped by SIGINT\n");
    assert.deepEqual(outcome.left, []);
  });
}

test("what a killed demo leaves, the next one removes", rights, async () => {
  const run = new Run(["demo", "--mode", "netns", "--seconds", "30", "--rounds", "0"]);
  await run.says(/^MTU/m);
  run.child.kill("SIGKILL");
  await run.outcome();
  assert.deepEqual(await run.processesAfter(), [], "its processes end by themselves");
  const stale = run.namespaces();
  assert.equal(stale.length, 4);
  const next = await heddle(["demo", "--mode", "netns", ...SHORT]);
  assert.equal(next.status, 0);
  for (const name of stale) assert.ok(next.stdout.includes(name));
  assert.deepEqual(run.namespaces(), []);
});

test("processes that a killed demo leaves in its namespaces go with them", rights, async () => {
  const run = new Run(["demo", "--mode", "netns", "--seconds", "30", "--rounds", "0"]);
  await run.says(/^MTU/m);
  const [namespace = ""] = run.namespaces();
  const stranger = spawn("ip", ["netns", "exec", namespace, "sleep", "60"]);
  run.child.kill("SIGKILL");
  await run.outcome();
  await heddle(["demo", "--mode", "netns", ...SHORT]);
  if (stranger.signalCode === null) await once(stranger, "exit");
  assert.equal(stranger.signalCode, "SIGKILL");
  assert.deepEqual(run.namespaces(), []);
});

test("a host that dies in the middle is named, and the rest is removed", rights, async () => {
  const run = new Run(["demo", "--mode", "netns", "--seconds", "30", "--rounds", "0"]);
  await run.says(/^MTU/m);
  const host = run.namespaces().find((name) => name.endsWith("host1")) ?? "";
  const pids = spawnSync("ip", ["netns", "pids", host], { encoding: "utf8" }).stdout;
  for (const pid of pids.split("\n").filter(Boolean)) killIfThere(Number(pid));
  const outcome = await run.outcome();
  assert.equal(outcome.status, 1);
  assert.match(outcome.stderr, /host1: ended \(SIGKILL\)/);
  assert.deepEqual(outcome.left, []);
});

/** Some run for a moment only, as `ip` does, and are gone by now. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

test("a capture that cannot be written is an error, and nothing is left", rights, async () => {
  const { status, stderr, left } = await heddle(["demo", "--pcap", "/nowhere/x.pcapng", ...SHORT]);
  assert.equal(status, 1);
  assert.match(stderr, /ENOENT.*\/nowhere\/x\.pcapng/);
  assert.deepEqual(left, []);
});

test("a disk that fills up under a capture is an error in one line", rights, async () => {
  const script = 'mount -t tmpfs -o size=64k none /mnt && exec "$@"';
  const through = ["unshare", "--mount", "sh", "-c", script, "sh"];
  const args = ["demo", "--pcap", "/mnt/x.pcapng", ...SHORT];
  const { status, stderr, left } = await heddle(args, { through });
  assert.equal(status, 1);
  assert.match(stderr, /^heddle demo: capture: ENOSPC.*\n$/);
  assert.deepEqual(left, []);
});
