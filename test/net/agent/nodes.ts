// Hosts of an overlay whose datapath is the core's, each in a namespace with a container behind it.
import type { DevicePlan, PeerPlan } from "../../../bindings/agent/index.ts";
import type { TableName } from "../../../bindings/core/index.ts";
import type { EntryFailure, Mended } from "../../../bindings/node/agent/datapath.ts";
import type { PumpStats } from "../../../bindings/node/pump.ts";
import { join, type Namespace, openNamespace } from "../namespace.ts";
import { pings } from "../ping.ts";
import type { Words } from "./wasm.inside.ts";

const MODULE = new URL("./wasm.inside.js", import.meta.url);
const NETWORK = "10.5.0.0/16";

export type Kind = "vxlan" | "udp";

/** One host, with the subnet 10.5.STATION.0/24. */
export class OverlayNode {
  readonly ns: Namespace;
  readonly container: Namespace;
  readonly underlay: string;
  readonly subnet: string;
  readonly containerAddress: string;
  readonly kind: Kind;
  mac = "";

  constructor(
    kind: Kind,
    ns: Namespace,
    container: Namespace,
    { station, underlay }: { readonly station: number; readonly underlay: string },
  ) {
    this.kind = kind;
    this.ns = ns;
    this.container = container;
    this.underlay = underlay;
    this.subnet = `10.5.${station}.0/24`;
    this.containerAddress = `10.5.${station}.2`;
  }

  /** The lease's own address. */
  get address(): string {
    return this.subnet.replace("/24", "/32");
  }
  get device(): string {
    return this.kind === "vxlan" ? "flannel.1" : "flannel0";
  }
  get plan(): DevicePlan {
    const isUdp = this.kind === "udp";
    const { device: name, kind, underlay: local } = this;
    return {
      name,
      kind,
      mtu: isUdp ? 1472 : 1450,
      network: NETWORK,
      underlay: "veth0",
      local,
      port: 0,
      vni: 1,
      routes: isUdp ? [{ dst: NETWORK, dev: name, scope: "global" }] : [],
    };
  }
  /** What others are told about this one. */
  get peerPlan(): PeerPlan {
    const { subnet, underlay: remote, mac, device: dev } = this;
    const base = subnet.replace("/24", "");
    const shared = { subnet, remote, neighbors: [], fdb: [], tunnelRoutes: [], routes: [] };
    if (this.kind === "udp") return { ...shared, tunnelRoutes: [{ dst: subnet, remote }] };
    return {
      ...shared,
      neighbors: [{ dev, address: base, mac }],
      fdb: [{ dev, mac, dst: remote }],
      routes: [{ dst: subnet, via: base, dev, onlink: true }],
    };
  }

  call<T>(name: string, ...args: unknown[]): Promise<T> {
    return this.ns.call<T>(MODULE, name, ...args);
  }
  async open(words: Words = {}): Promise<"kept" | "made"> {
    const opened = await this.call<{ mac: string | null; device: "kept" | "made" }>(
      "open",
      this.plan,
      this.address,
      words,
    );
    this.mac = opened.mac ?? "";
    return opened.device;
  }
  ensure(): Promise<"kept" | "made"> {
    return this.call("ensure", this.address);
  }
  put(...plans: PeerPlan[]): Promise<EntryFailure[]> {
    return this.call("put", plans);
  }
  remove(...plans: PeerPlan[]): Promise<EntryFailure[]> {
    return this.call("remove", plans);
  }
  reconcile(...plans: PeerPlan[]): Promise<Mended> {
    return this.call("reconcile", plans);
  }
  list<Row = Record<string, unknown>>(table: TableName): Promise<Row[]> {
    return this.call("list", table);
  }
  stats(): Promise<PumpStats> {
    return this.call("stats");
  }
  /** The kernel's part of a peer, as the agent would program it. */
  async route(peer: OverlayNode): Promise<void> {
    for (const { address, mac, dev } of peer.peerPlan.neighbors) {
      await this.ns.ip("neigh", "replace", address, "lladdr", mac, "dev", dev, "nud", "permanent");
    }
    for (const { dst, via = "", dev = "" } of peer.peerPlan.routes) {
      await this.ns.ip("route", "replace", dst, "via", via, "dev", dev, "onlink");
    }
  }
  /** Pings from the container. Returns what ping printed, and how many answers came. */
  ping(address: string, count: number, ...words: string[]): Promise<[string, number]> {
    return pings(this.container, address, count, ...words);
  }
  async close(): Promise<void> {
    await this.container.close();
    await this.ns.close();
  }
}

/** A host with its container; the underlay is the caller's. */
export async function openNode(
  kind: Kind,
  label: string,
  station: number,
  underlay: string = `10.168.0.${station}`,
): Promise<OverlayNode> {
  const ns = await openNamespace(label);
  const container = await openNamespace(`${label}c`);
  const node = new OverlayNode(kind, ns, container, { station, underlay });
  await ns.ip(
    "link",
    "add",
    "pod0",
    "type",
    "veth",
    "peer",
    "name",
    "eth0",
    "netns",
    container.name,
  );
  await ns.ip("address", "add", `10.5.${station}.1/24`, "dev", "pod0");
  await container.ip("address", "add", `${node.containerAddress}/24`, "dev", "eth0");
  await ns.ip("link", "set", "pod0", "up");
  await container.ip("link", "set", "eth0", "up");
  await container.ip("route", "add", "default", "via", `10.5.${station}.1`);
  await ns.sysctl("net.ipv4.ip_forward", 1);
  for (const one of [ns, container]) await one.sysctl("net.ipv6.conf.all.disable_ipv6", 1);
  return node;
}

/** Two hosts on one link, their datapaths open and acquainted. */
export async function openPair(kind: Kind, words: Words = {}): Promise<[OverlayNode, OverlayNode]> {
  const a = await openNode(kind, "a", 1);
  const b = await openNode(kind, "b", 2);
  await join(a.ns, `${a.underlay}/24`, b.ns, `${b.underlay}/24`);
  for (const node of [a, b]) await node.open(words);
  await acquaint(a, b);
  return [a, b];
}

/** A router between two hosts; the link to the second one carries `mtu` bytes. */
export async function openHole(
  kind: Kind,
  mtu: number,
  words: Words,
): Promise<{ a: OverlayNode; b: OverlayNode; router: Namespace }> {
  const a = await openNode(kind, "a", 1);
  const b = await openNode(kind, "b", 2, "10.168.9.2");
  const router = await openNamespace("r");
  await router.sysctl("net.ipv4.ip_forward", 1);
  for (const [node, end] of [
    [a, "toa"],
    [b, "tob"],
  ] as const) {
    const gateway = node.underlay.replace(/\d+$/, "254");
    const peer = ["peer", "name", end, "netns", router.name];
    await node.ns.ip("link", "add", "veth0", "type", "veth", ...peer);
    await node.ns.ip("address", "add", `${node.underlay}/24`, "dev", "veth0");
    await router.ip("address", "add", `${gateway}/24`, "dev", end);
    await node.ns.ip("link", "set", "veth0", "up");
    await router.ip("link", "set", end, "up");
    await node.ns.ip("route", "add", "default", "via", gateway);
  }
  await b.ns.ip("link", "set", "veth0", "mtu", String(mtu));
  await router.ip("link", "set", "tob", "mtu", String(mtu));
  for (const node of [a, b]) await node.open(words);
  await acquaint(a, b);
  return { a, b, router };
}

/** Each gets what leads to the other. */
export async function acquaint(a: OverlayNode, b: OverlayNode): Promise<void> {
  for (const [node, peer] of [
    [a, b],
    [b, a],
  ] as const) {
    const failures = await node.put(peer.peerPlan);
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    await node.route(peer);
  }
}
