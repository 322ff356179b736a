// What the agent answers on its socket: its state as documents.
import { deviceAddress } from "../../agent/index.ts";
import type { PumpStats } from "../pump.ts";
import type { Held, HeldNeighbor, HeldRoute, HeldStation } from "./held.ts";
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
  /** Why no peer can be programmed, a device that cannot be made above all; "" when all is well. */
  readonly trouble: string;
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

/** `GET /drops`: null where the kernel moves the packets. */
export type DropsDocument = Omit<PumpStats, "rssBytes"> | null;

export interface Documents {
  status(): StatusDocument;
  subnets(): SubnetDocument[];
  routes(): Promise<HeldRoute[]>;
  fdb(): Promise<HeldStation[]>;
  neighbors(): Promise<HeldNeighbor[]>;
  drops(): Promise<DropsDocument>;
}

export function documentsOf(state: AgentState, nowMs: () => number): Documents {
  const held = (): Held => {
    if (state.held) return state.held;
    throw new Error("the agent has not joined a network yet");
  };
  return {
    status: () => statusOf(state, nowMs()),
    subnets: () => subnetsOf(state),
    routes: async () => held().routes(),
    fdb: async () => held().fdb(),
    neighbors: async () => held().neighbors(),
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
    lease: membership && leaseOf(membership, state.expiryMs, nowMs),
    peers: countsOf(state.peers()),
    trouble: state.trouble(),
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

function leaseOf(
  { lease }: Membership,
  expiryMs: number | null,
  nowMs: number,
): StatusDocument["lease"] {
  const expiresInS = expiryMs === null ? null : Math.round((expiryMs - nowMs) / 1000);
  return { subnet: lease.subnet, key: lease.key, expiresInS };
}

function countsOf(peers: readonly PeerState[]): Record<PeerState["state"], number> {
  const counts = { programmed: 0, pending: 0, refused: 0 };
  for (const { state } of peers) counts[state] += 1;
  return counts;
}

function subnetsOf({ membership, peers }: AgentState): SubnetDocument[] {
  const own = membership ? [{ lease: membership.lease, state: "own" as const, reason: "" }] : [];
  return [...own, ...peers()].map(({ lease, state, reason }) => ({
    subnet: lease.subnet,
    publicIp: lease.attrs.publicIp,
    backend: lease.attrs.backendType,
    state,
    reason,
    isReservation: lease.leaseId === null,
  }));
}
