// host-gw between three nodes of heddle, of which one is not on the others' link.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { SubnetDocument } from "../../../bindings/node/agent/answers.ts";
import { need } from "../../need.ts";
import { pings } from "../ping.ts";
import { type AgentHost, openHost } from "./host.ts";
import { Wire } from "./wire.ts";

const needs = need("root", "ip", "ping", "etcd", "iptables");
let wire: Wire;
let one: AgentHost;
let two: AgentHost;

before(async () => {
  if (needs.skip) return;
  wire = await Wire.open("gw");
  await wire.startEtcd({ Network: "10.5.0.0/16", Backend: { Type: "host-gw" } });
  await wire.put(
    wire.keyOf("10.5.200.0/24"),
    '{"PublicIP":"172.20.0.7","PublicIPv6":null,"BackendType":"host-gw"}',
  );
  one = await openHost(wire, "gw1", 81);
  two = await openHost(wire, "gw2", 82);
  for (const host of [one, two]) host.start();
  for (const host of [one, two]) {
    await host.ready();
    await host.untilStatus("settled", settled);
  }
});
after(async () => {
  for (const opened of [one, two, wire]) await opened?.close();
});

function settled({ peers }: { peers: { programmed: number; refused: number } }): boolean {
  return peers.programmed === 1 && peers.refused === 1;
}

async function overlayRoutes(host: AgentHost): Promise<unknown[]> {
  const routes = await host.show("route", "show", "table", "main");
  return routes
    .filter(({ dst }) => String(dst).startsWith("10.5."))
    .map(({ dst, gateway, dev }) => ({ dst, gateway, dev }));
}

test("each has the other as the gateway of its subnet, and no other route", needs, async () => {
  for (const [host, peer] of [
    [one, two],
    [two, one],
  ] as const) {
    const route = { dst: await peer.subnet(), gateway: peer.address, dev: "eth0" };
    assert.deepEqual(await overlayRoutes(host), [route]);
    assert.equal(host.env("FLANNEL_MTU"), "1500");
  }
  const a = await one.addContainer();
  const b = await two.addContainer();
  const [printed, received] = await pings(a.ns, b.address, 2, "-M", "do", "-s", "1472");
  assert.equal(received, 2);
  assert.match(printed, /ttl=62 /);
});

test("a peer that is not on the link is refused, and the reason is told", needs, async () => {
  const printed = await one.heddle("subnets", "--json", `--socket=${one.socket}`);
  const subnets: SubnetDocument[] = JSON.parse(printed);
  const far = subnets.find(({ subnet }) => subnet === "10.5.200.0/24");
  assert.equal(far?.state, "refused");
  assert.match(far?.reason ?? "", /172\.20\.0\.7 is not on the link of eth0/);
});

test("a route that is deleted is back", needs, async () => {
  const subnet = await two.subnet();
  await one.ns.ip("route", "del", subnet);
  const isBack = async (): Promise<boolean> =>
    (await one.show("route", "show", subnet)).some(({ gateway }) => gateway === two.address);
  await one.until("the route is back", isBack);
});
