import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import type { PeerPlan } from "../../../bindings/agent/index.ts";
import { need } from "../../need.ts";
import { acquaint, type Kind, type OverlayNode, openNode, openPair } from "./nodes.ts";

const options = { ...need("root", "tun", "ip", "ping"), timeout: 180_000 };

const open: OverlayNode[] = [];
afterEach(async () => {
  for (const node of open.splice(0)) await node.close();
});

async function pair(kind: Kind): Promise<[OverlayNode, OverlayNode]> {
  const nodes = await openPair(kind);
  open.push(...nodes);
  return nodes;
}

test("containers reach each other by VXLAN, to the last byte of the MTU", options, async () => {
  const [a, b] = await pair("vxlan");
  const [printed, received] = await a.ping(b.containerAddress, 5);
  assert.equal(received, 5);
  assert.match(printed, /ttl=62/);
  assert.equal((await b.ping(a.containerAddress, 3, "-M", "do", "-s", "1422"))[1], 3);
  const [refused, none] = await b.ping(a.containerAddress, 2, "-M", "do", "-s", "1423");
  assert.equal(none, 0);
  assert.match(refused, /mtu.? ?=? ?1450/);
  assert.match(a.mac, /^.[26ae]:/);
  assert.notEqual(a.mac, b.mac);
  assert.match(await a.ns.ip("address", "show", "flannel.1"), /inet 10\.5\.1\.0\/32/);
});

test(
  "by UDP a packet arrives with TTL 60, and who has no subnet is told about",
  options,
  async () => {
    const [a, b] = await pair("udp");
    const [printed, received] = await a.ping(b.containerAddress, 5);
    assert.equal(received, 5);
    assert.match(printed, /ttl=60/);
    const [told] = await a.ping("10.5.77.2", 1);
    assert.match(told, /From 10\.5\.1\.0 .*Net Unreachable/);
    assert.match(await a.ns.run("ss", "-lun"), /10\.168\.0\.1:8285/);
  },
);

test("a device that was killed for is taken over with its MAC", options, async () => {
  const [a, b] = await pair("vxlan");
  const { mac } = a;
  process.kill(await a.call<number>("pid"), "SIGKILL");
  await assert.rejects(a.stats());
  assert.match(await a.ns.ip("link", "show", "flannel.1"), new RegExp(mac));
  assert.equal(await a.open(), "kept");
  assert.equal(a.mac, mac);
  await a.put(b.peerPlan);
  assert.equal((await a.ping(b.containerAddress, 3))[1], 3);
});

test("for another sort of pump the device is made anew, with its MAC", options, async () => {
  const [a, b] = await pair("vxlan");
  const { mac } = a;
  for (const words of [{ queues: 2, perDirection: true }, {}]) {
    await a.call("close");
    assert.equal(await a.open(words), "made");
    assert.equal(a.mac, mac);
    await a.put(b.peerPlan);
    await a.route(b);
    assert.equal((await a.ping(b.containerAddress, 3))[1], 3);
  }
});

test("a device that is deleted is made again: its MAC, its peers", options, async () => {
  for (const kind of ["vxlan", "udp"] as const) {
    const [a, b] = await pair(kind);
    const { mac } = a;
    await a.ns.ip("link", "delete", a.device);
    assert.equal(await a.ensure(), "made");
    assert.equal(await a.ensure(), "kept");
    await a.route(b);
    assert.equal((await a.ping(b.containerAddress, 3))[1], 3);
    if (kind === "vxlan") {
      assert.match(await a.ns.ip("link", "show", a.device), new RegExp(mac));
      assert.match((await a.call<string[]>("logged")).join("\n"), /the pump has stopped/);
    }
    for (const node of open.splice(0)) await node.close();
  }
});

test(
  "a device that another agent has, or another kind of device, is refused",
  options,
  async () => {
    const a = await openNode("vxlan", "a", 1);
    open.push(a);
    await a.ns.ip("address", "add", `${a.underlay}/24`, "dev", "lo");
    await a.open();
    await assert.rejects(a.open(), /EBUSY: another agent is running with flannel\.1/);
    await a.call("close");
    await a.ns.ip("link", "show", "flannel.1"); // it stays
    await a.ns.ip("link", "delete", "flannel.1");
    await a.ns.ip("link", "add", "flannel.1", "type", "bridge");
    await assert.rejects(a.open(), /EINVAL: flannel\.1 is there, and is no TAP/);
  },
);

test("tables follow the plans, whatever somebody did to them", options, async () => {
  const [a, b] = await pair("vxlan");
  const stranger = peer(7, "02:00:00:00:00:07");
  assert.deepEqual(await a.put(stranger, peer(8, "02:00:00:00:00:08")), []);
  assert.equal((await a.list("fdb")).length, 3);
  assert.equal((await a.list("remotes")).length, 3);
  const moved = { ...stranger, remote: "10.168.0.9", fdb: [fdb("02:00:00:00:00:09", 9)] };
  assert.deepEqual(await a.put(moved), []);
  const remotes = await a.list<{ address: string }>("remotes");
  assert.deepEqual(remotes.map(({ address }) => address).sort(), [
    "10.168.0.2",
    "10.168.0.8",
    "10.168.0.9",
  ]);
  const [rival] = await a.put(peer(9, "02:00:00:00:00:08"));
  assert.match(rival?.reason ?? "", /fdb 02:00:00:00:00:08 is 10\.5\.8\.0\/24's already/);
  assert.deepEqual(await a.reconcile(b.peerPlan), { restored: 0, removed: 6, failures: [] });
  assert.equal((await a.list("fdb")).length, 1);
  assert.equal((await a.list("routes")).length, 1);
  assert.equal((await a.list("hops")).length, 1);
  assert.deepEqual(await a.remove(b.peerPlan), []);
  assert.deepEqual(await a.list("remotes"), []);
  await acquaint(a, b);
  assert.equal((await a.ping(b.containerAddress, 2))[1], 2);
});

test(
  "a full table refuses a peer and keeps the others; thousands go in at once",
  options,
  async () => {
    const a = await openNode("vxlan", "a", 1);
    open.push(a);
    await a.ns.ip("address", "add", `${a.underlay}/24`, "dev", "lo");
    await a.open({ peersMax: 1000 });
    const plans = Array.from({ length: 1200 }, (_, i) => many(i));
    const failures = await a.put(...plans);
    assert.equal((await a.list("fdb")).length, 1000);
    assert.equal(failures.length, 200);
    assert.match(failures[0]?.reason ?? "", /the table is full/);
    assert.deepEqual(await a.put(many(0)), []);
  },
);

function fdb(mac: string, station: number): PeerPlan["fdb"][number] {
  return { dev: "flannel.1", mac, dst: `10.168.0.${station}` };
}

function peer(station: number, mac: string): PeerPlan {
  const none = { neighbors: [], tunnelRoutes: [], routes: [] };
  const remote = `10.168.0.${station}`;
  return { ...none, subnet: `10.5.${station}.0/24`, remote, fdb: [fdb(mac, station)] };
}

function many(i: number): PeerPlan {
  const [high, low] = [i >> 8, i & 255];
  const hex = (byte: number): string => byte.toString(16).padStart(2, "0");
  const mac = `02:00:00:01:${hex(high)}:${hex(low)}`;
  const remote = `10.168.${high + 1}.${low}`;
  const none = { neighbors: [], tunnelRoutes: [], routes: [] };
  return {
    ...none,
    subnet: `10.${16 + high}.${low}.0/24`,
    remote,
    fdb: [{ dev: "flannel.1", mac, dst: remote }],
  };
}
