// A node whose packets the core carries, beside one that is programmed as flannel leaves it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { lease, udp, vxlan, vxlanLease } from "../../host/agent/leases.ts";
import { need } from "../../need.ts";
import * as at from "./site.ts";
import { until } from "./until.ts";

const { DEV, PEER } = at;
const LEASE = vxlanLease(PEER, at.PEER_IP, at.PEER_MAC);
const LEASE_OF_VXLAN = vxlanLease("10.5.91.0/24", "192.168.64.3", "02:00:00:00:00:91");
const INIT = { config: vxlan(), wish: at.WISH, datapath: "wasm", lookMs: 250 } as const;

const needs = need("root", "tun", "ip", "ping");
let site: at.Site;
let mac = "";

before(async () => {
  if (needs.skip) return;
  site = await at.openSite("wasmnode");
  // A device of another kind, which `--datapath kernel` left: its MAC is known to all.
  await site.start({ ...INIT, datapath: "kernel" });
  await site.call("update", [LEASE]);
  const [link] = await site.show("link", "show", DEV);
  mac = String(link?.address);
  await at.programByHand(site, mac);
  await site.call("stop");
});
after(() => site?.close());

async function kindAndMac(): Promise<unknown[]> {
  const [link] = await site.show("-d", "link", "show", DEV);
  const { info_kind: kind } = (link?.linkinfo ?? {}) as { info_kind?: string };
  return [kind, link?.address];
}

/** After what was disturbed: it comes back one by one. */
async function untilTables(): Promise<void> {
  await until("the tables", () => expectTables().then(() => true), at.SOON);
}

async function expectPings(): Promise<void> {
  await site.host.run("ping", "-c", "1", "-W", "20", "10.5.90.0");
  await site.peer.run("ping", "-c", "1", "-W", "20", "10.5.72.0");
}

async function expectTables(): Promise<void> {
  assert.deepEqual(await site.show("route", "show", "dev", DEV), [
    { dst: PEER, gateway: "10.5.90.0", flags: ["onlink"] },
  ]);
  assert.deepEqual(await site.show("neighbor", "show", "dev", DEV, "nud", "permanent"), [
    { dst: "10.5.90.0", lladdr: at.PEER_MAC, state: ["PERMANENT"] },
  ]);
}

test("the core takes a kernel's device over, with its MAC and its peers", needs, async () => {
  const { backendData } = await site.start(INIT);
  assert.equal(backendData?.VtepMAC, mac);
  await site.call("update", [LEASE]);
  assert.deepEqual(await kindAndMac(), ["tun", mac]);
  await expectTables();
  await expectPings();
});

test("a restart adopts the device and the kernel's entries", needs, async () => {
  const [before] = await site.show("link", "show", DEV);
  await site.call("stop");
  await site.start(INIT);
  await site.call("mends");
  await site.call("update", [LEASE]);
  const [first] = await site.call<unknown[]>("mends");
  assert.deepEqual(first, { restored: 0, removed: 0, failures: [] });
  const [after] = await site.show("link", "show", DEV);
  assert.deepEqual([after?.ifindex, after?.address], [before?.ifindex, mac]);
  await expectTables();
  await expectPings();
});

test("route, neighbor and device come back", needs, async () => {
  await site.host.ip("route", "del", PEER);
  await site.host.ip("neighbor", "del", "10.5.90.0", "dev", DEV);
  const isBack = async (): Promise<boolean> => {
    const list = await site.host.ip("route", "show", PEER).catch(() => "");
    return list.includes(DEV);
  };
  await until("the route", isBack, at.SOON);
  await untilTables();
  await expectPings();
  await site.host.ip("link", "del", DEV);
  await until("the route of the new device", isBack, at.SOON);
  await site.call("settle");
  const [link] = await site.show("link", "show", DEV);
  assert.equal(link?.address, mac);
  await untilTables();
  await expectPings();
});

test("the kernel takes the core's device over as well", needs, async () => {
  await site.call("stop");
  await site.start({ ...INIT, datapath: "kernel" });
  await site.call("update", [LEASE]);
  assert.deepEqual(await kindAndMac(), ["vxlan", mac]);
  await expectTables();
  await expectPings();
});

test("a peer that moves leaves nothing behind in the core", needs, async () => {
  await site.call("stop");
  await site.start(INIT);
  await site.call("update", [vxlanLease(PEER, "192.168.64.9", "02:00:00:00:00:55")]);
  await site.call("update", [LEASE]);
  await expectTables();
  await expectPings();
  await site.call("update", []);
  assert.deepEqual(await site.show("route", "show", "dev", DEV), []);
  assert.deepEqual(await site.call("down"), []);
});

test("udp: one route for the network, which comes back, and peers in the core", needs, async () => {
  await site.start({ ...INIT, config: udp() });
  const peer = lease(PEER, { publicIp: at.PEER_IP, backendType: "" });
  const { peers } = await site.call<{ peers: unknown }>("update", [peer, LEASE_OF_VXLAN]);
  assert.deepEqual(peers, [
    { subnet: PEER, state: "programmed", reason: "" },
    {
      ...{ subnet: LEASE_OF_VXLAN.subnet, state: "refused" },
      reason: 'BackendType is "vxlan": its node does not speak flannel\'s UDP',
    },
  ]);
  const routes = (): Promise<unknown[]> => site.show("-d", "route", "show", "dev", "flannel0");
  const route = {
    type: "unicast",
    dst: "10.5.0.0/16",
    protocol: "boot",
    scope: "global",
    flags: [],
  };
  assert.deepEqual(await routes(), [route]);
  await site.host.ip("route", "del", "10.5.0.0/16");
  await until("the route", async () => (await routes()).length === 1, at.SOON);
  assert.deepEqual(await routes(), [route]);
  const [link] = await site.show("-d", "link", "show", "flannel0");
  assert.equal(link?.mtu, 1472);
  assert.deepEqual(await site.call("down"), []);
  await assert.rejects(site.show("link", "show", "flannel0"), /does not exist/);
});
