// Two networks that people learn flannel from, with their very configs, on a real etcd.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { need } from "../../need.ts";
import { type AgentHost, openHost } from "./host.ts";
import { PREFIX, Wire } from "./wire.ts";

const MANAGERS = new URL("./managers.inside.js", import.meta.url);
const SIXTEEN = { Network: "10.5.0.0/16", Backend: { Type: "vxlan" } };
const TWENTY = {
  Network: "10.2.0.0/16",
  SubnetLen: 24,
  SubnetMin: "10.2.1.0",
  SubnetMax: "10.2.20.0",
  Backend: { Type: "vxlan" },
};

const needs = need("root", "tun", "ip", "ping", "etcd", "iptables");
const opened: { close(): Promise<void> }[] = [];
after(async () => {
  for (const one of opened.reverse()) await one.close();
});

async function openWire(label: string, config: object): Promise<Wire> {
  const wire = await Wire.open(label);
  opened.push(wire);
  await wire.startEtcd(config);
  return wire;
}

async function join(wire: Wire, label: string, station: number): Promise<AgentHost> {
  const host = await openHost(wire, label, station);
  opened.push(host);
  return host;
}

test("10.5.0.0/16: two hosts, within the lowest hundred subnets", needs, async () => {
  const wire = await openWire("s28", SIXTEEN);
  const hosts = [await join(wire, "node01", 108), await join(wire, "node02", 109)];
  for (const host of hosts) host.start(`--iface=${host.address}`);
  const subnets: string[] = [];
  for (const host of hosts) {
    await host.ready();
    const subnet = await host.subnet();
    const third = Number(subnet.split(".")[2]);
    assert.ok(third >= 1 && third <= 101, subnet); // of a hundred, and one may be gone
    assert.match(subnet, /^10\.5\.\d+\.0\/24$/);
    assert.equal(host.env("FLANNEL_SUBNET"), subnet.replace(".0/", ".1/"));
    assert.equal(host.env("FLANNEL_MTU"), "1450");
    subnets.push(subnet);
  }
  const keys = (await wire.leases()).map(({ key }) => key);
  assert.deepEqual(keys.sort(), subnets.map((subnet) => wire.keyOf(subnet)).sort());
});

test("10.2.0.0/16: twenty subnets, a route between two, and no twenty-first", needs, async () => {
  const wire = await openWire("s3", TWENTY);
  // As flannel's documentation reserves subnets: keys that have no lease of etcd's.
  for (const [subnet, ip] of [
    ["10.2.20.0/24", "192.168.11.81"],
    ["10.2.12.0/24", "192.168.11.82"],
  ] as const) {
    await wire.put(wire.keyOf(subnet), `{"PublicIP":"${ip}","PublicIPv6":null}`);
  }
  const host1 = await join(wire, "host1", 81);
  const host2 = await join(wire, "host2", 82);
  host1.start("--iface=eth0");
  host2.start("--iface=eth0");
  for (const host of [host1, host2]) await host.ready();
  assert.deepEqual([await host1.subnet(), await host2.subnet()], ["10.2.20.0/24", "10.2.12.0/24"]);
  assert.ok((await wire.leases()).every(({ leaseId }) => leaseId === "0")); // still reserved
  await traced(host1, host2);
  await filled(wire);
  const late = await join(wire, "host21", 91);
  late.start("--iface=eth0");
  assert.equal((await late.ended()).code, 1);
  assert.match(late.log, /out of subnets/i);
  assert.match(late.log, /10\.2\.1\.0.*10\.2\.20\.0/);
});

/** Each router on the way says so: the bridge, the other host's device, the container. */
async function traced(host1: AgentHost, host2: AgentHost): Promise<void> {
  const bbox1 = await host1.addContainer();
  const bbox2 = await host2.addContainer();
  const hops: string[] = [];
  for (const ttl of ["1", "2", "3"]) {
    const words = ["-n", "-c", "1", "-W", "20", "-t", ttl, bbox2.address];
    const printed = await bbox1.ns.run("ping", ...words).catch(({ stdout }) => String(stdout));
    hops.push(/[Ff]rom ([\d.]+)/.exec(printed)?.[1] ?? printed);
  }
  assert.deepEqual(hops, ["10.2.20.1", "10.2.12.0", "10.2.12.2"]);
}

/** The other eighteen, all at once. */
async function filled(wire: Wire): Promise<void> {
  const crowd = { endpoint: wire.endpoint, prefix: PREFIX, count: 18 };
  await wire.ns.call(MANAGERS, "acquireMany", crowd);
  const keys = (await wire.leases()).map(({ key }) => key);
  const wanted = Array.from({ length: 20 }, (_, at) => wire.keyOf(`10.2.${at + 1}.0/24`));
  assert.deepEqual(keys.sort(), wanted.sort());
}
