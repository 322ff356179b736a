import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { JournalEntry } from "../../bindings/core/index.ts";
import { TUNNEL_PORT } from "../../bindings/node/pump.ts";
import { need } from "../need.ts";
import { type Host, MTU, Pair, UDP_MTU, vxlanTables } from "./pair.ts";

const options = { ...need("root", "tun", "ip", "ping"), timeout: 180_000 };

let pair: Pair;
let a: Host;
let b: Host;

before(async () => {
  if (options.skip !== false) return;
  pair = await Pair.open();
  ({ a, b } = pair);
});
after(() => pair?.close());

test("pings cross a VXLAN of two pumps, and the pumps stop at once", options, async () => {
  await pair.startVxlan();
  const [, received] = await a.ping(b.overlay, 20);
  assert.equal(received, 20);
  const [, whole] = await b.ping(a.overlay, 20, "-M", "do", "-s", String(MTU - 28));
  assert.equal(whole, 20);
  const [first, second] = await pair.stop();
  for (const stats of [first, second]) {
    assert.deepEqual(stats.errors, {});
    assert.ok(stats.tunnelOut.packets >= 40);
  }
  assert.deepEqual(first.tunnelOut, second.tunnelIn);
  assert.deepEqual(first.tunnelIn, second.tunnelOut);
  assert.equal(first.deviceOut.packets, first.tunnelIn.packets);
  assert.equal(second.tunnelOut.bytes, second.deviceIn.bytes + 8 * second.tunnelOut.packets);
});

test("the journal changes what a running pump does", options, async () => {
  await pair.startVxlan();
  const station = { domain: 0, mac: b.mac };
  const place = { port: TUNNEL_PORT, remote: 0 };
  assert.equal((await a.ping(b.overlay, 2))[1], 2);
  const [removed] = await a.apply({ table: "fdb", op: "remove", record: station });
  assert.equal(removed?.code, "Ok");
  assert.equal((await a.ping(b.overlay, 2, "-W", "1"))[1], 0);
  await a.until("two drops", ({ drops }) => (drops.UnknownStation ?? 0) >= 2);
  await a.apply({ table: "fdb", op: "set", record: { ...station, ...place } });
  assert.equal((await a.ping(b.overlay, 2))[1], 2);
  const [missing] = await a.apply({
    table: "fdb",
    op: "set",
    record: { ...station, ...place, domain: 9 },
  });
  assert.equal(missing?.code, "NotFound");
  await pair.stop();
});

test("an ARP request is answered to the device that it came from", options, async () => {
  const neighbor = (peer: Host): JournalEntry => ({
    table: "neighbors",
    op: "set",
    record: { port: TUNNEL_PORT, address: peer.overlay, mac: peer.mac, state: "permanent" },
  });
  await pair.startVxlan((host, peer) => [...vxlanTables(host, peer, ["arpProxy"]), neighbor(peer)]);
  for (const [host, peer] of pair.ways) {
    await host.ns.ip("neigh", "delete", peer.overlay, "dev", "flannel.1");
  }
  assert.equal((await a.ping(b.overlay, 3))[1], 3);
  await a.until("one more than came", (stats) => {
    return stats.deviceOut.packets === stats.tunnelIn.packets + 1;
  });
  await pair.stop();
});

test("a broadcast goes to each remote of the flood list", options, async () => {
  await b.ns.ip("address", "add", "10.168.0.9/24", "dev", "veth0");
  const entry = (remote: number): JournalEntry => ({
    table: "flood",
    op: "set",
    record: { domain: 0, port: TUNNEL_PORT, remote },
  });
  const other = { index: 1, address: "10.168.0.9", udpPort: 8472 };
  await pair.startVxlan((host, peer) => [
    ...vxlanTables(host, peer, ["flood"]),
    { table: "remotes", op: "set", record: other },
    entry(0),
    entry(1),
  ]);
  await a.ns.ip("neigh", "delete", b.overlay, "dev", "flannel.1");
  await a.ns.run("ping", "-c1", "-W1", "-b", "10.5.0.255").catch(() => {});
  await a.until("two for each", ({ deviceIn, tunnelOut }) => {
    return deviceIn.packets >= 1 && tunnelOut.packets === 2 * deviceIn.packets;
  });
  await b.ns.ip("address", "delete", "10.168.0.9/24", "dev", "veth0");
  await pair.stop();
});

test(
  "flannel's UDP backend: packets cross, and who cannot be reached is told",
  options,
  async () => {
    await pair.startUdp();
    const [printed, received] = await a.ping(b.overlay, 20, "-M", "do", "-s", String(UDP_MTU - 28));
    assert.equal(received, 20);
    assert.match(printed, /ttl=62/); // each end takes one off
    assert.match((await a.ping("10.5.9.9", 1))[0], /From 10\.5\.9\.9 .*Net Unreachable/);
    for (const { errors } of await pair.stop()) assert.deepEqual(errors, {});
  },
);
