// Flannel's UDP backend between two nodes of heddle, and what a sender hears about a subnet that
// nobody has.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { need } from "../../need.ts";
import { pings } from "../ping.ts";
import { type AgentHost, type Container, openHost } from "./host.ts";
import { Wire } from "./wire.ts";

const ECHO = new URL("./echo.inside.js", import.meta.url);
const NOBODY = "10.5.250.9"; // no lease is drawn that far up
const PORT = 8888;

const needs = need("root", "tun", "ip", "ping", "etcd", "iptables", "nft");
let wire: Wire;
let one: AgentHost;
let two: AgentHost;
let a: Container;
let b: Container;

before(async () => {
  if (needs.skip) return;
  wire = await Wire.open("udp");
  await wire.startEtcd({ Network: "10.5.0.0/16", Backend: { Type: "udp" } });
  one = await openHost(wire, "udp1", 81);
  two = await openHost(wire, "udp2", 82);
  for (const host of [one, two]) host.start();
  for (const host of [one, two]) await host.ready();
  a = await one.addContainer();
  b = await two.addContainer();
  for (const { ns } of [a, b]) await ns.call(ECHO, "serve", PORT);
});
after(async () => {
  for (const opened of [one, two, wire]) await opened?.close();
});

/** Twice: what was printed, and how many answers came. */
async function ping(from: Container, address: string, ...words: string[]): Promise<string> {
  const [printed, received] = await pings(from.ns, address, 2, ...words);
  return `${printed}answers: ${received}\n`;
}

test("8285 both ways, and four routers on the way", needs, async () => {
  const match = ["PREROUTING", "-p", "udp", "--sport", "8285", "--dport", "8285"];
  for (const { ns } of [one, two]) await ns.run("iptables", "-t", "raw", "-A", ...match);
  assert.match(await ping(a, b.address), /ttl=60 [\s\S]*answers: 2/);
  assert.match(await ping(b, a.address), /ttl=60 [\s\S]*answers: 2/);
  for (const { ns } of [one, two]) {
    const counted = await ns.run("iptables", "-t", "raw", "-vnxL", "PREROUTING");
    assert.match(counted, /^\s+4 /m);
  }
  assert.equal(await a.ns.call(ECHO, "askUdp", b.address, PORT, "hello"), "hello");
  assert.equal(await b.ns.call(ECHO, "askTcp", a.address, PORT, 100_000), 100_000);
});

test("1472 bytes pass, and 1473 do not", needs, async () => {
  assert.match(await ping(a, b.address, "-M", "do", "-s", "1444"), /answers: 2/);
  assert.match(await ping(a, b.address, "-M", "do", "-s", "1445"), /mtu ?= ?1472/);
});

/** How many ICMP errors of type 3 a container has heard. */
async function unreachables({ ns }: Container): Promise<number> {
  const [names = "", values = ""] = (await ns.run("cat", "/proc/net/snmp"))
    .split("\n")
    .filter((line) => line.startsWith("Icmp:"));
  return Number(values.split(" ")[names.split(" ").indexOf("InDestUnreachs")]);
}

test("a subnet that nobody has: ping, TCP and UDP hear of it at once", needs, async () => {
  assert.match(await ping(a, NOBODY), /Destination Net Unreachable/);
  assert.equal(await a.ns.call(ECHO, "askTcp", NOBODY, PORT, 1), "ENETUNREACH");
  const before = await unreachables(a);
  await a.ns.call(ECHO, "sendUdp", NOBODY, PORT);
  await one.until("UDP hears of it", async () => (await unreachables(a)) === before + 1);
});

test("an ICMP error is never answered by one", needs, async () => {
  // The host makes a datagram look as if it came from nobody; the container complains to nobody.
  const filter = `table ip forge {
    chain out {
      type filter hook postrouting priority 300;
      ip daddr ${a.address} udp dport 9 ip saddr set ${NOBODY}
    }
    chain raw { type filter hook output priority -300; udp dport 9 notrack; }
    chain seen { type filter hook forward priority 0; ip daddr ${NOBODY} icmp type 3 counter; }
  }`;
  await one.ns.run("nft", filter);
  const before = await unreachables(a);
  await one.ns.call(ECHO, "sendUdp", a.address, 9);
  await one.until("the complaint reaches the tunnel", async () => {
    return /counter packets 1 /.test(
      await one.ns.run("nft", "list", "chain", "ip", "forge", "seen"),
    );
  });
  // What comes later than an answer would have come: an answer to something else.
  assert.match(await ping(a, NOBODY), /Destination Net Unreachable/);
  assert.equal(await unreachables(a), before + 2);
});
