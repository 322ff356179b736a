import assert from "node:assert/strict";
import { test } from "node:test";
import type { PeerPlan } from "../../../../bindings/agent/index.ts";
import {
  applyJournal,
  type HeddleNode,
  type JournalEntry,
  type JournalResult,
  openCore,
} from "../../../../bindings/core/index.ts";
import { capsFor, portEntries } from "../../../../bindings/node/agent/wasm-ports.ts";
import { type Journal, WasmTunnel } from "../../../../bindings/node/agent/wasm-tunnel.ts";

const POLICY = { isStrict: true, hasHorizon: true, clampsMss: false };
const DEVICE = {
  name: "flannel.1",
  kind: "vxlan",
  mtu: 1450,
  network: "10.5.0.0/16",
  underlay: "eth0",
  local: "10.168.0.1",
  port: 0,
  vni: 1,
  routes: [],
} as const;

/** The tables of a real core, without a pump in front of them. */
class Bench implements Journal {
  readonly node: HeddleNode;
  calls = 0;
  /** How many calls more before the pump is gone. */
  life = Number.POSITIVE_INFINITY;

  constructor(node: HeddleNode) {
    this.node = node;
  }

  static async open(peersMax = 64): Promise<Bench> {
    const core = await openCore({ memoryBytes: 8 << 20 });
    const node = core.openNode({ ...capsFor(peersMax, false), seed: 1n, slots: 0 });
    const bench = new Bench(node);
    const mac = "02:00:00:00:00:01";
    await bench.apply(portEntries(DEVICE, "10.5.1.0", mac, POLICY));
    return bench;
  }

  async apply(entries: readonly JournalEntry[]): Promise<JournalResult[]> {
    this.calls += 1;
    if (this.calls > this.life) throw new Error("the pump has ended");
    return applyJournal(this.node, entries, 0);
  }

  async *list(table: keyof Tables): AsyncGenerator<never> {
    yield* this.node[table] as Iterable<never>;
  }

  /** Who is where: MACs and subnets by the address of their remote. */
  get places(): Record<string, string> {
    const { node } = this;
    const address = (index: number | null): string => node.remotes.get(index ?? -1)?.address ?? "?";
    return Object.fromEntries([
      ...[...node.fdb].map(({ mac, remote }) => [mac, address(remote)]),
      ...[...node.routes].map(({ prefix, hop }) => [
        prefix,
        address(node.hops.get(hop)?.remote ?? null),
      ]),
    ]);
  }

  get remotes(): string[] {
    return [...this.node.remotes].map(({ address }) => address).sort();
  }
}

type Tables = Pick<
  HeddleNode,
  "ports" | "domains" | "remotes" | "fdb" | "flood" | "hops" | "routes" | "neighbors" | "rules"
>;

/** A peer of VXLAN: its number names its subnet, remote and MAC unless said. */
function peer(number: number, words: { remote?: number; mac?: number } = {}): PeerPlan {
  const { remote: end = number, mac: station = number } = words;
  const remote = `10.168.0.${end}`;
  const mac = `02:00:00:00:00:${station.toString(16).padStart(2, "0")}`;
  const none = { neighbors: [], tunnelRoutes: [], routes: [] };
  return { ...none, subnet: `10.5.${number}.0/24`, remote, fdb: [{ dev: "", mac, dst: remote }] };
}

async function open(peersMax?: number): Promise<{ bench: Bench; tunnel: WasmTunnel }> {
  const bench = await Bench.open(peersMax);
  const tunnel = new WasmTunnel();
  assert.deepEqual(await tunnel.attach(bench), []);
  return { bench, tunnel };
}

const PLACES: Record<string, string> = {
  "02:00:00:00:00:02": "10.168.0.2",
  "02:00:00:00:00:03": "10.168.0.3",
  "10.5.2.0/24": "10.168.0.2",
  "10.5.3.0/24": "10.168.0.3",
};

test("peers are put, again, moved and taken away", async () => {
  const { bench, tunnel } = await open();
  assert.deepEqual(await tunnel.put([peer(2), peer(3)]), []);
  assert.deepEqual(bench.places, PLACES);
  const { calls } = bench;
  assert.deepEqual(await tunnel.put([peer(2), peer(3)]), []);
  assert.equal(bench.calls, calls); // nothing was different
  assert.deepEqual(await tunnel.put([peer(3, { remote: 4, mac: 5 })]), []);
  assert.deepEqual(bench.remotes, ["10.168.0.2", "10.168.0.4"]);
  assert.equal(bench.places["02:00:00:00:00:05"], "10.168.0.4");
  assert.equal(bench.places["02:00:00:00:00:03"], undefined);
  assert.deepEqual(await tunnel.remove([peer(2), peer(3), peer(9)]), []);
  assert.deepEqual([bench.places, bench.remotes], [{}, []]);
  assert.equal([...bench.node.hops].length, 0);
});

test("a remote is shared, and goes with the last peer that has it", async () => {
  const { bench, tunnel } = await open();
  await tunnel.put([peer(2), peer(3, { remote: 2 }), peer(4, { remote: 2 })]);
  assert.deepEqual(bench.remotes, ["10.168.0.2"]);
  await tunnel.remove([peer(2)]);
  await tunnel.put([peer(3)]);
  assert.deepEqual(bench.remotes, ["10.168.0.2", "10.168.0.3"]);
  await tunnel.remove([peer(4)]);
  assert.deepEqual(bench.remotes, ["10.168.0.3"]);
});

test("what another peer has stays with it, unless it gives it up in the same turn", async () => {
  const { bench, tunnel } = await open();
  await tunnel.put([peer(2)]);
  const [refused] = await tunnel.put([peer(3, { mac: 2 }), peer(4)]);
  assert.deepEqual(refused, {
    subnet: "10.5.3.0/24",
    reason: "fdb 02:00:00:00:00:02 is 10.5.2.0/24's already",
  });
  assert.equal(bench.places["02:00:00:00:00:02"], "10.168.0.2");
  assert.equal(bench.places["02:00:00:00:00:04"], "10.168.0.4");
  assert.deepEqual(await tunnel.put([peer(3, { mac: 2 }), peer(2, { mac: 8 })]), []);
  assert.equal(bench.places["02:00:00:00:00:02"], "10.168.0.3");
  assert.equal(bench.places["02:00:00:00:00:08"], "10.168.0.2");
  const twice = await tunnel.put([peer(5, { mac: 9 }), peer(6, { mac: 9 })]);
  assert.deepEqual(
    twice.map(({ subnet }) => subnet),
    ["10.5.6.0/24"],
  );
});

test("a plan that cannot be is refused alone, and never by its peers' loss", async () => {
  const { bench, tunnel } = await open();
  await tunnel.put([peer(2), peer(3)]);
  const bad = { ...peer(3), fdb: [{ dev: "", mac: "zz", dst: "10.168.0.3" }] };
  const elsewhere = { ...peer(2), fdb: [{ dev: "", mac: "02:00:00:00:00:02", dst: "10.168.0.9" }] };
  const { failures, removed } = await tunnel.reconcile([bad, elsewhere]);
  assert.deepEqual(
    failures.map(({ subnet }) => subnet),
    ["10.5.3.0/24", "10.5.2.0/24"],
  );
  assert.equal(removed, 0);
  assert.deepEqual(bench.places, PLACES);
});

test("a look at the tables mends whatever somebody did to them", async () => {
  const { bench, tunnel } = await open();
  const { node } = bench;
  const plans = [peer(2), peer(3)];
  await tunnel.put(plans);
  assert.deepEqual(await tunnel.reconcile(plans), { restored: 0, removed: 0, failures: [] });
  node.fdb.remove({ domain: 0, mac: "02:00:00:00:00:02" });
  node.routes.remove({ prefix: "10.5.3.0/24" });
  const stranger = node.remotes.set({ address: "10.168.0.66", flags: ["allowed"] });
  const place = { domain: 0, mac: "02:00:00:00:00:66", port: 1, remote: stranger };
  node.fdb.set({ ...place, flags: ["permanent"] }, 0);
  const index = node.remotes.find("10.168.0.3") ?? -1;
  node.remotes.set({ index, address: "10.168.0.3" }); // no longer allowed
  const { restored, removed } = await tunnel.reconcile(plans);
  assert.deepEqual([restored, removed], [3, 2]);
  assert.deepEqual(bench.places, PLACES);
  assert.deepEqual(node.remotes.get(index)?.flags, ["allowed"]);
});

test("tables of an agent that is gone are taken over as they are", async () => {
  const { bench, tunnel } = await open();
  await tunnel.put([peer(2), peer(3), peer(4)]);
  const heir = new WasmTunnel();
  await heir.attach(bench);
  const { restored, removed } = await heir.reconcile([peer(2), peer(3)]);
  assert.deepEqual([restored, removed], [0, 3]);
  assert.deepEqual(bench.places, PLACES);
});

test("a full table refuses who comes too late, until somebody leaves", async () => {
  const { bench, tunnel } = await open(2);
  const [late] = await tunnel.put([peer(2), peer(3), peer(4)]);
  assert.deepEqual(late, { subnet: "10.5.4.0/24", reason: "remotes: the table is full" });
  assert.deepEqual(bench.places, PLACES);
  await tunnel.remove([peer(2)]);
  assert.deepEqual(await tunnel.put([peer(4)]), []);
  assert.deepEqual(bench.remotes, ["10.168.0.3", "10.168.0.4"]);
});

test("when the pump is gone every peer is told why, and the next pump has them all", async () => {
  const { bench, tunnel } = await open();
  await tunnel.put([peer(2)]);
  bench.life = bench.calls + 1;
  const failures = await tunnel.put([peer(3)]);
  assert.deepEqual(failures, [{ subnet: "10.5.3.0/24", reason: "the pump has ended" }]);
  const next = await Bench.open();
  assert.deepEqual(await tunnel.attach(next), []);
  assert.deepEqual(next.places, PLACES);
});

test("a peer on the link is heard, and gets nothing by the tunnel", async () => {
  const { bench, tunnel } = await open();
  const direct = { ...peer(2), fdb: [] };
  await tunnel.put([direct]);
  assert.deepEqual([bench.places, bench.remotes], [{}, ["10.168.0.2"]]);
  await tunnel.put([peer(2)]);
  assert.equal(bench.places["10.5.2.0/24"], "10.168.0.2");
  await tunnel.put([direct]);
  assert.deepEqual([bench.places, bench.remotes], [{}, ["10.168.0.2"]]);
});

test("of the UDP backend, routes alone", async () => {
  const { bench, tunnel } = await open();
  const { subnet, remote } = peer(2);
  await tunnel.put([{ ...peer(2), fdb: [], tunnelRoutes: [{ dst: subnet, remote }] }]);
  assert.deepEqual(bench.places, { "10.5.2.0/24": "10.168.0.2" });
});
