// What the agent answers on its socket: its state as documents.
import type { Clock } from "../../agent/clock.ts";
import {
  deviceAddress,
  type FdbPlan,
  type NeighborPlan,
  type PeerPlan,
} from "../../agent/index.ts";
import type { PumpStats } from "../pump.ts";
import type { AgentState, Membership, PeerState } from "./state.ts";

/** `GET /status`. */
export interface StatusDocument {
  readonly pid: number;
  readonly phase: string;
  readonly isReady: boolean;
  readonly isEncrypted: false;
  readonly upS: number;
  readonly rssBytes: number;
  readonly store: string;
  readonly prefix: string;
  readonly datapath: string;
  readonly network: { name: string; backend: string; external: string; publicIp: string } | null;
  readonly device: { name: string; mac: string | null; mtu: number; address: string } | null;
  readonly lease: { subnet: string; key: string; expiresInS: number | null } | null;
  readonly peers: Record<PeerState["state"], number>;
  readonly mended: AgentState["mended"];
}

/** One of `GET /subnets`. */
export interface SubnetDocument {
  readonly subnet: string;
  readonly publicIp: string;
  readonly backend: string;
  readonly state: PeerState["state"] | "own";
  readonly reason: string;
  readonly isReservation: boolean;
}

/** One of `GET /routes`: of the kernel's main table, or of the tunnel's own. */
export interface RouteDocument {
  readonly dst: string;
  readonly via: string | null;
  readonly dev: string | null;
  readonly type: string;
  readonly table: "main" | "tunnel";
}

/** `GET /drops`: null where the kernel moves the packets. */
export type DropsDocument = Omit<PumpStats, "rssBytes"> | null;

export interface Documents {
  status(): StatusDocument;
  subnets(): SubnetDocument[];
  routes(): RouteDocument[];
  fdb(): FdbPlan[];
  neighbors(): NeighborPlan[];
  drops(): Promise<DropsDocument>;
}

export function documentsOf(state: AgentState, clock: Clock): Documents {
  const plans = (): PeerPlan[] => state.peers().flatMap(({ plan }) => plan ?? []);
  return {
    status: () => statusOf(state, clock.nowMs()),
    subnets: () => subnetsOf(state),
    routes: () => routesOf(state.membership, plans()),
    fdb: () => plans().flatMap(({ fdb }) => fdb),
    neighbors: () => plans().flatMap(({ neighbors }) => neighbors),
    drops: async () => {
      const stats = await state.stats();
      if (!stats) return null;
      const { rssBytes: _, ...rest } = stats;
      return rest;
    },
  };
}

function statusOf(state: AgentState, nowMs: number): StatusDocument {
  const { membership, settings } = state;
  return {
    pid: process.pid,
    phase: state.phase,
    isReady: state.isReady,
    isEncrypted: false,
    upS: Math.round((nowMs - state.startedMs) / 1000),
    rssBytes: process.memoryUsage.rss(),
    store: settings.store.kind,
    prefix: settings.store.prefix,
    datapath: settings.datapath,
    network: membership && networkOf(membership),
    device: membership && deviceOf(membership),
    lease: membership && leaseOf(membership, nowMs),
    peers: countsOf(state.peers()),
    mended: { ...state.mended },
  };
}

function networkOf({ config, external }: Membership): StatusDocument["network"] {
  const { name, publicIp } = external;
  return { name: config.network, backend: config.backend.type, external: name, publicIp };
}

function deviceOf({ device, lease, mac }: Membership): StatusDocument["device"] {
  if (!device) return null;
  return { name: device.name, mac, mtu: device.mtu, address: deviceAddress(lease.subnet) };
}

function leaseOf({ lease, expiryMs }: Membership, nowMs: number): StatusDocument["lease"] {
  const expiresInS = expiryMs === null ? null : Math.round((expiryMs - nowMs) / 1000);
  return { subnet: lease.subnet, key: lease.key, expiresInS };
}

function countsOf(peers: readonly PeerState[]): Record<PeerState["state"], number> {
  const counts = { programmed: 0, pending: 0, refused: 0 };
  for (const { state } of peers) counts[state] += 1;
  return counts;
}

function subnetsOf({ membership, peers }: AgentState): SubnetDocument[] {
  const others = peers().map(({ lease, state, reason }) => ({ lease, state, reason }));
  const own = membership ? [{ lease: membership.lease, state: "own" as const, reason: "" }] : [];
  return [...own, ...others].map(({ lease, state, reason }) => ({
    subnet: lease.subnet,
    publicIp: lease.attrs.publicIp,
    backend: lease.attrs.backendType,
    state,
    reason,
    isReservation: lease.leaseId === null,
  }));
}

function routesOf(membership: Membership | null, plans: readonly PeerPlan[]): RouteDocument[] {
  const main = [...(membership?.routes ?? []), ...plans.flatMap(({ routes }) => routes)];
  const tunnel = plans.flatMap(({ tunnelRoutes }) => tunnelRoutes);
  return [
    ...main.map(({ dst, via = null, dev = null, type = "unicast" }) => {
      return { dst, via, dev, type, table: "main" as const };
    }),
    ...tunnel.map(({ dst, remote }) => {
      return { dst, via: remote, dev: null, type: "unicast", table: "tunnel" as const };
    }),
  ];
}
