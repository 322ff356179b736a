// The first state of a node's core: the port of the device, and the mouth of the tunnel.
import type { DevicePlan } from "../../agent/plan.ts";
import type { Caps, JournalEntry, PortFlagName, PortInit } from "../../core/index.ts";
import { DEVICE_PORT, TUNNEL_PORT } from "../ports.ts";
import { DOMAIN } from "./wasm-claim.ts";

/** How a datapath treats what it carries. */
export interface WasmPolicy {
  /** Packets from who holds no lease are dropped, and counted as `SourceDenied`. */
  readonly isStrict: boolean;
  /** What comes from a peer's subnet does not go back to that peer: `SplitHorizon`. */
  readonly hasHorizon: boolean;
  /** TCP connections are kept to what the tunnel has room for. */
  readonly clampsMss: boolean;
}

export const VXLAN_PORT = 8472;
export const UDP_PORT = 8285;

/** The UDP port of a plan, its default filled in. */
export function udpPortOf({ kind, port }: DevicePlan): number {
  return port || (kind === "vxlan" ? VXLAN_PORT : UDP_PORT);
}

/**
 * Domain and ports. `address` is the lease's own, "10.5.72.0", or null as long as there is none;
 * `mac` the device's, or null for a TUN.
 */
export function portEntries(
  plan: DevicePlan,
  address: string | null,
  mac: string | null,
  policy: WasmPolicy,
): JournalEntry[] {
  const { mtu, local: localIpv4 } = plan;
  const tunnel = { index: TUNNEL_PORT, ipv4: address, mtu, localIpv4, udpPort: udpPortOf(plan) };
  if (plan.kind === "udp") {
    return [
      port({ index: DEVICE_PORT, kind: "ip", mtu }),
      port({ ...tunnel, kind: "udpTunnel", flags: flagsOf(plan, policy) }),
    ];
  }
  const vni = plan.vni ?? 1;
  const shared = { domain: DOMAIN, mac };
  return [
    { table: "domains", op: "set", record: { index: DOMAIN, vni, ageS: LEARNED_AGE_S } },
    port({ ...shared, index: DEVICE_PORT, kind: "ethernet", mtu }),
    port({ ...shared, ...tunnel, kind: "vxlan", vni, flags: flagsOf(plan, policy) }),
  ];
}

const LEARNED_AGE_S = 300; // Linux's

function flagsOf({ kind, learning, gbp }: DevicePlan, policy: WasmPolicy): PortFlagName[] {
  const flags: PortFlagName[] = ["ecn"];
  if (policy.isStrict) flags.push("strictPeer");
  if (policy.hasHorizon) flags.push("splitHorizon");
  if (policy.clampsMss) flags.push("mssClamp");
  if (kind === "vxlan") flags.push("linuxMode");
  if (learning) flags.push("learn");
  if (gbp) flags.push("gbp");
  return flags;
}

function port(record: PortInit): JournalEntry {
  return { table: "ports", op: "set", record };
}

/** Capacities for so many peers. */
export function capsFor(peersMax: number, isLearning: boolean): Partial<Caps> {
  return {
    ports: 2,
    domains: 1,
    remotes: peersMax,
    hops: peersMax,
    routes: peersMax,
    fdb: isLearning ? 2 * peersMax : peersMax,
    flood: 0,
    neighbors: 0,
  };
}
