// How a node comes by a subnet: by its public address, by its file, by the dice.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Lease } from "../../../bindings/agent/index.ts";
import { attrsOf, Ground, keyOf, NEVER, nameOf } from "./managed.ts";

/** Three subnets: 10.5.0.16/28, .32 and .48. */
const TINY = { Network: "10.5.0.0/26", SubnetLen: 28 };

async function isOutOfSubnets(acquired: Promise<unknown>): Promise<void> {
  await assert.rejects(acquired, { name: "HeddleError", code: "OutOfSubnets" });
}

test("a first node gets a key, a value and a lease of 24 hours, to the byte", async () => {
  const ground = await Ground.open();
  const lease = await ground.acquire(1);
  const entry = await ground.entry(nameOf(lease));
  assert.equal(
    entry?.value,
    '{"PublicIP":"192.168.0.1","PublicIPv6":null,"BackendType":"vxlan",' +
      '"BackendData":{"VNI":1,"VtepMAC":"02:00:00:00:00:01"}}',
  );
  assert.equal(await ground.store.leaseTtl(lease.leaseId ?? ""), 86_400);
  assert.equal(lease.modRevision, entry?.modRevision);
  assert.equal(lease.key, keyOf(nameOf(lease)));
});

test("a lease with our public address is ours, whatever else it says", async () => {
  const ground = await Ground.open();
  const old = { ...attrsOf(1), backendType: "host-gw", backendData: undefined };
  await ground.put("10.5.9.0-24", attrsOf(2));
  const { id } = await ground.store.grantLease(50);
  await ground.put("10.5.7.0-24", old, id);
  const lease = await ground.acquire(1);
  assert.equal(lease.subnet, "10.5.7.0/24");
  assert.notEqual(lease.leaseId, id);
  assert.deepEqual(lease.attrs, attrsOf(1));
  assert.match((await ground.entry("10.5.7.0-24"))?.value ?? "", /"BackendType":"vxlan"/);
});

test("of several leases of ours: the one of subnet.env, else the first by its key", async () => {
  for (const [previous, subnet] of [
    [null, "10.5.3.0/24"],
    ["10.5.8.1/24", "10.5.8.0/24"],
    ["10.5.77.1/24", "10.5.3.0/24"],
  ] as const) {
    const ground = await Ground.open();
    const { id } = await ground.store.grantLease(50);
    for (const name of ["10.5.8.0-24", "10.5.3.0-24"]) await ground.put(name, attrsOf(1), id);
    assert.equal((await ground.acquire(1, previous)).subnet, subnet);
  }
});

test("a lease of ours that the config does not want goes, and its range is free", async () => {
  const ground = await Ground.open(TINY);
  await ground.put("10.5.0.16-28", attrsOf(2));
  await ground.put("10.5.0.32-28", attrsOf(3));
  const { id } = await ground.store.grantLease(50);
  await ground.put("10.5.0.48-29", attrsOf(1), id);
  assert.equal((await ground.acquire(1)).subnet, "10.5.0.48/28");
  assert.equal(await ground.entry("10.5.0.48-29"), null);
});

test("a lease of ours that somebody writes meanwhile is not deleted unseen", async () => {
  const ground = await Ground.open(TINY);
  const { id } = await ground.store.grantLease(50);
  await ground.put("10.5.0.48-29", attrsOf(1), id);
  let isFirst = true;
  const store = ground.meddled(async (call, act) => {
    if (call === "remove" && isFirst) {
      isFirst = false;
      await ground.put("10.5.0.48-29", attrsOf(4), null);
    }
    return act();
  });
  const lease = await ground.acquire(1, null, ground.manager({ store }));
  assert.ok(["10.5.0.16/28", "10.5.0.32/28"].includes(lease.subnet));
  assert.match((await ground.entry("10.5.0.48-29"))?.value ?? "", /192\.168\.0\.4/);
});

test("a lease with an IPv6 part is none of a network without IPv6", async () => {
  const ground = await Ground.open();
  const { id } = await ground.store.grantLease(50);
  await ground.put("10.5.3.0-24&fd00::-56", attrsOf(1), id);
  await ground.put("10.5.4.0-24&fd00:1::-56", attrsOf(2));
  const lease = await ground.acquire(1, "10.5.3.1/24");
  assert.deepEqual([lease.subnet, lease.ipv6Subnet], ["10.5.3.0/24", null]);
  assert.equal(await ground.entry("10.5.3.0-24&fd00::-56"), null);
  assert.notEqual((await ground.acquire(3, "10.5.4.0/24")).subnet, "10.5.4.0/24");
});

test("the previous subnet is had again while nobody has any of it", async () => {
  const cases: readonly (readonly [previous: string, others: string[], isHad: boolean])[] = [
    ["10.5.7.1/24", [], true],
    ["10.5.7.1/24", ["10.5.8.0-24"], true],
    ["10.5.7.1/24", ["10.5.7.0-24"], false],
    ["10.5.7.1/24", ["10.5.6.0-23"], false],
    ["10.5.7.1/24", ["10.5.7.128-25"], false],
    ["10.5.7.1/24", ["10.5.7.0-24&fd00::-56"], false],
    ["10.5.7.1/25", [], false],
    ["10.9.7.1/24", [], false],
    ["10.5.0.1/24", [], false],
    ["nonsense", [], false],
  ];
  for (const [previous, others, isHad] of cases) {
    const ground = await Ground.open();
    for (const [at, name] of others.entries()) await ground.put(name, attrsOf(10 + at));
    const manager = ground.manager({ dice: () => 0 }); // draws another one, not this by chance
    const { subnet } = await ground.acquire(1, previous, manager);
    assert.equal(subnet === "10.5.7.0/24", isHad, `${previous} beside ${others}: ${subnet}`);
  }
});

test("what is written in the store blocks its range, readable or not", async () => {
  const ground = await Ground.open(TINY);
  await ground.put("10.5.0.0-27", attrsOf(2));
  await ground.put("10.5.0.32-28", "no JSON");
  assert.equal((await ground.acquire(1)).subnet, "10.5.0.48/28");
  await isOutOfSubnets(ground.acquire(2));
});

test("keys that name no subnet, and keys beside the folder, block nothing", async () => {
  const ground = await Ground.open(TINY);
  for (const name of ["10.5.0.16", "10.5.0.999-28", "x", ""]) await ground.put(name, attrsOf(9));
  const sibling = "/coreos.com/network/subnets-old/10.5.0.32-28";
  await ground.store.put(sibling, "{}", null);
  const had: Lease[] = [];
  for (const node of [1, 2, 3]) had.push(await ground.acquire(node));
  const subnets = had.map(({ subnet }) => subnet).sort();
  assert.deepEqual(subnets, ["10.5.0.16/28", "10.5.0.32/28", "10.5.0.48/28"]);
  await isOutOfSubnets(ground.acquire(4));
});

test("twenty hosts get a subnet each; the next is refused, and told why", async () => {
  const config = { Network: "10.2.0.0/16", SubnetMin: "10.2.1.0", SubnetMax: "10.2.20.0" };
  const ground = await Ground.open(config);
  const subnets = new Set<string>();
  for (let node = 1; node <= 20; node++) subnets.add((await ground.acquire(node)).subnet);
  const all = Array.from({ length: 20 }, (_, at) => `10.2.${at + 1}.0/24`);
  assert.deepEqual([...subnets].sort(), all.sort());
  await assert.rejects(ground.acquire(21), /OutOfSubnets: .*from subnetMin to subnetMax/);
});

test("a reservation is used, says what we say, and stays a reservation", async () => {
  const ground = await Ground.open();
  await ground.put("10.5.20.0-24", '{"PublicIP":"192.168.0.1"}');
  const lease = await ground.acquire(1);
  const first = await ground.entry("10.5.20.0-24");
  assert.deepEqual([lease.subnet, lease.leaseId], ["10.5.20.0/24", null]);
  assert.deepEqual([first?.leaseId, first?.modRevision], [null, lease.modRevision]);
  assert.match(first?.value ?? "", /"VtepMAC":"02:00:00:00:00:01"/);
  const again = await ground.acquire(1);
  assert.equal(again.modRevision, lease.modRevision, "what says it already is not written");
});

test("a reservation of ours that cannot be used is left to who made it", async () => {
  const ground = await Ground.open(TINY);
  await ground.put("10.5.0.16-29", attrsOf(1));
  const { subnet } = await ground.acquire(1);
  assert.ok(["10.5.0.32/28", "10.5.0.48/28"].includes(subnet), subnet);
  assert.equal((await ground.entry("10.5.0.16-29"))?.leaseId, null);
  assert.equal(ground.heard("a reservation for current IP cannot be used").length, 1);
});

test("a network without IPv4, and one of two families, are refused with the reason", async () => {
  const six = { EnableIPv6: true, IPv6Network: "fd00::/48" };
  const only = await Ground.open({ ...six, EnableIPv4: false });
  await assert.rejects(only.acquire(1), /EnableIPv4: true/);
  const both = await Ground.open({ ...six, Network: "10.5.0.0/16" });
  await assert.rejects(both.acquire(1), /EnableIPv6: false/);
});

test("nobody is known by 0.0.0.0", async () => {
  const ground = await Ground.open();
  const acquired = ground.manager().acquire(attrsOf(0), null, NEVER);
  const none = { ...attrsOf(0), publicIp: "0.0.0.0" };
  await assert.rejects(ground.manager().acquire(none, null, NEVER), { code: "BadAddress" });
  await ground.clock.settle(acquired);
});
