// The packet filter rules over time: disturbed and put again, and what an earlier run left.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { need } from "../../need.ts";
import { FilteredHost, INSIDE, MODES, type Mode } from "./filtered-host.ts";

const needs = need("root", "ip", "iptables", "nft");

let host: FilteredHost;

beforeEach(async () => {
  if (!needs.skip) host = await FilteredHost.open("kept");
});
afterEach(() => host?.ns.close());

const DISTURBED: Readonly<Record<Mode, Readonly<Record<string, string[]>>>> = {
  iptables: {
    "a rule deleted": ["-t nat -D FLANNEL-POSTRTG 2"],
    "the rules in another order": [
      "-t nat -D FLANNEL-POSTRTG 6",
      "-t nat -I FLANNEL-POSTRTG 1 ! -s 10.5.0.0/16 -d 10.5.0.0/16 -j MASQUERADE",
    ],
    "a rule twice": ["-A FLANNEL-FWD -s 10.5.0.0/16 -j ACCEPT"],
    "a rule of somebody else": ["-I FLANNEL-FWD 1 -s 10.5.9.9 -j DROP"],
    "a chain emptied": ["-t nat -F FLANNEL-POSTRTG"],
    "a chain deleted": ["-F FORWARD", "-F FLANNEL-FWD", "-X FLANNEL-FWD"],
    "the hook deleted": ["-t nat -D POSTROUTING 1"],
    "the hook twice": ["-t nat -A POSTROUTING -j FLANNEL-POSTRTG"],
    "all gone": ["-t nat -F", "-t nat -X", "-F", "-X"],
  },
  nftables: {
    "a rule twice": ["add rule ip flannel-ipv4 forward ip saddr 10.5.0.0/16 accept"],
    "the rules in another order": [
      "insert rule ip flannel-ipv4 postrtg ip saddr != 10.5.0.0/16 ip daddr 10.5.0.0/16 masquerade",
    ],
    "a chain emptied": ["flush chain ip flannel-ipv4 postrtg"],
    "a chain deleted": [
      "flush chain ip flannel-ipv4 forward",
      "delete chain ip flannel-ipv4 forward",
    ],
    "a table deleted": ["delete table ip6 flannel-ipv6"],
    "all gone": ["flush ruleset"],
  },
};

describe("what is disturbed is put again", () => {
  for (const mode of MODES) {
    test(`by ${mode}: deleted, reordered, doubled, foreign`, needs, async () => {
      await host.start({ mode });
      const whole = await host.rulesBy(mode);
      assert.deepEqual(await host.check(), []);
      for (const [what, lines] of Object.entries(DISTURBED[mode])) {
        for (const line of lines) await host.change(mode, line);
        assert.notEqual(await host.rulesBy(mode), whole, what);
        assert.notEqual((await host.check()).length, 0, what);
        assert.equal(await host.rulesBy(mode), whole, what);
        assert.deepEqual(await host.check(), [], what);
      }
    });
  }

  test("every resync period, until it is closed; then all stays", needs, async () => {
    await host.start();
    const whole = await host.rules();
    await host.change("iptables", "-t nat -F FLANNEL-POSTRTG");
    assert.deepEqual(await host.ns.call(INSIDE, "tick"), [5000, 5000]);
    assert.equal(await host.rules(), whole);
    const [warning] = await host.ns.call<{ fields: object }[]>(INSIDE, "warnings");
    assert.deepEqual(warning?.fields, { drift: "the rules of FLANNEL-POSTRTG changed" });
    await host.ns.call(INSIDE, "close");
    assert.equal(await host.rules(), whole);
  });
});

describe("what an earlier run left", () => {
  for (const mode of MODES) {
    test(`of another subnet goes, by ${mode}`, needs, async () => {
      await host.start({ mode });
      const fresh = await host.rulesBy(mode);
      for (const network of ["10.5.0.0/16", "10.7.0.0/16"]) {
        await host.remove();
        const previous = [{ network, subnet: network.replace("0.0/16", "3.0/24") }];
        await host.start({ mode, overlays: previous });
        assert.match(await host.rules(), /10\.[57]\.3\.0/);
        await host.ns.call(INSIDE, "close");
        await host.start({ mode, previous });
        assert.equal(await host.rulesBy(mode), fresh);
      }
    });
  }

  test("by an old flannel, in the kernel's own chains, goes with its comment", needs, async () => {
    const strays = ["POSTROUTING -s 10.5.0.0/16 -j MASQUERADE", "POSTROUTING -j FLANNEL-POSTRTG"];
    await host.start();
    for (const stray of strays) {
      const words = stray.split(" ");
      await host.ns.run(
        ...(["iptables", "-t", "nat", "-I", ...words.slice(0, -2)] as [string, ...string[]]),
        ...["-m", "comment", "--comment", "flanneld masq", ...words.slice(-2)],
      );
    }
    await host.start();
    const printed = await host.ns.run("iptables", "-t", "nat", "-S", "POSTROUTING");
    assert.equal(printed.split("\n").filter((line) => line.includes("flanneld")).length, 1);
  });

  test("with the other packet filter goes, hooks and filter chain too", needs, async () => {
    await host.start();
    await host.start({ mode: "nftables" });
    assert.doesNotMatch(await host.rules(), /FLANNEL|flanneld/);
    await host.start();
    assert.doesNotMatch(await host.rules(), /flannel-ipv/);
    assert.match(await host.rules(), /FLANNEL-FWD/);
  });
});

describe("two agents on one host", () => {
  const one = { overlays: [{ network: "10.5.0.0/16", subnet: "10.5.72.0/24" }] };
  const two = { overlays: [{ network: "10.7.0.0/16", subnet: "10.7.3.0/24" }] };

  for (const mode of MODES) {
    test(`leave each other's rules alone, by ${mode}`, needs, async () => {
      await host.start({ ...one, mode });
      const alone = await host.rulesBy(mode);
      await host.start({ ...two, mode }, "two");
      const both = await host.rulesBy(mode);
      assert.equal(both.match(/0x0*4000\W/g)?.length, 2, "one mark");
      for (let round = 0; round < 2; round++) {
        assert.deepEqual([await host.check(), await host.check("two")], [[], []]);
      }
      await host.start({ ...one, mode });
      assert.deepEqual([await host.check(), await host.check("two")], [[], []]);
      assert.equal((await host.rulesBy(mode)).length, both.length);
      await host.remove(null, "two");
      assert.deepEqual(await host.check(), []);
      assert.equal(await host.rulesBy(mode), alone);
      await host.remove();
      assert.equal(await host.rules(), "");
    });
  }
});
