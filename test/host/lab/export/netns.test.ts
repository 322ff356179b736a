import assert from "node:assert/strict";
import { test } from "node:test";
import { exportNetns, exportTeardown } from "../../../../bindings/lab/export/netns.ts";
import type {
  DeviceSpec,
  NamespaceSpec,
  NetworkSpec,
} from "../../../../bindings/lab/spec/network.ts";

function host(name: string, devices: readonly DeviceSpec[], more: Partial<NamespaceSpec> = {}) {
  return { name, namespaces: [{ name, kind: "host" as const, devices, ...more }] };
}

const CARD: DeviceSpec = { kind: "nic", name: "eth0", addresses: ["10.168.0.2/24"] };

function linesOf(network: NetworkSpec): string[] {
  return exportNetns(network)
    .split("\n")
    .map((line) => line.trim());
}

test("a card is plugged into the port of its host", () => {
  const two: DeviceSpec = { kind: "nic", name: "eth1", ifindex: 7 };
  const ports = ["a:eth0", "b:eth0", "b:eth1"];
  const network: NetworkSpec = {
    hosts: [host("a", [CARD]), host("b", [CARD, two])],
    fabrics: [{ name: "sw0", kind: "switch", ports }],
  };
  const lines = linesOf(network);
  const made = lines.filter((line) => line.includes("type veth"));
  assert.deepEqual(made, [
    'ip -n "$P"a link add eth0 type veth peer name p-a netns "$P"sw0',
    'ip -n "$P"b link add eth0 type veth peer name p-b-eth0 netns "$P"sw0',
    'ip -n "$P"b link add eth1 index 7 type veth peer name p-b-eth1 netns "$P"sw0',
  ]);
  assert.ok(lines.includes('ip -n "$P"sw0 link add sw0 type bridge mcast_snooping 0'));
});

test("a hub forgets at once, and a cable is no namespace", () => {
  const hosts = [host("a", [CARD]), host("b", [CARD])];
  const ports = ["a:eth0", "b:eth0"];
  const hub = linesOf({ hosts, fabrics: [{ name: "hub0", kind: "hub", ports }] });
  assert.ok(hub.some((line) => line.includes("hub0 type bridge ageing_time 0")));
  const cable = linesOf({ hosts, fabrics: [{ name: "x", kind: "cable", ports }] });
  assert.ok(cable.includes('ip -n "$P"a link add eth0 type veth peer name eth0 netns "$P"b'));
  assert.ok(!cable.some((line) => line.startsWith("ip netns add") && line.endsWith("x")));
});

test("a VTEP that was moved is made where its socket stays", () => {
  const vxlan: DeviceSpec = {
    ...{ kind: "vxlan", name: "vxlan0", vni: 4097, port: 4789, ifindex: 97 },
    ...{ local: "10.168.0.2", lower: "eth0", socketIn: "a", isProxy: true, isLearning: true },
  };
  const overlay: NamespaceSpec = { name: "1-net", kind: "overlay", devices: [vxlan] };
  const own = host("a", [CARD]);
  const network = { hosts: [{ ...own, namespaces: [...own.namespaces, overlay] }], fabrics: [] };
  const lines = linesOf(network);
  const type = "type vxlan id 4097 local 10.168.0.2 dstport 4789 learning proxy";
  const at = lines.indexOf(`ip -n "$P"a link add vx-moving index 97 ${type}`);
  assert.equal(lines[at + 1], 'ip -n "$P"a link set vx-moving netns "$P"1-net name vxlan0');
  assert.ok(lines.includes('ip -n "$P"1-net link set vxlan0 mtu 1450'));
});

test("settings name a device that has a dot of its own", () => {
  const sysctls = { "net.ipv4.conf.flannel.1.rp_filter": 2, "net.ipv4.ip_forward": 0 };
  const lines = linesOf({ hosts: [host("a", [CARD], { sysctls })], fabrics: [] });
  assert.ok(lines.includes('setting "$P"a net/ipv4/conf/flannel.1/rp_filter 2'));
  assert.equal(lines.filter((line) => line.includes("ip_forward")).length, 1);
});

test("words of a spec cannot become words of the shell", () => {
  const rules = [`-A FORWARD -m comment --comment "it's; $(reboot)" -j ACCEPT`];
  const lines = linesOf({ hosts: [host("a b", [CARD], { rules })], fabrics: [] });
  assert.ok(
    lines.includes(
      `ip netns exec "$P"'a b' iptables -w -A FORWARD -m comment --comment ` +
        `'it'\\''s; $(reboot)' -j ACCEPT`,
    ),
  );
});

test("what a kernel may not have is tried with all that hangs on it, and the rest is said", () => {
  const tunnel: DeviceSpec = {
    ...{ kind: "ipip", name: "tunnel0", local: "10.168.0.2", lower: "eth0" },
    addresses: ["10.92.77.128/32"],
  };
  const weave: DeviceSpec = {
    ...{ kind: "weave", name: "vethwe-bridge", mode: "sleeve", lower: "eth0" },
    ...{ local: "10.168.0.2", peers: [] },
  };
  const routes = ["10.92.203.0/24 via 10.168.0.3 dev tunnel0 onlink"];
  const script = exportNetns({
    hosts: [host("a", [CARD, tunnel, weave], { routes })],
    fabrics: [],
  });
  const attempt = script.slice(script.indexOf("if ip -n"), script.indexOf("\nfi"));
  assert.match(attempt, /type ipip local 10\.168\.0\.2 dev eth0 2>\/dev\/null; then/);
  assert.match(attempt, / {2}ip -n "\$P"a link set tunnel0 mtu 1480\n/);
  assert.match(
    attempt,
    / {2}ip -n "\$P"a route add 10\.92\.203\.0\/24 via .* dev tunnel0 onlink\n/,
  );
  assert.match(attempt, /else\n {2}echo 'a:tunnel0: this kernel has no ipip, .*' >&2/);
  assert.equal(script.match(/tunnel0/g)?.length, attempt.match(/tunnel0/g)?.length);
  assert.match(script, /echo 'a:vethwe-bridge: left out, .*' >&2/);
});

test("a station with several remotes is appended", () => {
  const vxlan: DeviceSpec = {
    ...{ kind: "vxlan", name: "flannel.1", vni: 1, local: "10.168.0.2", lower: "eth0" },
  };
  const all = "00:00:00:00:00:00 dev flannel.1 dst";
  const fdb = [`${all} 10.168.0.3`, `${all} 10.168.0.4`];
  const lines = linesOf({ hosts: [host("a", [CARD, vxlan], { fdb })], fabrics: [] });
  assert.ok(lines.includes(`bridge -n "$P"a fdb add ${fdb[0]}`));
  assert.ok(lines.includes(`bridge -n "$P"a fdb append ${fdb[1]}`));
});

test("the teardown names what the script made", () => {
  const network: NetworkSpec = { hosts: [host("a", [CARD])], fabrics: [] };
  assert.match(exportTeardown(network), /for n in a unplugged; do/);
  assert.match(exportNetns(network), /for n in a unplugged; do/);
});
