// Somebody deletes or changes, behind the agents' backs, what they have made.
import assert from "node:assert/strict";
import type { Fault } from "./faults.ts";
import type { AgentHost } from "./host.ts";
import { GATEWAY } from "./wire.ts";
import type { World } from "./world.ts";

const DEVICE = "flannel.1";

export const deviceFaults: readonly Fault[] = [
  { name: "a route, a neighbor, a rule are deleted", run: eachHost(entriesDeleted) },
  { name: "the device is deleted", run: eachHost(deviceDeleted) },
  { name: "the device gets another MAC", run: eachHost(deviceRenamed) },
  { name: "the underlay's address changes", run: addressChanged },
];

function eachHost(run: (world: World, host: AgentHost, peer: AgentHost) => Promise<void>) {
  return async (world: World): Promise<void> => {
    await run(world, world.wasm, world.kernel);
    await run(world, world.kernel, world.wasm);
  };
}

/** The ways to the peer, as the kernel holds them. */
async function entriesOf(host: AgentHost): Promise<unknown[]> {
  const routes = await host.show("route", "show", "dev", DEVICE);
  const neighbors = await host.show("neighbor", "show", "dev", DEVICE, "nud", "permanent");
  return [
    ...routes.map(({ dst, gateway, flags }) => ({ dst, gateway, flags })),
    ...neighbors.map(({ dst, lladdr }) => ({ dst, lladdr })),
  ];
}

async function rulesOf(host: AgentHost): Promise<string[]> {
  const saved = await host.ns.run("iptables-save");
  return saved.split("\n").filter((line) => line.startsWith("-A"));
}

/** Waits until the host holds again what it held, and the containers hear each other. */
async function heals(world: World, host: AgentHost, held: unknown): Promise<void> {
  const now = async (): Promise<unknown> => [await entriesOf(host), await rulesOf(host)];
  await host.until("all is there again", async () => {
    assert.deepEqual(await now(), held);
    return true;
  });
  await world.hear();
}

async function entriesDeleted(world: World, host: AgentHost, peer: AgentHost): Promise<void> {
  const held = [await entriesOf(host), await rulesOf(host)];
  const subnet = await peer.subnet();
  const base = subnet.slice(0, subnet.indexOf("/"));
  await host.ns.ip("route", "del", subnet);
  await host.ns.ip("neighbor", "del", base, "dev", DEVICE);
  await host.ns.run("iptables", "-t", "nat", "-D", "FLANNEL-POSTRTG", "2");
  await host.ns.run("iptables", "-D", "FORWARD", "1");
  await heals(world, host, held);
}

async function deviceDeleted(world: World, host: AgentHost): Promise<void> {
  const held = [await entriesOf(host), await rulesOf(host)];
  const [before] = await host.show("link", "show", DEVICE);
  await host.ns.ip("link", "del", DEVICE);
  await heals(world, host, held);
  const [now] = await host.show("link", "show", DEVICE);
  assert.equal(now?.address, before?.address);
}

async function deviceRenamed(world: World, host: AgentHost): Promise<void> {
  const held = [await entriesOf(host), await rulesOf(host)];
  const [before] = await host.show("link", "show", DEVICE);
  await host.ns.ip("link", "set", DEVICE, "address", "02:00:00:00:00:dd");
  await host.until("the device has its MAC again", async () => {
    const [now] = await host.show("link", "show", DEVICE);
    return now?.address === before?.address;
  });
  await heals(world, host, held);
}

async function addressChanged(world: World): Promise<void> {
  const { kernel } = world;
  const subnet = await kernel.subnet();
  const [old, next] = [`${kernel.address}/24`, kernel.address.replace(/\d+$/, "182")];
  await readdress(kernel, old, `${next}/24`);
  await kernel.until("the lease says so", async () => (await world.subnetsOf(next)).length === 1);
  assert.deepEqual(await world.subnetsOf(next), [subnet]);
  assert.deepEqual(await world.subnetsOf(kernel.address), []);
  await world.hear();
  await readdress(kernel, `${next}/24`, old);
  await kernel.until("the lease says so", async () => {
    return (await world.subnetsOf(kernel.address)).length === 1;
  });
  await world.hear();
}

/** As DHCP does it: for a moment there is none. */
async function readdress({ ns }: AgentHost, from: string, to: string): Promise<void> {
  await ns.ip("address", "del", from, "dev", "eth0");
  await ns.ip("address", "add", to, "dev", "eth0");
  await ns.ip("route", "add", "default", "via", GATEWAY);
}
