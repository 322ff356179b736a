// host-gw: plain routes by way of the peers, and why there is none.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { lease, plain } from "../../host/agent/leases.ts";
import { need } from "../../need.ts";
import * as at from "./site.ts";
import { until } from "./until.ts";

const { PEER, PEER_IP } = at;
const BACKEND = { backendType: "host-gw" };
const LEASE = lease(PEER, { publicIp: PEER_IP, ...BACKEND });
const FAR = lease("10.5.91.0/24", { publicIp: "203.0.113.7", ...BACKEND });
const VXLAN = lease("10.5.92.0/24", { publicIp: "192.168.64.3", backendType: "vxlan" });

const needs = need("root", "ip");
let site: at.Site;

before(async () => {
  if (needs.skip) return;
  site = await at.openSite("hostgw");
  await site.host.ip("route", "add", "default", "via", PEER_IP);
  await site.host.ip("route", "add", "10.5.99.0/24", "via", PEER_IP); // of a former life
});
after(() => site?.close());

const routes = (): Promise<unknown[]> =>
  site.show("-d", "route", "show", "table", "main", "root", "10.5.0.0/16");

const ROUTE = {
  ...{ type: "unicast", dst: PEER, gateway: PEER_IP, dev: "veth0", protocol: "boot" },
  ...{ scope: "global", flags: [] },
};

test("a peer on the link is a route, and others are refused with the reason", needs, async () => {
  await site.start({ config: plain("host-gw"), wish: at.WISH });
  const { peers } = await site.call<{ peers: unknown }>("update", [LEASE, FAR, VXLAN]);
  assert.deepEqual(peers, [
    { subnet: PEER, state: "programmed", reason: "" },
    {
      ...{ subnet: "10.5.91.0/24", state: "refused" },
      reason: "the gateway 203.0.113.7 is not on the link of veth0",
    },
    {
      ...{ subnet: "10.5.92.0/24", state: "refused" },
      reason: 'BackendType is "vxlan", not "host-gw"',
    },
  ]);
  assert.deepEqual(await routes(), [ROUTE]);
  const words = await site.call<string[]>("words");
  assert.ok(words.some((line) => line.includes("the gateway 203.0.113.7 is not on the link")));
});

test("a route that is deleted, or bent, is back within seconds", needs, async () => {
  await site.host.ip("route", "del", PEER);
  await until("the route", async () => (await routes()).length === 1, at.SOON);
  await site.host.ip("route", "replace", PEER, "via", "192.168.64.9");
  await until("the gateway", async () => JSON.stringify(await routes()).includes(PEER_IP), at.SOON);
  assert.deepEqual(await routes(), [ROUTE]);
});

test("a peer that moves is routed to where it is, and one that goes is not", needs, async () => {
  await site.call("update", [lease(PEER, { publicIp: "192.168.64.5", ...BACKEND })]);
  assert.deepEqual(await routes(), [{ ...ROUTE, gateway: "192.168.64.5" }]);
  await site.call("update", []);
  assert.deepEqual(await routes(), []);
  await site.call("update", [LEASE]);
  assert.deepEqual(await site.call("down"), []);
  assert.deepEqual(await routes(), []);
});

test("a public address that the interface does not have is refused", needs, async () => {
  const wish = { ...at.WISH, publicIp: "198.51.100.1" };
  const started = site.start({ config: plain("host-gw"), wish });
  await assert.rejects(started, /198\.51\.100\.1.*expected.*192\.168\.64\.1.*no NAT/);
});

test("alloc programs nothing", needs, async () => {
  await site.start({ config: plain("alloc"), wish: at.WISH });
  const { peers } = await site.call<{ peers: unknown[] }>("update", [
    lease(PEER, { publicIp: PEER_IP, backendType: "" }),
  ]);
  assert.deepEqual(peers, [{ subnet: PEER, state: "programmed", reason: "" }]);
  assert.deepEqual(await routes(), []);
});
