// Peers that cannot be programmed, and a node that cannot have its device.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { vxlan, vxlanLease } from "../../host/agent/leases.ts";
import { need } from "../../need.ts";
import * as at from "./site.ts";
import { until } from "./until.ts";

const { DEV, PEER } = at;
const BAD = vxlanLease(PEER, at.PEER_IP, at.PEER_MAC);
const GOOD = vxlanLease("10.5.91.0/24", "192.168.64.3", "02:00:00:00:00:91");

const needs = need("root", "ip");
let site: at.Site;

before(async () => {
  if (needs.skip) return;
  site = await at.openSite("trouble");
  await site.start({ config: vxlan(), wish: at.WISH });
});
after(() => site?.close());

/** For a moment of each try there may be more. */
async function expectNeighbors(...expected: string[]): Promise<void> {
  const isSo = async (): Promise<boolean> => {
    const list = await site.show("-4", "neighbor", "show", "dev", DEV, "nud", "permanent");
    return (
      list
        .map(({ dst }) => dst)
        .sort()
        .join() === expected.join()
    );
  };
  await until(`the neighbors are ${expected}`, isSo, at.SOON);
}

interface Peers {
  readonly trouble: string;
}

const REFUSED = [
  { subnet: PEER, state: "pending", reason: "no room" },
  { subnet: GOOD.subnet, state: "programmed", reason: "" },
];

test("a peer whose tunnel fails is taken back, tried again, and keeps nobody", needs, async () => {
  await site.call("refuse", [PEER], "no room");
  await site.call("tell", [BAD, GOOD]);
  await site.peersAre(REFUSED);
  await sleep(500); // it is tried again
  // Its neighbor was put before the tunnel failed, and its route never.
  await expectNeighbors("10.5.91.0");
  assert.equal(await site.host.ip("route", "show", PEER), "");
  const words = await site.call<string[]>("words");
  const complaints = words.filter((line) => line.includes("no way to a subnet for now"));
  assert.equal(complaints.length, 1, "once, however often it is tried");
  await site.call("refuse", [], "");
  await site.call("settle");
  await expectNeighbors("10.5.90.0", "10.5.91.0");
  assert.match(await site.host.ip("route", "show", PEER), /via 10\.5\.90\.0 dev flannel\.1 onlink/);
});

test("a peer that stood and fails leaves neither route nor neighbor", needs, async () => {
  await site.call("refuse", [PEER], "no room");
  const moved = vxlanLease(PEER, at.PEER_IP, "02:00:00:00:00:92");
  await site.call("tell", [moved, GOOD]);
  await site.peersAre(REFUSED);
  await expectNeighbors("10.5.91.0");
  assert.equal(await site.host.ip("route", "show", PEER), "");
  assert.deepEqual(
    (await site.fdb()).map(({ mac }) => mac),
    ["02:00:00:00:00:91"],
  );
  await site.call("refuse", [], "");
  await site.call("settle");
  assert.equal((await site.fdb()).length, 2);
});

test("an underlay that goes takes the device along, and brings it back", needs, async () => {
  const [before] = await site.show("link", "show", DEV);
  await site.host.ip("link", "del", "veth0");
  const isTroubled = async (): Promise<boolean> => {
    return (await site.call<Peers>("peers")).trouble.includes("veth0");
  };
  await until("the trouble", isTroubled, at.SOON);
  await assert.rejects(site.call("settle", 100), /not settled/);
  await site.host.ip("link", "add", "name", "veth0", "type", "bridge");
  await site.host.ip("address", "add", `${at.OWN_IP}/24`, "dev", "veth0");
  await site.host.ip("link", "set", "veth0", "up");
  await site.call("settle");
  const [after] = await site.show("link", "show", DEV);
  assert.equal(after?.address, before?.address);
  assert.equal((await site.call<Peers>("peers")).trouble, "");
  await expectNeighbors("10.5.90.0", "10.5.91.0");
});
