// Three hosts of one flannel network with a real etcd: heddle's core, the kernel by heddle, and a
// host that was programmed by hand exactly as flannel leaves it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { parseLeaseAttrs, parseSubnetKey, parseVxlanData } from "../../../bindings/agent/index.ts";
import { need } from "../../need.ts";
import { pings } from "../ping.ts";
import { FlannelHost } from "./flannel-host.ts";
import { type AgentHost, type Container, openHost } from "./host.ts";
import { Wire } from "./wire.ts";

const ECHO = new URL("./echo.inside.js", import.meta.url);
const PORT = 8888;
const STREAM_LEN = 1 << 20;
const HEADERS_LEN = 28; // IPv4 20, ICMP 8
const MTU = 1450;

const needs = need("root", "tun", "ip", "ping", "etcd", "iptables", "nft", "ethtool");
let wire: Wire;
let wasm: AgentHost;
let kernel: AgentHost;
let flannel: FlannelHost;
const containers: Container[] = [];

before(async () => {
  if (needs.skip) return;
  wire = await Wire.open("three");
  await wire.startEtcd({ Network: "10.5.0.0/16", Backend: { Type: "vxlan" } });
  wasm = await openHost(wire, "wasm", 81);
  kernel = await openHost(wire, "kernel", 82);
  flannel = await FlannelHost.open(wire, "flannel", 83);
  wasm.start("--ip-masq");
  kernel.start("--datapath=kernel");
  for (const host of [wasm, kernel]) await host.ready();
  // No hardware here computes what the kernel leaves to it, and a process gets to see it raw.
  for (const { ns } of [kernel, flannel.host]) {
    await ns.run("ethtool", "-K", "flannel.1", "tx-checksum-ip-generic", "off");
  }
  await introduce();
  for (const host of [wasm, kernel, flannel.host]) {
    const container = await host.addContainer();
    await container.ns.call(ECHO, "serve", PORT);
    containers.push(container);
  }
});
after(async () => {
  for (const one of [wasm, kernel, flannel?.host, wire]) await one?.close();
});

/** Tells the host without an agent what the leases say. */
async function introduce(): Promise<void> {
  for (const { key, value } of await wire.leases()) {
    const { subnet } = parseSubnetKey(key);
    const { publicIp, backendData } = parseLeaseAttrs(value);
    const mac = parseVxlanData(backendData).vtepMac;
    if (subnet !== flannel.subnet) await flannel.addPeer({ subnet, mac, address: publicIp });
  }
}

function pairs(): [Container, Container][] {
  return containers.flatMap((a) => containers.filter((b) => b !== a).map((b) => [a, b] as never));
}

test("every container reaches every other by ping, UDP and TCP", needs, async () => {
  assert.equal(pairs().length, 6);
  for (const [a, b] of pairs()) {
    const [printed, received] = await pings(a.ns, b.address, 3);
    assert.equal(received, 3, `${a.address} to ${b.address}`);
    assert.match(printed, /ttl=62/); // two hosts route, and no tunnel counts
    const way = `${a.ns.name} to ${b.ns.name}`;
    const heard = await a.ns.call(ECHO, "askUdp", b.address, PORT, "hello").catch(String);
    assert.equal(heard, "hello", way);
    assert.equal(await a.ns.call(ECHO, "askTcp", b.address, PORT, STREAM_LEN), STREAM_LEN, way);
  }
});

test("1450 bytes pass undivided, and 1451 are refused with MTU 1450", needs, async () => {
  for (const { ns } of containers) await ns.ip("link", "set", "eth0", "mtu", "1500");
  for (const host of [wasm, kernel, flannel.host]) {
    await host.ns.ip("link", "set", "pod2", "mtu", "1500");
  }
  for (const [a, b] of pairs()) {
    const ping = (len: number): ReturnType<typeof pings> =>
      pings(a.ns, b.address, 1, "-M", "do", "-s", String(len - HEADERS_LEN));
    assert.equal((await ping(MTU))[1], 1, `${a.address} to ${b.address}`);
    assert.match((await ping(MTU + 1))[0], /mtu ?= ?1450/);
  }
});

test("the doctor has nothing to say about any of the three", needs, async () => {
  for (const { ns } of containers) await ns.ip("link", "set", "eth0", "mtu", String(MTU));
  for (const { ns } of [wasm, kernel, flannel.host]) {
    await ns.ip("link", "set", "pod2", "mtu", String(MTU));
  }
  for (const host of [wasm, kernel, flannel.host]) {
    const files = [`--subnet-file=${host.subnetFile}`, `--socket=${host.socket}`];
    const flags = [`--etcd-endpoints=${wire.endpoint}`, ...files];
    const printed = await host.heddle("doctor", ...flags).catch(({ stdout }) => stdout);
    assert.equal(printed, "nothing wrong, no risks\n", host.label);
  }
});

test("subnet.env is flannel's, to the byte", needs, async () => {
  const subnet = await wasm.subnet();
  const lines = [
    "FLANNEL_NETWORK=10.5.0.0/16",
    `FLANNEL_SUBNET=${subnet.replace(".0/", ".1/")}`,
    "FLANNEL_MTU=1450",
    "FLANNEL_IPMASQ=true",
  ];
  assert.equal(wasm.subnetEnv(), `${lines.join("\n")}\n`);
});

test(
  "packets leave the agent's hosts as the kernel's do: no TTL is lost, and no source",
  needs,
  async () => {
    const [inWasm, , inFlannel] = containers;
    assert.ok(inWasm && inFlannel);
    const rule = ["-t", "raw", "PREROUTING", "-s", inWasm.address, "-m", "ttl", "--ttl-eq", "63"];
    const [, table = "", chain = "", ...match] = rule;
    await flannel.host.ns.run("iptables", "-t", table, "-A", chain, ...match);
    await pings(inWasm.ns, inFlannel.address, 2);
    const counted = await flannel.host.ns.run("iptables", "-t", table, "-vnxL", chain);
    assert.match(counted, /^\s+2 /m);
  },
);
