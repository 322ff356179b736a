// The packet filter rules: what stands, what it lets pass, and that it goes without a trace. What
// stands is what iptables-save and nft say.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { need } from "../../need.ts";
import { join, openNamespace } from "../namespace.ts";
import { FilteredHost, INSIDE, MODES, WISH } from "./filtered-host.ts";

const needs = need("root", "ip", "iptables", "nft");

let host: FilteredHost;

beforeEach(async () => {
  if (!needs.skip) host = await FilteredHost.open("firewall");
});
afterEach(() => host?.ns.close());

describe("what stands", () => {
  test("is flannel's to the letter, by iptables", needs, async () => {
    await host.start();
    const printed = await host.ns.run("iptables", "-t", "nat", "-S");
    const comment = '-m comment --comment "flanneld masq"';
    assert.deepEqual(printed.split("\n").slice(-8, -1), [
      `-A POSTROUTING ${comment} -j FLANNEL-POSTRTG`,
      `-A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 ${comment} -j RETURN`,
      `-A FLANNEL-POSTRTG -s 10.5.72.0/24 -d 10.5.0.0/16 ${comment} -j RETURN`,
      `-A FLANNEL-POSTRTG -s 10.5.0.0/16 -d 10.5.72.0/24 ${comment} -j RETURN`,
      `-A FLANNEL-POSTRTG ! -s 10.5.0.0/16 -d 10.5.72.0/24 ${comment} -j RETURN`,
      `-A FLANNEL-POSTRTG -s 10.5.0.0/16 ! -d 224.0.0.0/4 ${comment} -j MASQUERADE --random-fully`,
      `-A FLANNEL-POSTRTG ! -s 10.5.0.0/16 -d 10.5.0.0/16 ${comment} -j MASQUERADE --random-fully`,
    ]);
    const six = await host.ns.run("ip6tables", "-t", "nat", "-S", "FLANNEL-POSTRTG");
    assert.match(six, /-s fd00:5::\/48 ! -d ff00::\/8 .* -j MASQUERADE --random-fully\n/);
  });

  test("is a table of each family, by nft", needs, async () => {
    await host.start({ mode: "nftables" });
    const chain = await host.ns.run("nft", "list", "chain", "ip", "flannel-ipv4", "forward");
    assert.equal(
      chain,
      "table ip flannel-ipv4 {\n\tchain forward {\n" +
        '\t\tcomment "chain to accept flannel traffic"\n' +
        "\t\ttype filter hook forward priority filter; policy accept;\n" +
        "\t\tip saddr 10.5.0.0/16 accept\n\t\tip daddr 10.5.0.0/16 accept\n\t}\n}\n",
    );
    const six = await host.ns.run("nft", "list", "table", "ip6", "flannel-ipv6");
    assert.match(six, /comment "rules for flannel-ipv6"/);
    assert.match(six, /ip6 saddr fd00:5::\/48 ip6 daddr != ff00::\/8 masquerade fully-random\n/);
  });

  for (const mode of MODES) {
    test(`is not random when that is not wished for, by ${mode}`, needs, async () => {
      await host.start({ mode, randomFully: false });
      assert.match(await host.rules(), /MASQUERADE|masquerade/);
      assert.doesNotMatch(await host.rules(), /random/);
    });

    test(
      `is only what is wished for, whatever an earlier run wished, by ${mode}`,
      needs,
      async () => {
        await host.start({ mode });
        await host.start({ mode, masq: false });
        assert.doesNotMatch(await host.rules(), /masq/i);
        assert.match(await host.rules(), /10\.5\.0\.0\/16.* (-j ACCEPT|accept)\n/);
        await host.start({ mode, masq: false, forward: false });
        assert.equal(await host.rules(), "");
      },
    );
  }
});

describe("taken away", () => {
  const OTHERS = [
    ["iptables", "-t", "nat", "-N", "DOCKER"],
    ["iptables", "-t", "nat", "-A", "POSTROUTING", "-s", "172.17.0.0/16", "-j", "MASQUERADE"],
    ["iptables", "-P", "FORWARD", "DROP"],
    ["iptables", "-A", "FORWARD", "-i", "docker0", "-j", "ACCEPT"],
    ["ip6tables", "-A", "INPUT", "-p", "icmpv6", "-j", "ACCEPT"],
    ["nft", "add table inet mine { chain c { type filter hook input priority 0 ; } ; }"],
  ] as const;

  for (const mode of MODES) {
    test(`a host without rules has none again, by ${mode}`, needs, async () => {
      assert.equal(await host.rules(), "");
      await host.start({ mode, blackhole: true });
      assert.notEqual(await host.rules(), "");
      assert.deepEqual(await host.remove(), [
        ...[`${mode} rules of ipv4`, `${mode} rules of ipv6`],
        ...["blackhole route 10.5.72.0/24", "blackhole route fd00:5:0:7::/64"],
      ]);
      assert.equal(await host.rules(), "");
      assert.equal(await host.ns.ip("route", "show"), "");
      assert.deepEqual(await host.remove(null), []);
    });

    test(`others' rules stand as they stood, by ${mode}`, needs, async () => {
      for (const [program, ...words] of OTHERS) await host.ns.run(program, ...words);
      const before = await host.rules();
      await host.start({ mode });
      await host.change("iptables", "-A FORWARD -o docker0 -j ACCEPT"); // somebody comes later
      await host.change("iptables", "-D FORWARD -o docker0 -j ACCEPT");
      await host.ns.call(INSIDE, "close");
      await host.remove(null);
      assert.equal(await host.rules(), before);
    });
  }
});

test("what could not be taken away is told, and all else is taken", needs, async () => {
  await host.start({ blackhole: true });
  // iptables prints this as something else, and so cannot take it for a rule that leads there.
  const rule = "add rule ip filter FORWARD tcp dport vmap { 1 : jump FLANNEL-FWD }";
  await host.change("nftables", rule);
  await assert.rejects(host.remove(), { code: "Refused", message: /^iptables-restore: .*busy/ });
  assert.doesNotMatch(await host.rules(), /masq|fd00:5::/);
  assert.equal(await host.ns.ip("route", "show"), "");
});

test("a blackhole swallows what no bridge has, and goes with the subnet", needs, async () => {
  const [overlay] = WISH.overlays;
  assert.ok(overlay);
  const only = { overlays: [overlay], masq: false, forward: false };
  await host.start({ ...only, blackhole: true });
  assert.match(
    await host.ns.ip("route", "show"),
    /^blackhole 10\.5\.72\.0\/24 metric 4294967295 \n$/,
  );
  await host.ns.ip("route", "flush", "10.5.72.0/24");
  assert.deepEqual(await host.check(), ["no blackhole route for 10.5.72.0/24"]);
  await host.ns.ip("link", "add", "name", "br0", "up", "type", "bridge");
  await host.ns.ip("address", "add", "10.5.72.1/24", "dev", "br0");
  assert.match(await host.ns.ip("route", "get", "10.5.72.9"), /dev br0/);
  const next = { network: "10.5.0.0/16", subnet: "10.5.73.0/24" };
  await host.start({ ...only, overlays: [next], previous: [overlay], blackhole: true });
  assert.match(
    await host.ns.ip("route", "show", "type", "blackhole"),
    /^blackhole 10\.5\.73\.0\/24/,
  );
  await host.start({ ...only, overlays: [next], previous: [next], blackhole: false });
  assert.equal(await host.ns.ip("route", "show", "type", "blackhole"), "");
});

test("forward rules let traffic pass where docker's policy drops it", needs, async () => {
  const [pod, far] = await Promise.all([openNamespace("fwd-pod"), openNamespace("fwd-far")]);
  try {
    await join(host.ns, "10.168.0.1/24", far, "10.168.0.2/24");
    await host.ns.ip("link", "set", "veth0", "name", "eth0");
    await join(host.ns, "10.5.72.1/24", pod, "10.5.72.2/24");
    await pod.ip("route", "add", "default", "via", "10.5.72.1");
    await far.ip("route", "add", "10.5.0.0/16", "via", "10.168.0.1");
    await host.ns.sysctl("net.ipv4.ip_forward", 1);
    await host.change("iptables", "-P FORWARD DROP");
    const heard = async (port: number): Promise<string> => {
      await far.call(INSIDE, "hear", port);
      await pod.call(INSIDE, "say", "10.5.72.2", "10.168.0.2", port);
      return far.call(INSIDE, "source", port);
    };
    assert.equal(await heard(9001), "nothing");
    await host.start({ masq: false });
    assert.equal(await heard(9002), "10.5.72.2");
    await host.start({ masq: false, forward: false });
    assert.equal(await heard(9003), "nothing");
  } finally {
    await Promise.all([pod.close(), far.close()]);
  }
});

describe("programs that are missing", () => {
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(joinPath(tmpdir(), "heddle-path-"));
    if (!needs.skip) await host.ns.call(INSIDE, "setPath", folder);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("are named, with the package that has them", needs, async () => {
    symlinkSync("/usr/sbin/ip", joinPath(folder, "ip"));
    for (const mode of MODES) {
      await assert.rejects(host.start({ mode }), {
        name: "FirewallError",
        code: "NoProgram",
        message: /is missing: apt-get install (iptables|nftables)$/,
      });
    }
  });

  test("are no loss in the other mode, and are found when they come", needs, async () => {
    for (const sbin of ["ip", "nft"]) symlinkSync(`/usr/sbin/${sbin}`, joinPath(folder, sbin));
    await host.start({ mode: "nftables" });
    assert.deepEqual(await host.ns.call(INSIDE, "warnings"), []);
    await assert.rejects(host.start(), { code: "NoProgram" });
    await host.ns.call(INSIDE, "setPath", process.env.PATH);
    assert.deepEqual(await host.check(), []);
    assert.match(await host.rules(), /FLANNEL-POSTRTG/);
  });
});

test("a prefix that is none never reaches a program", needs, async () => {
  for (const network of ["10.5.0.0", "10.5.0.0/16 -j ACCEPT", "10.5.0.0/16\n-F", ""]) {
    const overlays = [{ network, subnet: "10.5.72.0/24" }];
    await assert.rejects(host.start({ overlays }), { name: "FirewallError", code: "BadPrefix" });
  }
  assert.equal(await host.rules(), "");
});
