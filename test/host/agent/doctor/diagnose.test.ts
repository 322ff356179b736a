// One thing is broken, and the doctor names it, alone, with what mends it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnose, type Facts, type Finding } from "../../../../bindings/agent/doctor/index.ts";
import { LeaseRules, openCore } from "../../../../bindings/core/index.ts";
import {
  BRIDGE,
  CONFIG,
  DEVICE,
  ETH0,
  entry,
  facts,
  link,
  MAC,
  OWN,
  PEER,
  PEER_MAC,
  PREFIX,
  ROUTES,
  route,
  SUBNET_ENV,
} from "./healthy.ts";

const rules = new LeaseRules(await openCore());

/** The only finding, as its code, its kind, and what mends it. */
function only(findings: readonly Finding[]): [code: string, ...commands: string[]] {
  assert.equal(findings.length, 1, JSON.stringify(findings, null, 2));
  const [finding] = findings as [Finding];
  return [finding.code, ...finding.commands];
}

function found(sick: Facts): Finding[] {
  return diagnose(sick, rules);
}

test("nothing is wrong with a host as flannel leaves it", () => {
  assert.deepEqual(found(facts()), []);
});

test("a network without a config", () => {
  const key = `${PREFIX}/config`;
  const put = [
    `etcdctl put -- ${key} '{"Network":"10.5.0.0/16","Backend":{"Type":"vxlan"}}'`,
  ] as const;
  assert.deepEqual(only(found(facts({}, [], null))), ["config-missing", ...put]);
  const bad = only(found(facts({}, [], '{"Network":"10.5.0.0"}')));
  assert.deepEqual(bad, ["config-malformed", ...put]);
});

test("keys and values that are no lease are named, and quoted for the shell", () => {
  const strange = entry("it's; rm -rf", "192.168.7.9", MAC);
  const torn = entry("10.5.9.0-24", "192.168.7.9", MAC, { value: "{" });
  const [first, second] = found(facts({}, [OWN, PEER, strange, torn]));
  assert.deepEqual(first?.commands, [`etcdctl del -- '${PREFIX}/subnets/it'\\''s; rm -rf'`]);
  assert.equal(second?.code, "lease-malformed");
  assert.match(second?.message ?? "", /10\.5\.9\.0-24 is no lease/);
});

test("a lease whose BackendData no device can use", () => {
  const group = entry("10.5.3.0-24", "192.168.7.3", "01:00:5e:00:00:01");
  const command = `etcdctl del -- ${PREFIX}/subnets/10.5.3.0-24`;
  assert.deepEqual(only(found(facts({}, [OWN, PEER, group]))), ["lease-malformed", command]);
});

test("two leases with one subnet, one PublicIP, one MAC: the older has to go", () => {
  const wide = entry("10.5.2.0-23", "192.168.7.3", "02:00:00:00:00:03", { modRevision: 1n });
  const [overlap] = found(facts({}, [OWN, PEER, wide]));
  assert.equal(overlap?.code, "lease-outside");
  const codes = found(facts({}, [OWN, PEER, wide])).map(({ code }) => code);
  assert.ok(codes.includes("lease-overlap"), codes.join());
  const moved = entry("10.5.7.0-24", "192.168.7.2", "02:00:00:00:00:03", { modRevision: 1n });
  const host = withPeer("10.5.7.0", "192.168.7.2", "02:00:00:00:00:03");
  assert.deepEqual(only(found(facts(host, [OWN, PEER, moved]))), [
    "lease-public-ip",
    `etcdctl del -- ${PREFIX}/subnets/10.5.7.0-24`,
  ]);
  const twin = entry("10.5.7.0-24", "192.168.7.3", PEER_MAC, { modRevision: 1n });
  assert.equal(only(found(facts({}, [OWN, PEER, twin])))[0], "lease-mac");
});

/** The host's entries with those of one more peer. */
function withPeer(base: string, dst: string, mac: string): Partial<Facts["host"]> {
  const { neighbors, fdb } = facts().host;
  const dev = "flannel.1";
  return {
    routes: [...ROUTES, route(`${base}/24`, { via: base, dev, isOnlink: true })],
    neighbors: [...neighbors, { dev, address: base, mac, isPermanent: true }],
    fdb: [...fdb, { dev, mac, dst, isPermanent: true }],
  };
}

test("a peer with another VNI, and a lease outside of the network", () => {
  const other = JSON.stringify({
    ...JSON.parse(PEER.value),
    BackendData: { VNI: 7, VtepMAC: PEER_MAC },
  });
  const sick = facts({}, [OWN, { ...PEER, value: other }]);
  assert.equal(only(found(sick))[0], "lease-vni");
  const far = entry("10.6.1.0-24", "192.168.7.3", "02:00:00:00:00:03");
  assert.equal(only(found(facts({}, [OWN, PEER, far])))[0], "lease-outside");
});

test("the own lease: missing, taken by another, near its end, reserved", () => {
  const [missing] = found(facts({}, [PEER]));
  assert.equal(missing?.code, "own-lease-missing");
  const stolen = entry("10.5.1.0-24", "192.168.7.9", "02:00:00:00:00:09");
  assert.match(found(facts({}, [stolen, PEER]))[0]?.message ?? "", /is 192\.168\.7\.9's/);
  const late = found(facts({}, [{ ...OWN, ttlS: 600 }, PEER]));
  assert.deepEqual(only(late), ["own-lease-expires", "systemctl restart flanneld"]);
  assert.deepEqual(found(facts({}, [{ ...OWN, ttlS: null, leaseId: null }, PEER])), []);
});

test("behind NAT the own lease is known by the device's MAC", () => {
  const nat = entry("10.5.1.0-24", "203.0.113.1", MAC);
  assert.deepEqual(found(facts({}, [nat, PEER])), []);
});

test("subnet.env: missing, of another lease, with another MTU, without a word", () => {
  const path = "/run/flannel/subnet.env";
  const lines = SUBNET_ENV.trimEnd().split("\n").join(" ");
  const commands = ["mkdir -p /run/flannel", `printf '%s\\n' ${lines} > ${path}`];
  const of = (text: string | null): Facts => facts({ subnetFile: { path, text } });
  assert.deepEqual(only(found(of(null))), ["subnet-file-missing", ...commands]);
  for (const [from, to] of [
    ["10.5.1.1/24", "10.5.4.1/24"],
    ["1450", "1500"],
    ["10.5.0.0/16", "10.6.0.0/16"],
  ] as const) {
    const sick = of(SUBNET_ENV.replace(from, to));
    assert.deepEqual(only(found(sick)), ["subnet-file-wrong", ...commands], to);
  }
  const [silent] = found(of(SUBNET_ENV.replace(/FLANNEL_IPMASQ.*\n/, "")));
  assert.equal(silent?.isWrong, false);
});

test("the device: missing", () => {
  const [device, ...rest] = found(facts({ links: [ETH0, BRIDGE] }));
  assert.deepEqual(device?.commands, [
    `ip link add flannel.1 address ${MAC} mtu 1450 type vxlan id 1 dev eth0 local 192.168.7.1 ` +
      "dstport 8472 nolearning",
    "ip address replace 10.5.1.0/32 dev flannel.1",
    "ip link set dev flannel.1 up",
  ]);
  assert.deepEqual(rest, []); // what leads to peers is still there
});

test("the device: what cannot be changed is made anew, with all that leads to peers", () => {
  for (const [key, value] of [
    ["vni", 2],
    ["port", 4789],
    ["underlay", "eth1"],
    ["local", "192.168.7.8"],
    ["learning", true],
    ["gbp", true],
  ] as const) {
    const vxlan = { ...(DEVICE.vxlan as NonNullable<typeof DEVICE.vxlan>), [key]: value };
    const sick = facts({ links: [ETH0, { ...DEVICE, vxlan }, BRIDGE] });
    const [code, first, ...commands] = only(found(sick));
    assert.deepEqual([code, first], ["device-wrong", "ip link delete flannel.1"], key);
    assert.deepEqual(commands.slice(3), [
      `ip neighbor replace 10.5.2.0 lladdr ${PEER_MAC} nud permanent dev flannel.1`,
      `bridge fdb replace ${PEER_MAC} dev flannel.1 dst 192.168.7.2 self permanent`,
      "ip route replace 10.5.2.0/24 via 10.5.2.0 dev flannel.1 onlink",
    ]);
  }
  const other = facts({ links: [ETH0, link("flannel.1", "bridge"), BRIDGE] });
  assert.equal(only(found(other))[0], "device-wrong");
});

test("the device: MTU, MAC, address, down, checksum offload", () => {
  const changed = (over: Partial<typeof DEVICE>): [string, ...string[]] => {
    return only(found(facts({ links: [ETH0, { ...DEVICE, ...over }, BRIDGE] })));
  };
  const set = "ip link set dev flannel.1";
  assert.deepEqual(changed({ mtu: 1500 }), ["device-mtu", `${set} mtu 1450`]);
  assert.deepEqual(changed({ mac: "02:00:00:00:00:aa" }), [
    "device-mac",
    `${set} address ${MAC}`,
    `ip neighbor replace 10.5.2.0 lladdr ${PEER_MAC} nud permanent dev flannel.1`,
  ]);
  assert.deepEqual(changed({ isUp: false }), ["device-down", `${set} up`]);
  const add = "ip address replace 10.5.1.0/32 dev flannel.1";
  assert.deepEqual(changed({ addresses: [] }), ["address-missing", add]);
  const two = { addresses: ["10.5.1.0/32", "10.5.8.0/32"] };
  const del = "ip address del 10.5.8.0/32 dev flannel.1";
  assert.deepEqual(changed(two), ["address-stale", del]);
  const off = "ethtool -K flannel.1 tx-checksum-ip-generic off";
  assert.deepEqual(changed({ offloadsChecksum: true }), ["checksum-offload", off]);
});

test("an MTU of the config that the underlay has not", () => {
  const config = CONFIG.replace('"vxlan"', '"vxlan","MTU":1600');
  const subnetFile = { path: "/s", text: SUBNET_ENV.replace("1450", "1550") };
  const links = [ETH0, { ...DEVICE, mtu: 1550 }, BRIDGE];
  const command = "ip link set dev eth0 mtu 1600";
  assert.deepEqual(only(found(facts({ links, subnetFile }, [OWN, PEER], config))), [
    "underlay-mtu",
    command,
  ]);
});

test("the bridge: another subnet, none of the overlay, too long, too wide", () => {
  const gone = ["ip address replace 10.5.1.1/24 dev cni0", "ip address del 10.5.9.1/24 dev cni0"];
  const addressed = (...addresses: string[]): Facts => {
    const routes = ROUTES.filter(({ dev }) => dev !== "cni0");
    return facts({ routes, links: [ETH0, DEVICE, { ...BRIDGE, addresses }] });
  };
  assert.deepEqual(only(found(addressed("10.5.9.1/24"))), ["bridge-address", ...gone]);
  assert.equal(only(found(addressed("172.17.0.1/16")))[0], "bridge-address");
  assert.equal(only(found(addressed("10.5.1.1/16")))[0], "bridge-address");
  const beside = link("docker0", "bridge", { addresses: ["172.17.0.1/16"] });
  assert.deepEqual(found(facts({ links: [ETH0, DEVICE, BRIDGE, beside] })), []);
  const wide = facts({ links: [ETH0, DEVICE, { ...BRIDGE, mtu: 1500 }] });
  assert.deepEqual(only(found(wide)), ["bridge-mtu", "ip link set dev cni0 mtu 1450"]);
});

test("settings: forwarding off, strict sources, no br_netfilter", () => {
  const { settings } = facts().host;
  const set = (path: string, value: string): Facts =>
    facts({ settings: { ...settings, [path]: value } });
  assert.deepEqual(only(found(set("net/ipv4/ip_forward", "0"))), [
    "forwarding-off",
    "echo 1 > /proc/sys/net/ipv4/ip_forward",
  ]);
  assert.deepEqual(only(found(set("net/ipv4/conf/flannel.1/forwarding", "0"))), [
    "forwarding-off",
    "echo 1 > /proc/sys/net/ipv4/conf/flannel.1/forwarding",
  ]);
  assert.deepEqual(only(found(set("net/ipv4/conf/all/rp_filter", "1"))), [
    "source-filter",
    "echo 2 > /proc/sys/net/ipv4/conf/flannel.1/rp_filter",
  ]);
  const bare = facts({ settings: { "net/ipv4/ip_forward": "1" } });
  assert.deepEqual(only(found(bare)), ["bridge-filter", "modprobe br_netfilter"]);
});

test("the port: taken by a process, or nobody's", () => {
  const owner = { pid: 7, name: "nc" };
  const taken = facts({ sockets: [{ port: 8472, address: "0.0.0.0", owner }] });
  assert.deepEqual(only(found(taken)), ["port-taken", "kill 7 && tail --pid=7 -f /dev/null"]);
  const tap = link("flannel.1", "tun", { mac: MAC, mtu: 1450, addresses: ["10.5.1.0/32"] });
  const links = [ETH0, tap, BRIDGE];
  assert.deepEqual(found(facts({ links })), []);
  assert.deepEqual(only(found(facts({ links, sockets: [] }))), [
    "port-missing",
    "systemctl restart flanneld",
  ]);
});

test("the way to a peer: divided, or lost", () => {
  const path = { remote: "192.168.7.2", len: 1500, mtu: 1400 };
  const [divided] = found(facts({ paths: [{ ...path, fate: "divided" }] }));
  assert.equal(divided?.isWrong, false);
  const config = '{"Network":"10.5.0.0/16","Backend":{"Type":"vxlan","MTU":1400}}';
  assert.deepEqual(only(found(facts({ paths: [{ ...path, fate: "lost" }] }))), [
    "path-mtu",
    `etcdctl put -- ${PREFIX}/config '${config}'`,
    "systemctl restart flanneld",
  ]);
  assert.deepEqual(found(facts({ paths: [{ ...path, fate: "silent", mtu: null }] })), []);
});
