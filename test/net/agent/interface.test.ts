// Which interface is the underlay's, asked of a kernel that has several.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { External } from "../../../bindings/agent/index.ts";
import type { InterfaceWish } from "../../../bindings/node/agent/interface.ts";
import { need } from "../../need.ts";
import { type Namespace, openNamespace } from "../namespace.ts";

const INSIDE = new URL("./netcfg.inside.js", import.meta.url);

const needs = need("root", "ip");
let host: Namespace;

const DEVICES: [name: string, ...addresses: string[]][] = [
  ["eth0", "10.0.2.15/24"],
  ["eth1", "169.254.7.7/16", "192.168.99.108/24 valid_lft 900 preferred_lft 900", "10.9.9.9/24"],
  ["eth2", "172.16.0.2/24 valid_lft 900 preferred_lft 0", "172.16.0.3/24"],
  ["bare"],
];

before(async () => {
  if (needs.skip) return;
  host = await openNamespace("iface");
  for (const [name, ...addresses] of DEVICES) {
    await host.ip("link", "add", "name", name, "type", "bridge");
    await host.ip("link", "set", name, "up");
    for (const address of addresses) {
      await host.ip("address", "add", "dev", name, ...address.split(" "));
    }
  }
});
after(() => host?.close());

async function choose(wish: Partial<InterfaceWish>): Promise<string> {
  const nothing = { interfaces: [], interfacePatterns: [], canReach: "", publicIp: "" };
  const found = await host.call<External>(INSIDE, "choose", { ...nothing, ...wish });
  assert.equal(found.mtu, 1500);
  return `${found.name} ${found.address} ${found.publicIp}`;
}

test("without a default route, and without a wish, it says what there is", needs, async () => {
  const list =
    "lo, eth0 10.0.2.15, eth1 10.9.9.9 192.168.99.108 169.254.7.7, eth2 172.16.0.3, bare";
  await assert.rejects(choose({}), (error: Error) => {
    assert.match(error.message, /there is no default route, and no --iface/);
    assert.ok(error.message.includes(`there are ${list}`), error.message);
    return true;
  });
});

test("the default route of the lowest metric says it", needs, async () => {
  await host.ip("route", "add", "default", "via", "10.9.9.1", "metric", "50");
  assert.equal(await choose({}), "eth1 10.9.9.9 10.9.9.9");
  await host.ip("route", "add", "default", "via", "10.0.2.2");
  assert.equal(await choose({}), "eth0 10.0.2.15 10.0.2.15");
});

test("a name has its best address, and an address is itself", needs, async () => {
  assert.equal(await choose({ interfaces: ["eth1"] }), "eth1 10.9.9.9 10.9.9.9");
  assert.equal(await choose({ interfaces: ["eth2"] }), "eth2 172.16.0.3 172.16.0.3");
  const named = await choose({ interfaces: ["192.168.99.108"] });
  assert.equal(named, "eth1 192.168.99.108 192.168.99.108");
});

test("the first wish that can be had is had", needs, async () => {
  assert.equal(
    await choose({ interfaces: ["eth7", "bare", "eth2"] }),
    "eth2 172.16.0.3 172.16.0.3",
  );
  const wish = { interfaces: ["eth7"], interfacePatterns: ["^wlan", "^192\\.168\\."] };
  assert.equal(await choose(wish), "eth1 192.168.99.108 192.168.99.108");
});

test("patterns see addresses first, then names, with Go's flags", needs, async () => {
  assert.equal(await choose({ interfacePatterns: ["(?i)^ETH2$"] }), "eth2 172.16.0.3 172.16.0.3");
  assert.equal(await choose({ interfacePatterns: ["0"] }), "eth0 10.0.2.15 10.0.2.15");
  await assert.rejects(choose({ interfacePatterns: ["["] }), /Invalid regular expression/);
});

test("what can reach an address has the source that the route prefers", needs, async () => {
  await host.ip("route", "add", "203.0.113.0/24", "via", "10.9.9.1", "src", "192.168.99.108");
  assert.equal(await choose({ canReach: "203.0.113.9" }), "eth1 192.168.99.108 192.168.99.108");
  await host.ip("route", "add", "unreachable", "198.51.100.0/24");
  await assert.rejects(choose({ canReach: "198.51.100.1" }), /no route to 198\.51\.100\.1/);
});

test("a public address needs an interface that has it, or that is named", needs, async () => {
  const publicIp = "172.16.0.3";
  assert.equal(await choose({ publicIp }), `eth2 ${publicIp} ${publicIp}`);
  await assert.rejects(choose({ publicIp: "1.2.3.4" }), /no interface has the public address/);
  const named = await choose({ publicIp: "1.2.3.4", interfaces: ["eth0"] });
  assert.equal(named, "eth0 10.0.2.15 1.2.3.4");
});

test("all wishes that failed are named", needs, async () => {
  const wish = { interfaces: ["eth7", "9.9.9.9", "bare"], interfacePatterns: ["^wlan"] };
  await assert.rejects(choose(wish), (error: Error) => {
    for (const part of [
      "no interface is called eth7",
      "no interface has the address 9.9.9.9",
      "bare has no IPv4 address",
      "no address and no name of an interface matches ^wlan",
    ]) {
      assert.ok(error.message.includes(part), error.message);
    }
    return true;
  });
});
