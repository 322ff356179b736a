// The kernel's VXLAN as an agent programs it, entry by entry as flannel leaves it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { vxlan, vxlanLease } from "../../host/agent/leases.ts";
import { need } from "../../need.ts";
import * as at from "./site.ts";
import { until } from "./until.ts";

const { DEV, PEER, PEER_IP, PEER_MAC } = at;
const LEASE = vxlanLease(PEER, PEER_IP, PEER_MAC);
const QUICK = { wish: at.WISH, lookMs: 250 };

const needs = need("root", "ip", "ping");
let site: at.Site;
let mac = "";

before(async () => {
  if (needs.skip) return;
  site = await at.openSite("vxlan");
  const { backendData } = await site.start({ config: vxlan(), wish: at.WISH });
  mac = backendData?.VtepMAC ?? "";
  await at.programByHand(site, mac);
});
after(() => site?.close());

const ROUTE = {
  ...{ type: "unicast", dst: PEER, gateway: "10.5.90.0", dev: DEV, protocol: "boot" },
  ...{ scope: "global", flags: ["onlink"] },
};
const NEIGHBOR = { dst: "10.5.90.0", lladdr: PEER_MAC, state: ["PERMANENT"] };
const FDB = { mac: PEER_MAC, dst: PEER_IP, flags: ["self"], state: "permanent" };

const routes = async (): Promise<unknown[]> => {
  return site.show("-d", "route", "show", "table", "main", "root", "10.5.0.0/16");
};
const neighbors = (): Promise<unknown[]> => site.show("-4", "neighbor", "show", "dev", DEV);

async function expectTables(): Promise<void> {
  assert.deepEqual(await routes(), [ROUTE]);
  assert.deepEqual(await neighbors(), [NEIGHBOR]);
  assert.deepEqual(await site.fdb(), [FDB]);
}

/** After what was disturbed: it comes back one by one. */
async function untilTables(): Promise<void> {
  await until("the tables", () => expectTables().then(() => true), at.SOON);
}

async function expectPings(): Promise<void> {
  await site.host.run("ping", "-c", "1", "-W", "20", "10.5.90.0");
  await site.peer.run("ping", "-c", "1", "-W", "20", "10.5.72.0");
}

test("a first lease brings exactly flannel's neighbor, FDB entry and route", needs, async () => {
  const found = await site.call("update", [LEASE]);
  const peers = [{ subnet: PEER, state: "programmed", reason: "" }];
  assert.deepEqual(found, { trouble: "", peers });
  await expectTables();
});

test("the device is flannel's in every property", needs, async () => {
  const [link] = await site.show("-d", "link", "show", DEV);
  const { mtu, qdisc, txqlen, address, flags, linkinfo } = link ?? {};
  assert.deepEqual(
    { mtu, qdisc, txqlen, address },
    {
      ...{ mtu: 1450, qdisc: "noqueue", txqlen: undefined, address: mac },
    },
  );
  assert.ok((flags as string[]).includes("UP"));
  assert.deepEqual(linkinfo, {
    info_kind: "vxlan",
    info_data: {
      ...{ id: 1, local: at.OWN_IP, link: "veth0", port_range: { low: 0, high: 0 }, port: 8472 },
      ...{ learning: false, ttl: 0, df: "unset", ageing: 300, udp_csum: true },
      ...{ udp_zero_csum6_tx: false, udp_zero_csum6_rx: false },
    },
  });
  const [shown] = await site.show("-4", "address", "show", "dev", DEV);
  const addresses = (shown?.addr_info ?? []) as { local: string; prefixlen: number }[];
  const held = addresses.map(({ local, prefixlen }) => `${local}/${prefixlen}`);
  assert.deepEqual(held, ["10.5.72.0/32"]);
  const sysctl = await site.host.run("cat", `/proc/sys/net/ipv6/conf/${DEV}/accept_ra`);
  assert.equal(sysctl.trim(), "0");
  assert.match(mac, /^.[26ae]:/, "local, and one station's");
});

test("packets pass both ways, up to the MTU", needs, async () => {
  await expectPings();
  const ping = (len: number): Promise<string> =>
    site.host.run("ping", "-c", "1", "-W", "1", "-M", "do", "-s", String(len), "10.5.90.0");
  await ping(1450 - 28);
  await assert.rejects(ping(1451 - 28));
});

test("a route that is deleted is back before the next look is due", needs, async () => {
  await site.host.ip("route", "del", PEER);
  await until("the route", async () => (await routes()).length === 1, at.SOON);
  await untilTables();
});

test("a restart adopts everything and changes nothing", needs, async () => {
  const before = await site.show("link", "show", DEV);
  await site.call("stop");
  await site.call("mends");
  const { backendData } = await site.start({ config: vxlan(), ...QUICK });
  assert.equal(backendData?.VtepMAC, mac);
  await site.call("update", [LEASE]);
  const looks = await site.call<unknown[]>("mends");
  assert.ok(looks.length > 0);
  for (const look of looks) assert.deepEqual(look, { restored: 0, removed: 0, failures: [] });
  assert.deepEqual(await site.show("link", "show", DEV), before);
  await expectTables();
});

test("neighbor, FDB entry, address and state come back", needs, async () => {
  await site.host.ip("neighbor", "del", "10.5.90.0", "dev", DEV);
  await until("the neighbor", async () => (await neighbors()).length === 1, at.SOON);
  await site.host.run("bridge", "fdb", "del", PEER_MAC, "dev", DEV, "dst", PEER_IP, "self");
  await until("the FDB entry", async () => (await site.fdb()).length === 1, at.SOON);
  await site.host.ip("address", "del", "10.5.72.0/32", "dev", DEV);
  await site.host.ip("link", "set", DEV, "down"); // takes its routes along
  await until("the route", async () => (await routes()).length === 1, at.SOON);
  await untilTables();
  await expectPings();
});

test("what somebody else made of an entry is made right", needs, async () => {
  const wrong = "02:ff:ff:ff:ff:ff";
  await site.host.ip("neighbor", "replace", "10.5.90.0", "lladdr", wrong, "dev", DEV);
  await site.host.run(
    "bridge",
    ..."fdb replace".split(" "),
    PEER_MAC,
    "dev",
    DEV,
    "dst",
    "1.2.3.4",
  );
  await site.host.run("bridge", "fdb", "append", PEER_MAC, "dev", DEV, "dst", "1.2.3.5", "self");
  await site.host.ip("route", "replace", PEER, "via", "192.168.64.9");
  await site.host.ip("link", "set", DEV, "address", wrong);
  await until(
    "all of it",
    async () => {
      const [[link], entries] = [await site.show("link", "show", DEV), await site.fdb()];
      const isRight = entries.length === 1 && entries[0]?.dst === PEER_IP;
      return isRight && link?.address === mac && JSON.stringify(await routes()).includes("onlink");
    },
    at.SOON,
  );
  await until(
    "the neighbor",
    async () => JSON.stringify(await neighbors()).includes(PEER_MAC),
    at.SOON,
  );
  await untilTables();
  await expectPings();
});

test("a device that is deleted is made again with its MAC and all peers", needs, async () => {
  await site.call("words");
  await site.host.ip("link", "del", DEV);
  await until("the route", async () => (await routes()).length === 1, at.SOON);
  const [link] = await site.show("link", "show", DEV);
  assert.equal(link?.address, mac);
  await site.call("settle");
  await untilTables();
  await expectPings();
  const words = await site.call<string[]>("words");
  assert.ok(words.some((line) => line.startsWith('info device made {"device":"flannel.1"}')));
});

test("a peer with another MAC and another address leaves no entry behind", needs, async () => {
  const other = "02:00:00:00:00:91";
  await site.call("update", [vxlanLease(PEER, PEER_IP, other, 2n)]);
  assert.deepEqual(await site.fdb(), [{ ...FDB, mac: other }]);
  assert.deepEqual(await neighbors(), [{ ...NEIGHBOR, lladdr: other }]);
  await site.call("update", [vxlanLease(PEER, "192.168.64.3", other, 3n)]);
  assert.deepEqual(await site.fdb(), [{ ...FDB, mac: other, dst: "192.168.64.3" }]);
  await site.call("update", [LEASE]);
  await expectTables();
});

test("a peer that is gone leaves nothing, and down removes the rest", needs, async () => {
  await site.call("update", []);
  assert.deepEqual([await routes(), await neighbors(), await site.fdb()], [[], [], []]);
  assert.deepEqual(await site.call("peers"), { trouble: "", peers: [] });
  await site.call("update", [LEASE]);
  assert.deepEqual(await site.call("down"), []);
  assert.deepEqual(await routes(), []);
  await assert.rejects(site.show("link", "show", DEV), /does not exist/);
});
