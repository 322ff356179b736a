// The lab's listings against the tools themselves: the same devices and tables in two namespaces of
// the kernel, and every command there and here.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { listing, viewAt } from "../../bindings/lab/render/index.ts";
import type { DeviceSpec, Flavour, NetworkSpec } from "../../bindings/lab/spec/network.ts";
import type { Sighting } from "../../bindings/lab/trace/trace.ts";
import { stage, type Tables } from "../host/lab/render/stage.ts";
import { need } from "../need.ts";
import { type Namespace, openNamespace } from "./namespace.ts";

const BRIDGE = { kind: "bridge", name: "docker0", ifindex: 10, mac: "02:42:6a:46:93:d2" } as const;
const PORT_MAC = "32:e2:9c:45:03:29";
const C1_MAC = "02:42:ac:11:00:02";
const VTEP_MAC = "5e:f8:4f:00:e3:11";
const LOW_MAC = "b2:40:47:cd:7b:4c";
const [CONTAINER, HOST] = ["172.17.0.2/16 brd +", "172.17.0.1/16 brd +"];

const HOST_DEVICES: readonly DeviceSpec[] = [
  { ...BRIDGE, addresses: [HOST] },
  {
    ...{ kind: "veth", name: "veth20b3dac", ifindex: 11, mac: PORT_MAC },
    ...{ peer: "c1:eth0", master: "docker0" },
  },
  { kind: "bridge", name: "quiet", ifindex: 12, mac: LOW_MAC, addresses: ["172.19.0.1/16"] },
  { kind: "veth", name: "here", ifindex: 13, mac: LOW_MAC, peer: "host:there", master: "quiet" },
  {
    ...{ kind: "veth", name: "there", ifindex: 14, mac: "ba:40:47:cd:7b:4d", peer: "host:here" },
    isUp: false,
  },
  {
    kind: "bridge",
    name: "new",
    ifindex: 15,
    mac: "aa:00:00:00:00:0f",
    addresses: ["10.9.0.1/24"],
  },
  {
    ...{ kind: "vxlan", name: "flannel.1", ifindex: 16, mac: VTEP_MAC, mtu: 1450, vni: 1 },
    ...{ local: "172.17.0.1", lower: "docker0", addresses: ["10.1.15.0/32"] },
  },
  {
    ...{ kind: "tun", name: "flannel0", ifindex: 2, mtu: 1472, addresses: ["100.96.1.0/16"] },
    ...{ local: "172.17.0.1", lower: "docker0", leases: [] },
  },
];

const C1_DEVICES: readonly DeviceSpec[] = [
  {
    ...{ kind: "veth", name: "eth0", ifindex: 21, mac: C1_MAC, peer: "host:veth20b3dac" },
    addresses: [CONTAINER],
  },
];

const TABLES: Readonly<Record<string, Tables>> = {
  host: {
    link: ["flannel0 state DOWN no-carrier"],
    // The kernel sorts them.
    route: [
      "172.19.0.0/16 dev quiet proto kernel scope link src 172.19.0.1",
      "172.17.0.0/16 dev docker0 proto kernel scope link src 172.17.0.1",
      "100.96.0.0/16 dev flannel0 proto kernel scope link src 100.96.1.0",
      "10.9.0.0/24 dev new proto kernel scope link src 10.9.0.1",
      "10.1.16.0/24 via 10.1.16.0 dev flannel.1 onlink",
      "10.92.0.0/16 via 172.17.0.9 dev docker0 proto bird metric 5",
      "10.92.0.0/23 via 172.17.0.8 dev docker0 proto bird",
      "10.92.0.7 dev docker0 scope link",
      "default via 172.17.0.7 dev docker0",
    ],
    neigh: ["10.1.16.0 lladdr 5e:f8:4f:00:e3:37 dev flannel.1 nud permanent"],
    fdb: [
      `${C1_MAC} dev veth20b3dac master docker0`,
      "5e:f8:4f:00:e3:37 dev flannel.1 dst 10.168.0.3 self permanent",
    ],
    rule: [
      "-t nat -N DOCKER",
      "-t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
      "-t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE",
      "-t nat -A DOCKER ! -i docker0 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80",
      "-P FORWARD DROP",
      "-t raw -A PREROUTING -p icmp -j TRACE",
    ],
  },
  c1: {
    route: [
      "default via 172.17.0.1 dev eth0",
      "172.17.0.0/16 dev eth0 proto kernel scope link src 172.17.0.2",
    ],
    neigh: [`172.17.0.1 lladdr ${BRIDGE.mac} dev eth0 nud permanent`],
  },
};

const LINKS_MS_MAX = 10_000;

const needs = need("root", "ip", "ping", "tun");
const hasIpv6 = existsSync("/proc/sys/net/ipv6");
const spaces: Namespace[] = [];
after(async () => {
  for (const space of spaces) await space.close();
});

before(async () => {
  if (needs.skip !== false) return;
  const [host, c1] = [await openNamespace("host"), await openNamespace("c1")];
  spaces.push(host, c1);
  await settle(host, 0);
  await settle(c1, 1);
  await build(host, c1);
  await fill(host, c1);
});

/** IPv6 with addresses that are used at once, or without any, as docker has it in containers. */
async function settle(space: Namespace, isOff: 0 | 1): Promise<void> {
  if (!hasIpv6) return;
  for (const scope of ["all", "default"]) {
    await space.sysctl(`net.ipv6.conf.${scope}.accept_dad`, 0);
    await space.sysctl(`net.ipv6.conf.${scope}.disable_ipv6`, isOff);
  }
  await space.sysctl("net.ipv6.conf.lo.disable_ipv6", isOff);
}

async function build(host: Namespace, c1: Namespace): Promise<void> {
  const add = (device: DeviceSpec, ...type: string[]): Promise<string> => {
    const at = ["name", device.name, "index", String(device.ifindex), "txqueuelen", "0"];
    const isLent = device.name === "quiet"; // by its port
    const mac = device.mac === undefined || isLent ? [] : ["address", device.mac];
    return host.ip("link", "add", ...at, ...mac, "type", ...type);
  };
  const of = (name: string): DeviceSpec => {
    const found = HOST_DEVICES.find((device) => device.name === name);
    if (found === undefined) throw new RangeError(name);
    return found;
  };
  const end = ["index", "21", "address", C1_MAC, "txqueuelen", "0", "netns", c1.name];
  await add(of("docker0"), "bridge");
  await add(of("veth20b3dac"), "veth", "peer", "name", "eth0", ...end);
  await add(of("quiet"), "bridge");
  const there = ["name", "there", "index", "14", "address", of("there").mac ?? ""];
  await add(of("here"), "veth", "peer", ...there, "txqueuelen", "0");
  await add(of("new"), "bridge");
  const vxlan = ["id", "1", "local", "172.17.0.1", "dev", "docker0", "dstport", "8472"];
  await add(of("flannel.1"), "vxlan", ...vxlan, "nolearning");
  await host.ip("link", "set", "flannel.1", "mtu", "1450");
  await host.ip("tuntap", "add", "flannel0", "mode", "tun");
  await host.ip("link", "set", "flannel0", "mtu", "1472");
  // Ports first: so no bridge has a MAC, and an IPv6 address, that it loses again.
  const ports = HOST_DEVICES.filter(({ kind }) => kind === "veth");
  const others = HOST_DEVICES.filter(({ kind }) => kind !== "veth");
  for (const device of [...ports, ...others]) await raise(host, device);
  for (const device of C1_DEVICES) await raise(c1, device);
  await untilLinked(host);
}

/** The kernel looks after its links when it has time. */
async function untilLinked(host: Namespace): Promise<void> {
  const wanted = { docker0: "UP", quiet: "DOWN", new: "DOWN" };
  const endMs = performance.now() + LINKS_MS_MAX;
  for (const [name, state] of Object.entries(wanted)) {
    while (!(await host.ip("link", "show", name)).includes(`state ${state} `)) {
      if (performance.now() > endMs) throw new Error(`${name} is not ${state}`);
      await delay(50);
    }
  }
}

async function raise(space: Namespace, { name, addresses = [], master, isUp }: DeviceSpec) {
  for (const address of addresses) {
    await space.ip("address", "add", ...address.split(" "), "dev", name);
  }
  if (master !== undefined) await space.ip("link", "set", name, "master", master);
  if (isUp !== false) await space.ip("link", "set", name, "up");
}

async function fill(host: Namespace, c1: Namespace): Promise<void> {
  for (const [space, { route = [], neigh = [], fdb = [], rule = [] }] of [
    [host, TABLES.host ?? {}],
    [c1, TABLES.c1 ?? {}],
  ] as const) {
    for (const row of route.toReversed().filter((each) => !each.includes("proto kernel"))) {
      await space.ip("route", "add", ...row.split(" "));
    }
    for (const row of neigh) await space.ip("neigh", "add", ...row.split(" "));
    for (const row of fdb.filter((each) => each.includes("dst"))) {
      await space.run("bridge", "fdb", "add", ...row.split(" "));
    }
    for (const row of rule) await space.run("iptables", ...row.split(" "));
  }
  await c1.run("ping", "-c", "2", "-i", "0.2", "172.17.0.1");
  await host.ip("neigh", "flush", "dev", "docker0"); // who asked whom is a matter of time
}

function networkAs(flavour: Flavour): NetworkSpec {
  const sysctls = (isOff: number) => (hasIpv6 ? { "net.ipv6.conf.all.disable_ipv6": isOff } : {});
  const [host, c1] = ["host", "c1"];
  const namespaces = [
    { name: host, kind: "host", flavour, sysctls: sysctls(0), devices: HOST_DEVICES },
    { name: c1, kind: "container", flavour, sysctls: sysctls(1), devices: C1_DEVICES },
  ] as const;
  return { hosts: [{ name: "host", namespaces }], fabrics: [] };
}

/** As many packets and bytes at a device as the kernel has counted there. */
async function sightingsOf(space: Namespace, name: string): Promise<Sighting[]> {
  const lines = (await space.run("cat", "/proc/net/dev")).split("\n").slice(2).filter(Boolean);
  return lines.flatMap((line) => {
    const [device = "", ...counts] = line.trim().split(/[\s:]+/);
    const [rxBytes = 0, rxPackets = 0] = counts.map(Number);
    const [txBytes = 0, txPackets = 0] = counts.slice(8).map(Number);
    const at = `${name}:${device}`;
    return [...seen(at, "in", rxPackets, rxBytes), ...seen(at, "out", txPackets, txBytes)];
  });
}

function seen(place: string, direction: "in" | "out", count: number, len: number): Sighting[] {
  const hop = { timeNs: 0, packet: 0, hop: 1 };
  return Array.from({ length: count }, (_, at) => ({
    ...{ ...hop, place, direction, link: "ethernet" },
    bytes: { offset: 0, len: at === 0 ? len : 0 },
  }));
}

/** What the kernel has names or numbers for that the lab has not. */
function settled(text: string): string {
  return text
    .replaceAll(/link-netns \S+/g, "link-netnsid 0")
    .replaceAll(/(RX|TX)( packets | {2}bytes|: +bytes| bytes:).*/g, "$1$2")
    .replaceAll(/(RX|TX) packets:\d+ (.*)dropped:\d+/g, "$1 packets: $2")
    .replaceAll(/dropped \d+/g, "dropped")
    .replaceAll(/([RT]X: .*\n).*/g, "$1")
    .replaceAll(/ +\d+\.\d\d$/gm, " age");
}

interface Comparison {
  readonly flavour: Flavour;
  readonly commands: readonly string[];
  /** In front of each: "busybox ". */
  readonly tool?: string;
  /** Left out: both. */
  readonly at?: "host" | "c1";
}

/** Runs each command there and here; what never rests at a host with IPv6 is left out. */
async function compare({ flavour, commands, tool = "", at }: Comparison): Promise<void> {
  for (const [index, name] of ["host", "c1"].entries()) {
    const space = spaces[index];
    if (space === undefined || (at !== undefined && at !== name)) continue;
    for (const command of commands) {
      const sightings = await sightingsOf(space, name);
      const view = viewAt(stage(networkAs(flavour), TABLES, { sightings }), name);
      const ours = listing(view, command);
      const theirs = await space.run("sh", "-c", tool + command);
      const isExact = name === "c1" && !/link|addr/.test(command);
      if (isExact) assert.equal(ours, theirs, `${name}$ ${command}`);
      else assert.equal(settled(ours), settled(theirs), `${name}$ ${command}`);
    }
  }
}

test("iproute2 prints the same of routes, neighbors and stations", needs, async () => {
  await compare({ flavour: "iproute2", commands: ["ip route", "ip neigh", "bridge fdb"] });
  const ofDevice = ["ip route show dev eth0", "ip neigh show dev eth0", "bridge fdb show dev eth0"];
  await compare({ flavour: "iproute2", commands: ofDevice, at: "c1" });
  const ofBridge = ["bridge fdb show br docker0", "bridge fdb show dev flannel.1"];
  await compare({ flavour: "iproute2", commands: ofBridge, at: "host" });
});

test("iproute2 prints the same of devices", needs, async () => {
  const commands = ["ip addr", "ip link", "ip -4 addr", "ip -br addr", "ip -br link"];
  await compare({ flavour: "iproute2", commands });
  const ofOne = ["ip addr show docker0", "ip link show dev veth20b3dac", "ip -s link show new"];
  await compare({ flavour: "iproute2", commands: ofOne, at: "host" });
});

test("iproute2 prints the same JSON", needs, async () => {
  const tables = ["ip -j route", "ip -j neigh", "bridge -j fdb"];
  await compare({ flavour: "iproute2", commands: [...tables, "ip -j addr", "ip -j link"] });
});

test("busybox prints the same", need("root", "ip", "tun", "busybox"), async () => {
  const commands = ["ip addr", "ip link", "ip route", "ifconfig", "ifconfig -a", "route -n"];
  await compare({ flavour: "busybox", commands: [...commands, "arp -n"], tool: "busybox " });
});

test("net-tools print the same", need("root", "ip", "tun", "net-tools"), async () => {
  const commands = ["ifconfig", "ifconfig -a", "route -n", "arp -n"];
  await compare({ flavour: "iproute2", commands });
});

test("brctl prints the same", need("root", "ip", "tun", "brctl"), async () => {
  await compare({ flavour: "iproute2", commands: ["brctl show"] });
  const commands = ["brctl showmacs docker0", "brctl showmacs quiet"];
  await compare({ flavour: "iproute2", commands, at: "host" });
});

test("iptables prints the same", need("root", "ip", "tun", "iptables"), async () => {
  const commands = ["iptables -S", "iptables -t nat -S", "iptables -t raw -S"];
  await compare({ flavour: "iproute2", commands });
});
