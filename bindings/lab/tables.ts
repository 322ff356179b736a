// What stands in the tables of the first overlay's hosts, and who would have written it there: the
// operator (devices, addresses), the kernel (routes of addresses), flannel (one route, neighbor and
// FDB entry for each other host). Each function is pure: plan in, journal out.
import type { JournalEntry, PortInit } from "../core/index.ts";
import { PORT } from "./host.ts";
import {
  type HostPlan,
  type NetworkPlan,
  SUBNET_LEN,
  UNDERLAY_MTU,
  UNDERLAY_PREFIX,
  VNI,
} from "./plan.ts";

/** The one port of flanneld's node. */
export const FLANNELD_PORT = 0;

const DOMAIN = 0;
const REMOTE = 0;

/** Hops of a host's own node. */
const HOP = { local: 0, eth0: 1, bridge: 2, tunnel: 3 } as const;

/** The host's network namespace, as the kernel has it. */
export function hostTables(plan: NetworkPlan, mine: HostPlan, other: HostPlan): JournalEntry[] {
  return [
    ...deviceTables(mine),
    ...(plan.backend === "vxlan" ? vxlanTables(plan, mine, other) : tunTables(plan, mine)),
  ];
}

function deviceTables(mine: HostPlan): JournalEntry[] {
  const { underlay, bridge } = mine;
  const station = { kind: "ethernet", prefixLen: SUBNET_LEN, mtu: UNDERLAY_MTU } as const;
  return [
    set("ports", { ...station, index: PORT.eth0, mac: underlay.mac, ipv4: underlay.address }),
    set("ports", { ...station, index: PORT.bridge, mac: bridge.mac, ipv4: bridge.address }),
    set("hops", { index: HOP.local, kind: "local" }),
    set("hops", { index: HOP.eth0, kind: "connected", port: PORT.eth0 }),
    set("hops", { index: HOP.bridge, kind: "connected", port: PORT.bridge }),
    set("routes", { prefix: UNDERLAY_PREFIX, hop: HOP.eth0 }),
    set("routes", { prefix: mine.subnet, hop: HOP.bridge }),
    ...[underlay, bridge, mine.tunnel].map(({ address }) =>
      set("routes", { prefix: `${address}/32`, hop: HOP.local }),
    ),
  ];
}

/** A VXLAN device of the kernel, without learning, and what flannel writes for the other host. */
function vxlanTables(plan: NetworkPlan, mine: HostPlan, other: HostPlan): JournalEntry[] {
  const { tunnel } = other;
  const gateway = { gateway: tunnel.address, port: PORT.mouth };
  return [
    set("domains", { index: DOMAIN, vni: VNI }),
    set("ports", {
      ...mouth(plan, mine),
      index: PORT.mouth,
      kind: "vxlan",
      domain: DOMAIN,
      mac: mine.tunnel.mac,
      vni: VNI,
      flags: ["linuxMode", "ecn", "udpChecksum", "strictPeer"],
    }),
    remote(mine, other),
    set("neighbors", { port: PORT.mouth, address: tunnel.address, mac: tunnel.mac }),
    set("fdb", {
      domain: DOMAIN,
      mac: tunnel.mac,
      port: PORT.mouth,
      remote: REMOTE,
      flags: ["permanent"],
    }),
    set("hops", { ...gateway, index: HOP.tunnel, kind: "unicast", flags: ["onLink"] }),
    set("routes", { prefix: other.subnet, hop: HOP.tunnel }),
  ];
}

/** A TUN device, and the whole overlay behind it: which host has what, only flanneld knows. */
function tunTables(plan: NetworkPlan, mine: HostPlan): JournalEntry[] {
  const { address } = mine.tunnel;
  return [
    set("ports", { index: PORT.mouth, kind: "ip", ipv4: address, prefixLen: 16, mtu: plan.mtu }),
    set("hops", { index: HOP.tunnel, kind: "connected", port: PORT.mouth }),
    set("routes", { prefix: plan.network, hop: HOP.tunnel }),
  ];
}

/** The process at the other end of the TUN device, with a route for each other host. */
export function flanneldTables(plan: NetworkPlan, mine: HostPlan, other: HostPlan): JournalEntry[] {
  return [
    set("ports", {
      ...mouth(plan, mine),
      index: FLANNELD_PORT,
      kind: "udpTunnel",
      // A program's socket finds the path's MTU, unless it asks not to: DF is set.
      flags: ["ecn", "udpChecksum", "dontFragment", "strictPeer"],
    }),
    remote(mine, other),
    set("hops", { index: 0, kind: "unicast", port: FLANNELD_PORT, remote: REMOTE }),
    set("routes", { prefix: other.subnet, hop: 0 }),
  ];
}

/** What both kinds of tunnel have. */
function mouth(plan: NetworkPlan, mine: HostPlan): Omit<PortInit, "index" | "kind"> {
  const { address } = mine.tunnel;
  return { ipv4: address, mtu: plan.mtu, localIpv4: mine.underlay.address, udpPort: plan.port };
}

/** The other host. Its MAC is not known before ARP has asked for it. */
function remote(mine: HostPlan, other: HostPlan): JournalEntry {
  const { address } = other.underlay;
  return set("remotes", { index: REMOTE, address, flags: ["allowed"], srcMac: mine.underlay.mac });
}

type Setting = Extract<JournalEntry, { readonly op: "set" }>;
type RecordOf<Table> = Extract<Setting, { readonly table: Table }>["record"];

function set<Table extends Setting["table"]>(table: Table, record: RecordOf<Table>): JournalEntry {
  return { table, op: "set", record } as JournalEntry;
}
