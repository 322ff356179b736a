// What an agent knows of itself, for whoever asks: the control socket, /metrics, /readyz. The agent
// writes it, all others read.
import type {
  DevicePlan,
  External,
  Lease,
  NetworkConfig,
  PeerPlan,
  RoutePlan,
} from "../../agent/index.ts";
import type { PumpStats } from "../pump.ts";
import type { Mended } from "./datapath.ts";
import type { AgentSettings } from "./settings.ts";

/** How far it has come. */
export type Phase = "starting" | "running" | "stopping";

/** One of the other nodes, and whether there is a way to it. */
export interface PeerState {
  readonly lease: Lease;
  readonly state: "programmed" | "pending" | "refused";
  /** Why there is no way, or not all of it; "" where there is. */
  readonly reason: string;
  readonly plan: PeerPlan | null;
}

/** What the node has of the network since it joined. */
export interface Membership {
  readonly config: NetworkConfig;
  readonly external: External;
  readonly lease: Lease;
  /** By the agent's monotonic clock; null for a reservation. */
  readonly expiryMs: number | null;
  readonly device: DevicePlan | null;
  readonly mac: string | null;
  /** Of pods, as subnet.env has it. */
  readonly mtu: number;
  /** That belong to the node itself, and to no peer. */
  readonly routes: readonly RoutePlan[];
}

export interface AgentState {
  readonly settings: AgentSettings;
  readonly startedMs: number;
  phase: Phase;
  isReady: boolean;
  membership: Membership | null;
  /** In order of their subnets. */
  peers: () => readonly PeerState[];
  /** What has passed; null where the kernel moves the packets, or nothing does yet. */
  stats: () => Promise<PumpStats | null>;
  readonly mended: { restored: number; removed: number; failures: number };
}

export function newState(settings: AgentSettings, startedMs: number): AgentState {
  return {
    settings,
    startedMs,
    phase: "starting",
    isReady: false,
    membership: null,
    peers: () => [],
    stats: async () => null,
    mended: { restored: 0, removed: 0, failures: 0 },
  };
}

/** Adds what a look at the real tables found. */
export function addMended(state: AgentState, mended: Mended): void {
  state.mended.restored += mended.restored;
  state.mended.removed += mended.removed;
  state.mended.failures += mended.failures.length;
}
