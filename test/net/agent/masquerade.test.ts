// Each of flannel's masquerade rules with one real packet, under iptables and under nftables: the
// hook and six rules, told by the address that the receiver sees.
//
//   pod 10.5.72.2 --- 10.5.72.1 host 10.168.0.1 --- 10.168.0.2 far
//
// far has 10.5.9.2 and 10.5.33.2, which are pods of other nodes, and 192.0.2.2, the outside. The
// host has 172.16.0.1 as well, so that its own packets have a source that the way out does not.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { need } from "../../need.ts";
import { join, type Namespace, openNamespace } from "../namespace.ts";
import type { Wish } from "./firewall.inside.ts";

const INSIDE = new URL("./firewall.inside.js", import.meta.url);
const needs = need("root", "ip", "iptables", "nft");

const WISH: Wish = {
  mode: "iptables",
  overlays: [{ network: "10.5.0.0/16", subnet: "10.5.72.0/24" }],
  previous: [],
  masq: true,
  forward: true,
  randomFully: true,
  blackhole: false,
  resyncMs: 5000,
};

const POD = "10.5.72.2";
const OUTSIDE = "192.0.2.2";
const REMOTE_POD = "10.5.9.2";
const GROUP = "239.1.1.1";
const MASQUERADED = "10.168.0.1";
/** Ports on which the host marks what it forwards; one mark has another bit beside kube-proxy's. */
const MARKED = 7001;
const MARKED_TWICE = 7002;

interface Packet {
  readonly rule: string;
  readonly sender: "pod" | "host" | "far";
  readonly from: string;
  readonly receiver: "pod" | "far";
  readonly to: string;
  readonly port?: number;
  /** What the receiver sees with the rules; without them it sees `from`. */
  readonly seen: string;
}

const outward = { sender: "pod", from: POD, receiver: "far" } as const;
const inward = { sender: "far", receiver: "pod", to: POD } as const;

const PACKETS: readonly Packet[] = [
  { rule: "hook and 5: own pod to outside", ...outward, to: OUTSIDE, seen: MASQUERADED },
  { rule: "1: kube-proxy's mark", ...outward, to: OUTSIDE, port: MARKED, seen: POD },
  { rule: "1: the mark and another", ...outward, to: OUTSIDE, port: MARKED_TWICE, seen: POD },
  { rule: "2: own pod to remote pod", ...outward, to: REMOTE_POD, seen: POD },
  { rule: "3: remote pod to own pod", ...inward, from: REMOTE_POD, seen: REMOTE_POD },
  { rule: "4: outside to own pod", ...inward, from: OUTSIDE, seen: OUTSIDE },
  {
    ...{ rule: "5: pod to multicast", sender: "host", from: "10.5.72.1", receiver: "far" },
    ...{ to: GROUP, seen: "10.5.72.1" },
  },
  {
    ...{ rule: "5: remote pod to another", sender: "far", from: REMOTE_POD, receiver: "far" },
    ...{ to: "10.5.33.2", seen: MASQUERADED },
  },
  {
    ...{ rule: "6: host to remote pod", sender: "host", from: "172.16.0.1", receiver: "far" },
    ...{ to: REMOTE_POD, seen: MASQUERADED },
  },
];

let places: Record<"pod" | "host" | "far", Namespace>;
let nextPort = 8000;

before(async () => {
  if (needs.skip) return;
  const [pod, host, far] = await Promise.all(
    ["masq-pod", "masq-host", "masq-far"].map((label) => openNamespace(label)),
  );
  assert.ok(pod && host && far);
  places = { pod, host, far };
  await join(host, "10.168.0.1/24", far, "10.168.0.2/24");
  await host.ip("link", "set", "veth0", "name", "eth0");
  await join(host, "10.5.72.1/24", pod, "10.5.72.2/24");
  await pod.ip("route", "add", "default", "via", "10.5.72.1");
  await host.ip("address", "add", "172.16.0.1/32", "dev", "lo");
  for (const prefix of ["10.5.9.0/24", "10.5.33.0/24", "192.0.2.0/24"]) {
    await host.ip("route", "add", prefix, "via", "10.168.0.2");
  }
  for (const address of [REMOTE_POD, "10.5.33.2", OUTSIDE]) {
    await far.ip("address", "add", `${address}/32`, "dev", "lo");
  }
  await far.ip("route", "add", "default", "via", "10.168.0.1");
  // What far sends to itself leaves it, as between two hosts, and may come back as from outside.
  await far.ip("rule", "add", "to", "10.5.33.2", "iif", "lo", "lookup", "100", "pref", "1");
  await far.ip("rule", "del", "pref", "0");
  await far.ip("rule", "add", "lookup", "local", "pref", "2");
  await far.ip("route", "add", "10.5.33.2", "via", "10.168.0.1", "table", "100");
  await far.sysctl("net.ipv4.conf.all.accept_local", 1);
  await host.sysctl("net.ipv4.ip_forward", 1);
  await host.sysctl("net.ipv4.conf.all.send_redirects", 0);
  for (const place of [pod, host, far]) {
    for (const device of ["all", "default"]) {
      await place.sysctl(`net.ipv4.conf.${device}.rp_filter`, 0);
    }
  }
  const mark = (port: number, value: string): string =>
    `add rule ip test marks udp dport ${port} meta mark set ${value}`;
  const lines = [
    "add table ip test",
    "add chain ip test marks { type filter hook prerouting priority mangle ; }",
    mark(MARKED, "0x4000"),
    mark(MARKED_TWICE, "0xc000"),
  ];
  for (const line of lines) await host.run("nft", line);
});

after(async () => {
  for (const place of Object.values(places ?? {})) await place.close();
});

/** The source that the receiver sees. */
async function sourceOf(packet: Packet): Promise<string> {
  const { sender, receiver, from, to } = packet;
  const port = packet.port ?? nextPort++;
  const isGroup = to === GROUP;
  await places[receiver].call(INSIDE, "hear", port, ...(isGroup ? [GROUP, "10.168.0.2"] : []));
  await places[sender].call(INSIDE, "say", from, to, port, ...(isGroup ? ["10.168.0.1"] : []));
  return places[receiver].call(INSIDE, "source", port);
}

async function seen(): Promise<Record<string, string>> {
  const sources: Record<string, string> = {};
  for (const packet of PACKETS) sources[packet.rule] = await sourceOf(packet);
  return sources;
}

function expected(of: (packet: Packet) => string): Record<string, string> {
  return Object.fromEntries(PACKETS.map((packet) => [packet.rule, of(packet)]));
}

describe("masquerading", () => {
  test("without rules every packet keeps its source", needs, async () => {
    assert.deepEqual(
      await seen(),
      expected(({ from }) => from),
    );
  });

  for (const mode of ["iptables", "nftables"] as const) {
    test(`each rule does what it is for, by ${mode}`, needs, async () => {
      await places.host.call(INSIDE, "start", { ...WISH, mode });
      assert.deepEqual(
        await seen(),
        expected((packet) => packet.seen),
      );
    });
  }

  // Or the packets would prove nothing.
  test("without any one of the seven, some packet has another source", needs, async () => {
    const whole = expected((packet) => packet.seen);
    for (const at of [0, 1, 2, 3, 4, 5, 6]) {
      await places.host.call(INSIDE, "start", WISH);
      const rule = at === 0 ? ["POSTROUTING", "1"] : ["FLANNEL-POSTRTG", String(at)];
      await places.host.run("iptables", "-t", "nat", "-D", ...rule);
      assert.notDeepEqual(await seen(), whole, `rule ${at}`);
    }
  });

  test("and when all is taken away, every packet keeps its source again", needs, async () => {
    await places.host.call(INSIDE, "remove", WISH);
    assert.deepEqual(
      await seen(),
      expected(({ from }) => from),
    );
  });
});
