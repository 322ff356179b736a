// What an agent knows of itself, for whoever asks: the control socket, /metrics, /readyz. The agent
// writes it, all others read.
import type { DevicePlan, External, Lease, NetworkConfig } from "../../agent/index.ts";
import type { PumpStats } from "../pump.ts";
import type { TapOptions } from "../tap.ts";
import type { Mended } from "./datapath.ts";
import type { Held } from "./held.ts";
import type { AgentSettings } from "./settings.ts";

/** How far it has come. */
export type Phase = "starting" | "running" | "stopping";

/** One of the other nodes, and whether there is a way to it. */
export interface PeerState {
  readonly lease: Lease;
  readonly state: "programmed" | "pending" | "refused";
  /** Why there is no way, or not all of it; "" where there is. */
  readonly reason: string;
}

/** What the node has of the network since it joined. */
export interface Membership {
  readonly config: NetworkConfig;
  readonly external: External;
  readonly lease: Lease;
  readonly device: DevicePlan | null;
  readonly mac: string | null;
}

export type Capture = (options: TapOptions, signal: AbortSignal) => AsyncIterable<Uint8Array>;

export interface AgentState {
  readonly settings: AgentSettings;
  readonly startedMs: number;
  phase: Phase;
  /** The lease is given back at the end. */
  releases: boolean;
  isReady: boolean;
  membership: Membership | null;
  /** Of the lease, by the agent's monotonic clock; null for a reservation, or for none. */
  expiryMs: number | null;
  held: Held | null;
  /** In order of their subnets. */
  peers: () => readonly PeerState[];
  /** Why no peer can be programmed; "" when they can. */
  trouble: () => string;
  /** What has passed; null where the kernel moves the packets, or nothing does yet. */
  stats: () => Promise<PumpStats | null>;
  /** What passes, as pcapng; null where the kernel moves the packets. */
  capture: Capture | null;
  readonly mended: { restored: number; removed: number; failures: number };
}

export function newState(settings: AgentSettings, startedMs: number): AgentState {
  return {
    settings,
    startedMs,
    phase: "starting",
    releases: settings.releases,
    isReady: false,
    membership: null,
    expiryMs: null,
    held: null,
    peers: () => [],
    trouble: () => "",
    stats: async () => null,
    capture: null,
    mended: { restored: 0, removed: 0, failures: 0 },
  };
}

/** Adds what a look at the real tables found. */
export function addMended(state: AgentState, mended: Mended): void {
  state.mended.restored += mended.restored;
  state.mended.removed += mended.removed;
  state.mended.failures += mended.failures.length;
}
