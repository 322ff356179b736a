// What a pump's tables hold for two hosts that know each other: the same that flannel writes for
// one peer, in the core's own terms.
import type { JournalEntry, PortInit } from "../core/index.ts";
import { type HostPlan, type NetworkPlan, VNI } from "../lab/plan.ts";
import { DEVICE_PORT, TUNNEL_PORT } from "./pump.ts";

const DOMAIN = 0;
const REMOTE = 0;
const HOP = 0;

/** The first state of `host`'s pump. */
export function tables(plan: NetworkPlan, host: HostPlan, other: HostPlan): JournalEntry[] {
  const { address } = other.underlay;
  return [
    ...(plan.backend === "vxlan" ? vxlanPorts(plan, host) : udpPorts(plan, host)),
    { table: "remotes", op: "set", record: { index: REMOTE, address, flags: ["allowed"] } },
    ...(plan.backend === "vxlan" ? vxlanPeer(other) : udpPeer(other)),
  ];
}

function vxlanPorts(plan: NetworkPlan, host: HostPlan): JournalEntry[] {
  const { mac } = host.tunnel;
  const shared = { domain: DOMAIN, mac, mtu: plan.mtu };
  const mouth: PortInit = {
    ...shared,
    ...mouthOf(plan, host),
    index: TUNNEL_PORT,
    kind: "vxlan",
    vni: VNI,
    flags: ["linuxMode", "strictPeer", "ecn"],
  };
  return [
    { table: "domains", op: "set", record: { index: DOMAIN, vni: VNI } },
    { table: "ports", op: "set", record: { ...shared, index: DEVICE_PORT, kind: "ethernet" } },
    { table: "ports", op: "set", record: mouth },
  ];
}

/** Behind which remote the other host's end of the tunnel lives. */
function vxlanPeer(other: HostPlan): JournalEntry[] {
  const { mac } = other.tunnel;
  const place = { port: TUNNEL_PORT, remote: REMOTE };
  return [
    {
      table: "fdb",
      op: "set",
      record: { ...place, domain: DOMAIN, mac, flags: ["permanent"] },
    },
  ];
}

function udpPorts(plan: NetworkPlan, host: HostPlan): JournalEntry[] {
  const mouth: PortInit = {
    ...mouthOf(plan, host),
    index: TUNNEL_PORT,
    kind: "udpTunnel",
    flags: ["strictPeer", "ecn"],
  };
  return [
    { table: "ports", op: "set", record: { index: DEVICE_PORT, kind: "ip", mtu: plan.mtu } },
    { table: "ports", op: "set", record: mouth },
  ];
}

/** Which subnet the other host has. */
function udpPeer(other: HostPlan): JournalEntry[] {
  return [
    {
      table: "hops",
      op: "set",
      record: { index: HOP, kind: "unicast", port: TUNNEL_PORT, remote: REMOTE },
    },
    { table: "routes", op: "set", record: { prefix: other.subnet, hop: HOP } },
  ];
}

function mouthOf(plan: NetworkPlan, host: HostPlan): Omit<PortInit, "index" | "kind"> {
  const { address } = host.tunnel;
  return { ipv4: address, mtu: plan.mtu, localIpv4: host.underlay.address, udpPort: plan.port };
}
