// What a pump's tables hold for two hosts that know each other: the same that flannel writes for
// one peer, in the core's own terms.
import type { JournalEntry, PortInit, RemoteInit } from "../core/index.ts";
import { type HostPlan, type NetworkPlan, VNI } from "./plan.ts";
import { DEVICE_PORT, TUNNEL_PORT } from "./pump.ts";

const DOMAIN = 0;
const REMOTE = 0;
const HOP = 0;

/** The first state of `host`'s pump. */
export function tables(plan: NetworkPlan, host: HostPlan, other: HostPlan): JournalEntry[] {
  return plan.backend === "vxlan" ? vxlanTables(plan, host, other) : udpTables(plan, host, other);
}

function vxlanTables(plan: NetworkPlan, host: HostPlan, other: HostPlan): JournalEntry[] {
  const { address, mac } = host.tunnel;
  const device: PortInit = {
    index: DEVICE_PORT,
    kind: "ethernet",
    domain: DOMAIN,
    mac,
    mtu: plan.mtu,
  };
  const tunnel: PortInit = {
    index: TUNNEL_PORT,
    kind: "vxlan",
    domain: DOMAIN,
    mac,
    ipv4: address,
    mtu: plan.mtu,
    flags: ["linuxMode", "strictPeer", "ecn"],
    vni: VNI,
    localIpv4: host.underlay.address,
    udpPort: plan.port,
  };
  return [
    set("domains", { index: DOMAIN, vni: VNI }),
    set("ports", device),
    set("ports", tunnel),
    set("remotes", remoteOf(other)),
    set("fdb", {
      domain: DOMAIN,
      mac: other.tunnel.mac,
      port: TUNNEL_PORT,
      remote: REMOTE,
      flags: ["permanent"],
    }),
  ];
}

function udpTables(plan: NetworkPlan, host: HostPlan, other: HostPlan): JournalEntry[] {
  const tunnel: PortInit = {
    index: TUNNEL_PORT,
    kind: "udpTunnel",
    ipv4: host.tunnel.address,
    mtu: plan.mtu,
    flags: ["strictPeer"],
    localIpv4: host.underlay.address,
    udpPort: plan.port,
  };
  return [
    set("ports", { index: DEVICE_PORT, kind: "ip", mtu: plan.mtu }),
    set("ports", tunnel),
    set("remotes", remoteOf(other)),
    set("hops", { index: HOP, kind: "unicast", port: TUNNEL_PORT, remote: REMOTE }),
    set("routes", { prefix: other.subnet, hop: HOP }),
  ];
}

function remoteOf(other: HostPlan): RemoteInit {
  return { index: REMOTE, address: other.underlay.address, flags: ["allowed"] };
}

type SetEntry = Extract<JournalEntry, { op: "set" }>;

function set<Table extends SetEntry["table"]>(
  table: Table,
  record: Extract<SetEntry, { table: Table }>["record"],
): JournalEntry {
  return { table, op: "set", record } as JournalEntry;
}
