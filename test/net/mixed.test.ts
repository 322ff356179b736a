import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { need } from "../need.ts";
import {
  badChecksums,
  type Load,
  MIXED,
  openTunnel,
  type Peer,
  type Report,
  sendMixed,
  sendStreams,
} from "./mixed.ts";
import type { Lack } from "./older-kernel.ts";
import { type Host, MTU, Pair, vxlanTables } from "./pair.ts";
import { record } from "./recording.ts";
import { BROKEN, countOf } from "./tshark.ts";

const options = { ...need("root", "tun", "ip", "ping", "ethtool", "tshark"), timeout: 180_000 };
const ipv6 = { ...need("root", "tun", "ip", "ethtool", "ipv6"), timeout: 180_000 };
const SHORT: Load = { seconds: 0.2, bytes: 1 << 20, streams: 1 };
const LOAD: Load = { seconds: 1, bytes: 2 << 20, streams: 4 };
const UNDERLAY_LEN = 14 + 50 + MTU; // of the longest frame on the underlay

let pair: Pair;
let folder: string;

before(async () => {
  if (options.skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), "heddle-mixed-"));
  pair = await Pair.open();
});
after(async () => {
  await pair?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

for (const peer of ["heddle", "kernel"] as const) {
  test(
    `TCP, UDP and ping at once, to ${peer} and back: every byte as it was`,
    options,
    async () => {
      await openTunnel(pair, peer);
      const { a, b } = pair;
      for (const [from, to] of [
        [a, b],
        [b, a],
      ] as const) {
        const file = join(folder, `${peer}-${from.underlay}.pcapng`);
        const stop = await record(b.ns, "veth0", file);
        const report = await sendMixed(from, to, LOAD);
        await stop();
        check(report);
        assert.ok((await countOf(file, "vxlan && tcp")) > 100);
        assert.equal(await countOf(file, BROKEN), 0);
        assert.equal(await countOf(file, `frame.len > ${UNDERLAY_LEN}`), 0);
      }
      await close(peer);
    },
  );
}

test("to a pump without offloads and back: every byte as it was", options, async () => {
  const { a } = pair;
  await pair.startVxlan(vxlanTables, (host) => ({ hasOffload: host === a }));
  for (const [from, to] of pair.ways) check(await sendMixed(from, to, LOAD));
  const [mine, theirs] = await pair.stop();
  // The same datagrams, but one end takes many of them for one packet.
  assert.ok(mine.deviceIn.packets < mine.tunnelOut.packets);
  assert.equal(theirs.deviceIn.packets, theirs.tunnelOut.packets);
  assert.deepEqual([mine.errors, theirs.errors], [{}, {}]);
});

const CHECKSUMS = "unfinished checksums of the device";
const TCP = "TCP super-packets of the device";
const LACKS: readonly (readonly [of: Record<"a" | "b", Lack>, said: readonly string[][]])[] = [
  [{ a: "checksum", b: "segment" }, [[CHECKSUMS, TCP], ["UDP_SEGMENT"]]],
  [{ a: "tcp", b: "gro" }, [[TCP], ["UDP_GRO"]]],
];

for (const [lacks, said] of LACKS) {
  test(
    `where one kernel lacks ${lacks.a} and the other ${lacks.b}: said, and every byte as it was`,
    options,
    async (t) => {
      const { a, b } = pair;
      t.after(() => Promise.all([a.call("lack"), b.call("lack")]));
      await a.call("lack", lacks.a);
      await b.call("lack", lacks.b);
      await pair.startVxlan();
      assert.deepEqual([await a.call("missing"), await b.call("missing")], said);
      check(await sendMixed(a, b, SHORT));
      const before = await datagramsOf(b);
      const report = await sendMixed(b, a, SHORT);
      const calls = (await datagramsOf(b)) - before - report.datagramsSent;
      check(report);
      const [mine, theirs] = await pair.stop();
      assert.equal(mine.deviceIn.packets, mine.tunnelOut.packets, "no super-packets came");
      const isAlone = calls > theirs.tunnelOut.packets / 2;
      assert.equal(isAlone, lacks.b === "segment", `${calls} calls sent what left`);
      assert.ok(theirs.deviceIn.packets < theirs.tunnelOut.packets, "super-packets came");
      assert.deepEqual([mine.errors, theirs.errors], [{}, {}]);
    },
  );
}

test("IPv6 passes with offloads: what the core cannot cut the kernel does", ipv6, async (t) => {
  const setIpv6 = (isOff: number): Promise<unknown> =>
    Promise.all(pair.ways.map(([{ ns }]) => ns.sysctl("net.ipv6.conf.all.disable_ipv6", isOff)));
  t.after(() => setIpv6(1));
  await setIpv6(0);
  await pair.startVxlan();
  for (const [host, peer] of pair.ways) {
    await host.ns.ip("address", "add", `${ipv6Of(host)}/64`, "dev", "flannel.1", "nodad");
    const neighbor = [ipv6Of(peer), "lladdr", peer.mac, "dev", "flannel.1"];
    await host.ns.ip("neighbor", "add", ...neighbor);
  }
  assert.deepEqual(await pair.a.call("missing"), []);
  const bad = await badChecksums(pair.a, pair.b);
  for (const [from, to] of pair.ways) {
    for (const { sent, taken } of await sendStreams(from, to, ipv6Of(to), SHORT)) {
      assert.equal(sent.bytes, SHORT.bytes);
      assert.deepEqual(taken, sent);
    }
  }
  assert.equal(await badChecksums(pair.a, pair.b), bad);
  for (const { errors, deviceIn, tunnelOut } of await pair.stop()) {
    assert.deepEqual(errors, {});
    assert.ok(deviceIn.packets >= tunnelOut.packets);
  }
});

function ipv6Of({ overlay }: Host): string {
  return `fd00::${overlay.split(".").at(-1)}`;
}

test("where the underlay is too narrow for a datagram, each leaves alone", options, async () => {
  const { a, b } = pair;
  for (const { ns } of [a, b]) await ns.ip("link", "set", "veth0", "mtu", "1400");
  await pair.startVxlan();
  check(await sendMixed(a, b, LOAD));
  const cut = (await a.ns.call<Record<string, number>>(MIXED, "counters")).IpFragCreates ?? 0;
  const [{ errors, tunnelOut, deviceIn }] = await pair.stop();
  assert.deepEqual(errors, {});
  assert.ok(tunnelOut.packets > deviceIn.packets, "super-packets came");
  assert.ok(cut > LOAD.bytes / MTU, "and each of their datagrams was cut");
});

/** How often UDP of a host has sent something: datagrams that leave by one call are one. */
async function datagramsOf({ ns }: Host): Promise<number> {
  return (await ns.call<Record<string, number>>(MIXED, "counters")).UdpOutDatagrams ?? 0;
}

function check({ streams, datagrams, datagramsSent, pings, badChecksums }: Report): void {
  for (const { sent, taken } of streams) {
    assert.ok(sent.bytes > 0);
    assert.deepEqual(taken, sent);
  }
  assert.equal(datagrams.bad, 0);
  assert.equal(datagrams.late, 0);
  assert.ok(datagrams.count > 0 && datagrams.count <= datagramsSent);
  assert.ok(pings[1] > 0);
  assert.equal(badChecksums, 0);
}

async function close(peer: Peer): Promise<void> {
  await pair.a.close();
  if (peer === "heddle") await pair.b.close();
  else await pair.b.ns.ip("link", "delete", "flannel.1");
}
