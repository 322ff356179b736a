// What an agent makes of a device and of entries that were there before it.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import type { VxlanConfig } from "../../../bindings/agent/index.ts";
import { vxlan, vxlanLease } from "../../host/agent/leases.ts";
import { need } from "../../need.ts";
import * as at from "./site.ts";
import { until } from "./until.ts";

const { DEV, PEER, PEER_IP, PEER_MAC } = at;
const LEASE = vxlanLease(PEER, PEER_IP, PEER_MAC);
const FAR = vxlanLease("10.5.91.0/24", "203.0.113.7", "02:00:00:00:00:91");

const needs = need("root", "ip");
let site: at.Site;

before(async () => {
  if (needs.skip) return;
  site = await at.openSite("reuse");
  // The way to whoever is not on the link.
  await site.host.ip("route", "add", "default", "via", PEER_IP);
});
after(() => site?.close());
afterEach(async () => {
  if (!needs.skip) await site.call("stop");
});

const routes = async (): Promise<string[]> => {
  const list = await site.host.ip("route", "show", "table", "main", "root", "10.5.0.0/16");
  return list
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
};

async function begin(over: Partial<VxlanConfig>, leases = [LEASE]): Promise<Device> {
  await site.start({ config: vxlan(over), wish: at.WISH });
  await site.call("update", leases);
  return device();
}

interface Device {
  readonly index: unknown;
  readonly mac: unknown;
  readonly mtu: unknown;
  readonly data: Record<string, unknown>;
}

async function device(): Promise<Device> {
  const [link] = await site.show("-d", "link", "show", DEV);
  const { ifindex: index, address: mac, mtu, linkinfo } = link ?? {};
  return { index, mac, mtu, data: (linkinfo as { info_data: Device["data"] }).info_data };
}

test("MTU and Learning of a config that changed reach the device as it stands", needs, async () => {
  const first = await begin({});
  await site.call("stop");
  const second = await begin({ mtu: 1400, learning: true });
  assert.deepEqual([second.index, second.mac], [first.index, first.mac]);
  assert.deepEqual([second.mtu, second.data.learning], [1350, true]);
});

test("GBP and Port need a new device, which has the MAC and the peers", needs, async () => {
  const first = await device();
  const second = await begin({ gbp: true });
  assert.notEqual(second.index, first.index);
  assert.deepEqual([second.mac, second.data.gbp, second.mtu], [first.mac, true, 1450]);
  await site.call("stop");
  const third = await begin({ port: 4789 });
  assert.deepEqual([third.mac, third.data.gbp, third.data.port], [first.mac, undefined, 4789]);
  assert.equal((await site.fdb()).length, 1);
  assert.deepEqual(await routes(), [`${PEER} via 10.5.90.0 dev ${DEV} onlink`]);
  await site.call("stop");
  const fourth = await begin({});
  assert.deepEqual([fourth.mac, fourth.data.port], [first.mac, 8472]);
});

test("an underlay that has another address moves the device along", needs, async () => {
  const first = await device();
  await site.host.ip("address", "add", "192.168.64.77/24", "dev", "veth0");
  const wish = { ...at.WISH, interfaces: ["192.168.64.77"] };
  await site.start({ config: vxlan(), wish });
  await site.call("update", [LEASE]);
  const second = await device();
  assert.deepEqual([second.index, second.data.local], [first.index, "192.168.64.77"]);
});

test("a device of that name and of another kind gives way, but for its MAC", needs, async () => {
  const mac = "02:00:00:00:00:77";
  await site.host.ip("link", "del", DEV);
  await site.host.ip("link", "add", "name", DEV, "address", mac, "type", "bridge");
  const made = await begin({});
  assert.deepEqual([made.mac, made.data.id], [mac, 1]);
});

test("what has no lease goes at the first look, and what is not ours stays", needs, async () => {
  await begin({});
  await site.call("stop");
  const ours = [
    ["10.5.99.0/24", "via", "10.5.99.0", "dev", DEV, "onlink"],
    ["10.5.98.0/24", "via", PEER_IP, "dev", "veth0"], // a direct route
  ];
  const others = [
    ["10.5.60.0/24", "via", PEER_IP, "proto", "bird"],
    ["10.5.61.0/24", "via", PEER_IP, "metric", "100"],
    ["10.5.62.0/24", "dev", "veth0"],
    ["10.5.72.0/24", "via", PEER_IP],
    ["blackhole", "10.5.72.128/25"],
  ];
  for (const words of [...ours, ...others]) await site.host.ip("route", "add", ...words);
  await site.host.ip("address", "add", "10.5.71.0/32", "dev", DEV);
  await site.host.ip("address", "add", "192.0.2.1/32", "dev", DEV);
  const gone = ["lladdr", "02:00:00:00:00:99", "dev", DEV];
  await site.host.ip("neighbor", "add", "10.5.99.0", ...gone, "nud", "permanent");
  await site.host.run(
    "bridge",
    ..."fdb add 02:00:00:00:00:99 dst 1.2.3.4 self dev".split(" "),
    DEV,
  );
  const before = (await routes()).filter((line) => !/^10\.5\.9[89]/.test(line));
  await begin({});
  assert.deepEqual(await routes(), before);
  assert.equal(before.length, others.length + 1);
  assert.equal((await site.fdb()).length, 1);
  assert.equal((await site.show("neighbor", "show", "dev", DEV, "nud", "permanent")).length, 1);
  const [shown] = await site.show("-4", "address", "show", "dev", DEV);
  const held = ((shown?.addr_info ?? []) as { local: string }[]).map(({ local }) => local);
  assert.deepEqual(held, ["10.5.72.0", "192.0.2.1"]);
  for (const words of others) await site.host.ip("route", "del", ...words);
});

test("DirectRouting: plain routes on the link, a tunnel beyond it, and back", needs, async () => {
  await begin({}, [LEASE, FAR]);
  await site.call("stop");
  await begin({ directRouting: true }, [LEASE, FAR]);
  const far = `10.5.91.0/24 via 10.5.91.0 dev ${DEV} onlink`;
  assert.deepEqual(await routes(), [`${PEER} via ${PEER_IP} dev veth0`, far]);
  assert.deepEqual(
    (await site.fdb()).map(({ mac }) => mac),
    ["02:00:00:00:00:91"],
  );
  const neighbors = await site.show("neighbor", "show", "dev", DEV, "nud", "permanent");
  assert.deepEqual(
    neighbors.map(({ dst }) => dst),
    ["10.5.91.0"],
  );
  await site.call("stop");
  await begin({}, [LEASE, FAR]);
  assert.deepEqual(await routes(), [`${PEER} via 10.5.90.0 dev ${DEV} onlink`, far]);
  assert.equal((await site.fdb()).length, 2);
});

test("a peer that comes to the link is routed directly from the next look on", needs, async () => {
  await site.start({ config: vxlan({ directRouting: true }), wish: at.WISH, lookMs: 200 });
  await site.call("update", [FAR]);
  await site.host.ip("route", "add", "203.0.113.0/24", "dev", "veth0");
  const direct = "10.5.91.0/24 via 203.0.113.7 dev veth0";
  await until(direct, async () => (await routes()).includes(direct), at.SOON);
  await until("the FDB entry goes", async () => (await site.fdb()).length === 0, at.SOON);
  await site.host.ip("route", "del", "203.0.113.0/24", "dev", "veth0");
  const far = `10.5.91.0/24 via 10.5.91.0 dev ${DEV} onlink`;
  await until(far, async () => (await routes()).includes(far), at.SOON);
});

test(
  "a bridge that has the peer's subnet keeps it, and the others do not wait",
  needs,
  async () => {
    await site.host.ip("link", "add", "name", "docker0", "type", "bridge");
    await site.host.ip("address", "add", "10.5.90.1/24", "dev", "docker0");
    await site.host.ip("link", "set", "docker0", "up");
    await site.start({ config: vxlan(), wish: at.WISH });
    await site.call("tell", [LEASE, FAR]);
    const reason = "a route of protocol kernel on docker0 is there already";
    await site.peersAre([
      { subnet: PEER, state: "pending", reason },
      { subnet: "10.5.91.0/24", state: "programmed", reason: "" },
    ]);
    assert.equal((await site.fdb()).length, 1);
    await site.host.ip("link", "del", "docker0");
    await site.call("settle");
    assert.equal((await routes()).length, 2);
  },
);
