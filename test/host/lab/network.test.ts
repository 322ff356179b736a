import assert from "node:assert/strict";
import { test } from "node:test";
import { openCore } from "../../../bindings/core/index.ts";
import { Engine } from "../../../bindings/lab/engine.ts";
import { buildNetwork } from "../../../bindings/lab/network.ts";
import type { PingError } from "../../../bindings/lab/ping.ts";
import { planNetwork } from "../../../bindings/lab/plan.ts";
import type { Backend } from "../../../bindings/lab/report.ts";

async function build(backend: Backend) {
  const engine = new Engine({ core: await openCore({ memoryBytes: 16 << 20 }), seed: 9n });
  const plan = planNetwork(backend);
  const [one, two] = buildNetwork(engine, plan);
  return { engine, plan, one, two };
}

/** Who answers a request with each TTL: a router's complaint, the destination, or nobody. */
async function traceroute(backend: Backend, ttlMax: number): Promise<string[]> {
  const { engine, one, two } = await build(backend);
  const stops: string[] = [];
  for (let ttl = 1; ttl <= ttlMax; ttl++) {
    const ping = one.container.ping(two.container.ipv4, { ttl });
    engine.run();
    const answered = ping.rttsNs.length > 0 ? two.container.ipv4 : "*";
    stops.push(ping.errors[0]?.from ?? answered);
  }
  return stops;
}

test("traceroute sees two routers in a VXLAN", async () => {
  assert.deepEqual(await traceroute("vxlan", 3), ["10.1.15.1", "10.1.16.0", "10.1.16.3"]);
});

test("traceroute sees four in the UDP backend, of which one is silent", async () => {
  const stops = ["100.96.1.1", "100.96.1.0", "*", "100.96.2.0", "100.96.2.3"];
  assert.deepEqual(await traceroute("udp", 5), stops);
});

test("an unknown subnet is net unreachable: the host says so, or flanneld", async () => {
  const saying: Record<Backend, string> = { vxlan: "10.1.15.1", udp: "100.96.1.0" };
  for (const backend of ["vxlan", "udp"] as const) {
    const { engine, plan, one } = await build(backend);
    const ping = one.container.ping(plan.nobody);
    engine.run();
    const expected: PingError = { from: saying[backend], type: 3, code: 0, mtu: 0 };
    assert.deepEqual(ping.errors, [expected]);
  }
});

test("by flannel's own rule nobody hears of an unknown subnet by ping", async () => {
  const { engine, plan, one } = await build("udp");
  const { node, port } = one.host.tunnel;
  const record = node.ports.get(port);
  assert.ok(record);
  node.ports.set({ ...record, flags: [...record.flags, "flannelUnreachable"] });
  const ping = one.container.ping(plan.nobody);
  engine.run();
  assert.deepEqual(ping.errors, []);
  assert.deepEqual(node.counters(), { NoRoute: 1n, ErrorSuppressed: 1n });
});

test("a deleted FDB entry drops the packet at the tunnel, with the reason", async () => {
  const { engine, plan, one, two } = await build("vxlan");
  one.host.node.fdb.remove({ domain: 0, mac: plan.hosts[1].tunnel.mac });
  const ping = one.container.ping(two.container.ipv4);
  engine.run();
  assert.equal(ping.rttsNs.length, 0);
  assert.equal(one.host.tunnel.encapped, 0);
  assert.equal(one.host.node.counters().UnknownStation, 1n);
});

test("a peer that is not allowed is not heard", async () => {
  for (const backend of ["vxlan", "udp"] as const) {
    const { engine, one, two } = await build(backend);
    const { remotes } = two.host.tunnel.node;
    const remote = remotes.get(0);
    assert.ok(remote);
    remotes.set({ ...remote, flags: [] });
    const ping = one.container.ping(two.container.ipv4);
    engine.run();
    assert.equal(ping.rttsNs.length, 0);
    assert.equal(two.host.tunnel.node.counters().SourceDenied, 1n);
  }
});

test("a host answers pings to its own addresses", async () => {
  const { engine, plan, one } = await build("vxlan");
  for (const { address } of [plan.hosts[0].bridge, plan.hosts[1].bridge, plan.hosts[1].tunnel]) {
    const ping = one.container.ping(address);
    engine.run();
    assert.equal(ping.rttsNs.length, 1, address);
  }
});

test("a silent peer leaves its packets unresolved", async () => {
  const { engine, one, two } = await build("vxlan");
  two.host.eth0.in = () => {};
  const ping = one.container.ping(two.container.ipv4, { count: 5, intervalNs: 100_000 });
  engine.run();
  assert.equal(ping.rttsNs.length, 0);
  assert.equal(one.host.drops.get("Unresolved"), 5);
});
