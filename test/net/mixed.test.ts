import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { need } from "../need.ts";
import { type Load, MIXED, openTunnel, type Peer, type Report, sendMixed } from "./mixed.ts";
import { MTU, Pair, vxlanTables } from "./pair.ts";
import { record } from "./recording.ts";
import { BROKEN, countOf } from "./tshark.ts";

const options = { ...need("root", "tun", "ip", "ping", "ethtool", "tshark"), timeout: 180_000 };
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
