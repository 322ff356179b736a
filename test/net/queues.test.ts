// Pumps of several threads: a queue of the device for each, or one for each direction.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { PumpStats } from "../../bindings/node/pump.ts";
import { need } from "../need.ts";
import { until } from "./agent/until.ts";
import type { DatagramEnd } from "./mixed.inside.ts";
import { badChecksums, type Load, MIXED, sendStreams } from "./mixed.ts";
import { type Host, Pair, vxlanTables } from "./pair.ts";

const options = { ...need("root", "tun", "ip", "ping"), timeout: 180_000 };
const LOAD: Load = { seconds: 10, bytes: 1 << 20, streams: 8 };
const QUEUES = { queues: 2, perDirection: false } as const;
const DIRECTIONS = { queues: 2, perDirection: true } as const;
// All of a tunnel's source ports are in use, so that no socket is passed over by mere chance.
const FLOWS = 40;
const SECONDS = 0.05;
const DEVICES = new URL("./device.inside.js", import.meta.url);

let pair: Pair;
let a: Host;
let b: Host;

before(async () => {
  if (options.skip !== false) return;
  pair = await Pair.open();
  ({ a, b } = pair);
});
after(() => pair?.close());

for (const words of [QUEUES, DIRECTIONS]) {
  const threads = words.perDirection ? 4 : 2;
  for (const backend of ["vxlan", "udp"] as const) {
    test(`${threads} threads, ${backend}: each stream arrives whole`, options, async () => {
      await (backend === "udp" ? pair.startUdp(words) : pair.startVxlan(vxlanTables, words));
      for (const [from, to] of pair.ways) await checkStreams(from, to);
      const { count, bad } = await sendOneWay(a, b);
      assert.ok(count > FLOWS && bad === 0, `${count} datagrams, ${bad} damaged`);
      const near = await a.call<PumpStats[]>("statsOfEach");
      const far = await b.call<PumpStats[]>("statsOfEach");
      assert.deepEqual([near.length, far.length], [threads, threads]);
      const readers = near.filter(({ deviceIn }) => deviceIn.packets > 0);
      assert.equal(readers.length, 2, "both queues are read");
      // All that a peer sends by UDP has one source port, and is one flow to the underlay.
      const receivers = far.filter(({ tunnelIn }) => tunnelIn.packets > 0);
      assert.equal(receivers.length, backend === "udp" ? 1 : 2, "threads that received");
      const hasOneWay = ({ deviceIn, tunnelIn }: PumpStats): boolean =>
        deviceIn.packets === 0 || tunnelIn.packets === 0;
      assert.equal(near.every(hasOneWay), words.perDirection);
      const [mine, theirs] = await pair.stop();
      assert.deepEqual([mine.errors, theirs.errors], [{}, {}]);
      assert.deepEqual(mine.tunnelOut, theirs.tunnelIn);
    });
  }
}

/** Every byte of several streams, and no packet whose checksum is wrong. */
async function checkStreams(from: Host, to: Host): Promise<void> {
  const before = await badChecksums(from, to);
  const streams = await sendStreams(from, to, to.overlay, LOAD);
  assert.equal(streams.length, LOAD.streams);
  for (const { sent, taken } of streams) {
    assert.equal(sent.bytes, LOAD.bytes);
    assert.deepEqual(taken, sent);
  }
  assert.equal(await badChecksums(from, to), before);
}

/**
 * Datagrams that nobody answers, of so many flows that each thread has some. The kernel sends what
 * belongs to a flow with answers by the queue that these came by.
 */
async function sendOneWay(from: Host, to: Host): Promise<DatagramEnd> {
  const port = await to.ns.call<number>(MIXED, "listenForDatagrams", to.overlay);
  const end = { address: to.overlay, port };
  const send = (): Promise<number> => from.ns.call(MIXED, "sendDatagrams", end, SECONDS);
  await Promise.all(Array.from({ length: FLOWS }, send));
  return to.ns.call(MIXED, "datagrams");
}

test("a change reaches every thread before it is said to be done", options, async () => {
  await pair.startVxlan(vxlanTables, DIRECTIONS);
  await a.ping(b.overlay, 1);
  const move = (address: string): Promise<unknown> =>
    a.apply({ table: "remotes", op: "set", record: { index: 0, address, flags: ["allowed"] } });
  await move("10.168.0.9");
  assert.deepEqual(await a.call("remotes"), ["10.168.0.9"]);
  const [sent, got] = [await a.call<PumpStats[]>("statsOfEach"), await b.stats()];
  assert.equal((await sendOneWay(a, b)).count, 0);
  const now = await a.call<PumpStats[]>("statsOfEach");
  const grew = now.filter(({ deviceIn }, i) => deviceIn.packets > (sent[i]?.deviceIn.packets ?? 0));
  assert.equal(grew.length, 2, "both queues gave something");
  assert.equal((await b.stats()).tunnelIn.packets, got.tunnelIn.packets);
  assert.equal((await sendOneWay(b, a)).count, 0);
  const each = await a.call<PumpStats[]>("statsOfEach");
  assert.equal(each.filter(({ drops }) => (drops.SourceDenied ?? 0) > 0).length, 2);
  await move(b.underlay);
  await checkStreams(a, b);
  await pair.stop();
});

test("a tap shows both directions, whichever thread they pass", options, async () => {
  await pair.startVxlan(vxlanTables, DIRECTIONS);
  const tapped = a.call<Record<string, number>>("tapOne");
  await until("a burst of each", async () => {
    await a.ping(b.overlay, 1);
    return Promise.race([tapped, undefined]);
  });
  const places = ["device in", "device out", "tunnel in", "tunnel out"];
  assert.deepEqual(Object.keys(await tapped).sort(), places);
  await pair.stop();
});

test("a thread that ends takes the others along, and says why", options, async () => {
  await pair.startVxlan(vxlanTables, QUEUES);
  await a.call("spoilSocket", 8472);
  assert.equal(await a.call("ended"), "poll: ENODEV: no socket");
  await assert.rejects(a.apply(), /the pump has ended/);
  await assert.rejects(a.ns.ip("link", "show", "flannel.1"));
  await b.close();
});

test("what was opened is closed, and no thread is left", options, async () => {
  await a.close().catch(() => {});
  const left = async (): Promise<unknown> => [await a.call("openFiles"), await a.call("threads")];
  const before = await left();
  await pair.startVxlan(vxlanTables, DIRECTIONS);
  assert.notDeepEqual(await left(), before);
  await pair.stop();
  assert.deepEqual(await left(), before);
});

test("a pump of several threads that cannot begin leaves nothing", options, async () => {
  const begin = {
    ...{ backend: "vxlan", device: { name: "flannel.1" }, local: a.underlay, port: 8472 },
    ...DIRECTIONS,
  };
  const before = [await a.call("openFiles"), await a.call("threads")];
  const learning = vxlanTables(a, b, ["learn"]);
  const [known] = vxlanTables(a, b).slice(-1);
  const forgotten = [{ ...known, record: { ...known?.record, flags: [] } }];
  const wrong = [{ table: "ports", op: "set", record: { index: 0 } }];
  for (const [words, error] of [
    [{ journal: learning }, /flags of ports: no learn: what one of several threads learns/],
    [{ journal: forgotten }, /flags of fdb: static or permanent: each of several threads/],
    [{ journal: wrong }, /kind/],
    [{ journal: [], queues: 17 }, /queues: a whole number from 1 to 16/],
    [{ journal: [], local: "192.0.2.1" }, /EADDRNOTAVAIL/],
  ] as const) {
    await assert.rejects(a.call("start", { ...begin, ...words }), error);
    assert.deepEqual([await a.call("openFiles"), await a.call("threads")], before);
  }
  await assert.rejects(a.ns.ip("link", "show", "flannel.1"));
  await pair.startVxlan(vxlanTables, DIRECTIONS);
  await assert.rejects(a.apply(...learning), { name: "HeddleError", code: "BadValue" });
  await pair.stop();
});

test("a device of several queues still has one reader alone", options, async () => {
  await a.ns.ip("tuntap", "add", "tap9", "mode", "tap", "multi_queue");
  await a.ns.ip("link", "set", "tap9", "up");
  const open = (queues: number): Promise<string> =>
    a.ns.call(DEVICES, "open", "tap", "tap9", { queues });
  await assert.rejects(open(1), { code: "EINVAL", message: /no TAP of one queue/ });
  await open(2);
  await assert.rejects(open(2), { code: "EBUSY" });
  await a.ns.call(DEVICES, "close", "tap9");
  await open(2);
  await a.ns.call(DEVICES, "close", "tap9");
  await a.ns.ip("link", "delete", "tap9");
});
