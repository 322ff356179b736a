// What carries packets between the node's device and its peers. The kernel's part of a peer (its
// route, its neighbor) is the same for all and not in here; see PeerPlan.
import type { PeerPlan } from "../../agent/plan.ts";

export type DatapathKind = "wasm" | "kernel";

/** An entry that could not be put or taken away. The others of the call were. */
export interface EntryFailure {
  readonly subnet: string;
  readonly reason: string;
}

/** What a look at the real tables found and mended. */
export interface Mended {
  readonly restored: number;
  readonly removed: number;
  readonly failures: readonly EntryFailure[];
}

/** Where the tunnel's entries live: `fdb` and `tunnelRoutes` of the plans. */
export interface TunnelTables {
  /** Puts them, or what changed of them. One failure keeps no other peer from being put. */
  put(plans: readonly PeerPlan[]): Promise<readonly EntryFailure[]>;
  /** Takes away what is there of them. */
  remove(plans: readonly PeerPlan[]): Promise<readonly EntryFailure[]>;
  /** Makes the tables hold these, all of these, and no other peer. */
  reconcile(plans: readonly PeerPlan[]): Promise<Mended>;
}

export interface Datapath {
  readonly kind: DatapathKind;
  /** As the kernel has it; null where the backend needs no device. */
  readonly deviceName: string | null;
  /** Of the device, as the lease publishes it; null where there are no frames. */
  readonly mac: string | null;
  readonly tunnel: TunnelTables;
  /**
   * Brings the device to its plan: made or adopted, MAC, MTU, address, its own routes, up. The
   * address is the lease's first, as "10.5.72.0/32". To be called again at will. "made" when it was
   * not there: then nothing of any peer is either.
   */
  ensureDevice(address: string): Promise<"kept" | "made">;
  /** Stops moving packets. The device stays, with all that the kernel holds about it. */
  close(): Promise<void>;
}
