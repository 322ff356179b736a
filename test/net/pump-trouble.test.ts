import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { JournalEntry } from "../../bindings/core/index.ts";
import { need } from "../need.ts";
import { until } from "./agent/until.ts";
import { type Namespace, openNamespace } from "./namespace.ts";
import { type Host, MODULE, Pair, STOP_MS, vxlanTables } from "./pair.ts";

const options = { ...need("root", "tun", "ip", "ping"), timeout: 180_000 };
/** One that looks all the time takes all of a processor for so long. */
const IDLE_MS = 2000;

let pair: Pair;
let a: Host;
let b: Host;

before(async () => {
  if (options.skip !== false) return;
  pair = await Pair.open();
  ({ a, b } = pair);
});
after(() => pair?.close());

test("a full socket is waited for, but never for long", options, async () => {
  await pair.startVxlan(vxlanTables, { bufferBytes: 4096 });
  await a.ping(b.overlay, 3);
  // A packet in eight seconds: who waits for room waits for longer than any machine is busy.
  const slow = "qdisc add dev veth0 root tbf rate 1kbit burst 2k limit 20000";
  await a.ns.run("tc", ...slow.split(" "));
  const storm = a.flood(b.overlay, 2, "-s", "1000");
  await a.until("no room", ({ errors }) => (errors["sendmmsg EAGAIN"] ?? 0) > 0);
  const { ms, stats } = await a.close();
  await a.ns.run("tc", "qdisc", "delete", "dev", "veth0", "root");
  assert.ok(ms < STOP_MS, `took ${ms} ms to stop`);
  assert.ok(stats.tunnelOut.packets > 3);
  await storm;
  await b.close();
});

test("a packet that no slot can hold is refused and counted", options, async () => {
  await pair.startVxlan(vxlanTables, { hasOffload: false });
  for (const { ns } of [a, b]) await ns.ip("link", "set", "flannel.1", "mtu", "9000");
  assert.equal((await a.ping(b.overlay, 2, "-W", "1", "-s", "3000"))[1], 0);
  const { errors } = await a.until("two errors", (stats) => stats.errors["read EMSGSIZE"] === 2);
  assert.deepEqual(errors, { "read EMSGSIZE": 2 });
  assert.equal((await a.ping(b.overlay, 2))[1], 2);
  await sendDatagram(a.ns, b.underlay, 3000);
  const heard = await b.until("an error", (stats) => Object.keys(stats.errors).length > 0);
  assert.deepEqual(heard.errors, { "recvmmsg EMSGSIZE": 1 });
  await pair.stop();
});

test("with offloads there is room for it, and the core refuses it", options, async () => {
  await pair.startVxlan();
  for (const { ns } of [a, b]) await ns.ip("link", "set", "flannel.1", "mtu", "9000");
  assert.equal((await a.ping(b.overlay, 2, "-W", "1", "-s", "3000"))[1], 0);
  const { errors } = await a.until("two drops", ({ drops }) => drops.TooBig === 2);
  assert.deepEqual(errors, {});
  assert.equal((await a.ping(b.overlay, 2))[1], 2);
  await pair.stop();
});

test("what the underlay refuses is counted by name, and the pump goes on", options, async () => {
  await pair.startVxlan();
  await a.ns.ip("link", "set", "veth0", "down");
  await a.ping(b.overlay, 3, "-W", "1");
  await a.until("three errors", ({ errors }) => (errors["sendmmsg ENETUNREACH"] ?? 0) >= 3);
  await a.ns.ip("link", "set", "veth0", "up");
  await until("a way", async () => (await a.ping(b.overlay, 1, "-W", "1"))[1] === 1);
  assert.equal((await a.ping(b.overlay, 3))[1], 3);
  await a.ns.ip("link", "set", "flannel.1", "down");
  await b.ping(a.overlay, 3, "-W", "1");
  await a.until("three more", ({ errors }) => errors["write EIO"] === 3);
  await pair.stop();
});

test(
  "a pump with nothing to do does nothing, and one in a storm still stops",
  options,
  async () => {
    await pair.startVxlan();
    await a.ping(b.overlay, 3);
    const before = await a.call<number>("cpuMs");
    await sleep(IDLE_MS);
    assert.ok((await a.call<number>("cpuMs")) - before < IDLE_MS / 4);
    const storm = a.flood(b.overlay, 2, "-l", "50");
    const { packets } = (await a.stats()).deviceIn;
    await a.until("the storm", ({ deviceIn }) => deviceIn.packets > packets + 100);
    await pair.stop();
    await storm;
  },
);

test("a device that is taken away ends the pump, and says so", options, async () => {
  await pair.startVxlan();
  await a.ns.ip("link", "delete", "flannel.1");
  assert.equal(await a.call("ended"), "poll: ENODEV: the device is gone");
  await assert.rejects(a.call("apply", []), /the pump has ended/);
  const { stats } = await a.close();
  assert.deepEqual(stats.errors, {});
  await b.close();
});

test("a pump that cannot begin says why and leaves nothing", options, async () => {
  const files = await a.call<number>("openFiles");
  const start = (words: object): Promise<string> =>
    a.call("start", {
      backend: "vxlan",
      device: { name: "flannel.1" },
      local: a.underlay,
      port: 8472,
      journal: [],
      ...words,
    });
  const journal: JournalEntry[] = [
    { table: "fdb", op: "set", record: { domain: 0, mac: b.mac, port: 1, remote: 0 } },
  ];
  await assert.rejects(start({ journal }), { name: "HeddleError", code: "NotFound" });
  await assert.rejects(start({ caps: { fdb: -1 } }), { name: "HeddleError", code: "BadCapacity" });
  await assert.rejects(start({ memoryBytes: 65536 }), { name: "HeddleError", code: "NoMemory" });
  await assert.rejects(start({ mtu: 0 }), { name: "HeddleError", code: "BadValue" });
  await assert.rejects(start({ backend: "gre" }), { name: "HeddleError", code: "BadValue" });
  await assert.rejects(start({ local: "192.0.2.1" }), { name: "CallError", code: "EADDRNOTAVAIL" });
  await assert.rejects(a.ns.ip("link", "show", "flannel.1"));
  assert.equal(await a.call("openFiles"), files);
});

test("when a start has failed, all that it held is free", options, async () => {
  const begin = { backend: "vxlan", device: { name: "flannel.1" }, local: a.underlay, port: 8472 };
  await assert.rejects(a.call("start", { ...begin, journal: [], mtu: 0 })); // closes what runs
  const files = await a.call<number>("openFiles");
  const journal = [{ table: "ports", op: "set", record: { index: 0 } }];
  for (const [call, error] of [
    ["failToStart", "HeddleError"],
    ["failToClone", "DataCloneError"],
  ] as const) {
    const failed = await a.call(call, { ...begin, journal });
    assert.deepEqual(failed, { error, openFiles: files });
  }
});

test("a process that exits takes its pump along", options, async () => {
  const ns = await openNamespace("exit");
  const begin = { backend: "vxlan", device: { name: "tap0" }, local: "127.0.0.1", port: 8472 };
  await ns.call(MODULE, "start", { ...begin, journal: [] });
  const begunMs = performance.now();
  await ns.call(MODULE, "exit").catch(() => {});
  await assert.rejects(ns.call(MODULE, "stats"));
  await assert.rejects(ns.ip("link", "show", "tap0"));
  assert.ok(performance.now() - begunMs < 10_000);
  await ns.close();
});

/** Sends one datagram of zeros to the tunnel's port. */
async function sendDatagram(ns: Namespace, address: string, len: number): Promise<void> {
  const code = `
    const socket = require("node:dgram").createSocket("udp4");
    socket.send(Buffer.alloc(${len}), 8472, "${address}", () => socket.close());`;
  await ns.run(process.execPath, "-e", code);
}
