// What a node wants of the store that holds a network's leases: the config, a subnet of its own for
// as long as it likes, and to hear of all the others.
import type { LeaseRules } from "../../core/lease.ts";
import type { Clock, Dice } from "../clock.ts";
import type { NetworkConfig } from "../config.ts";
import type { Lease, LeaseAttrs } from "../lease.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store.ts";

export interface ManagerInit {
  readonly store: Store;
  /** Where the network lies in the store: "/coreos.com/network". */
  readonly prefix: string;
  readonly rules: LeaseRules;
  readonly clock: Clock;
  readonly dice: Dice;
  readonly log: Log;
  /** How long before its end a lease is renewed. Left out: an hour. */
  readonly renewMarginMs?: number;
  /** Left out: flannel's 24 hours. */
  readonly ttlS?: number;
  /** Peers beyond so many are refused, and the log says so. Left out: 65536. */
  readonly peersMax?: number;
  /** A watch without a sign of life for so long is begun anew. Left out: fifteen minutes. */
  readonly silenceMaxMs?: number;
}

/** A subnet that is ours, and the config that it fits. */
export interface Acquired {
  readonly lease: Lease;
  readonly config: NetworkConfig;
}

/**
 * How a lease was lost.
 * - `deleted`: somebody deleted it, and the subnet is free or was when we looked.
 * - `taken`: another node's lease stands in its place.
 * - `expired`: its time is over, and it could not be renewed. Nobody may have noticed yet.
 */
export type LeaseLoss = "deleted" | "taken" | "expired";

/** A lease that was to be changed is not ours any more. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
  readonly loss: LeaseLoss;

  constructor(subnet: string, loss: LeaseLoss) {
    super(`the lease of ${subnet} is lost: ${loss}`);
    this.loss = loss;
  }
}

export interface PeerChange {
  /**
   * `snapshot`: the store was listed, at the beginning and whenever the watch had a gap; it comes
   * even if nothing changed, and is the moment to compare tables with it.
   */
  readonly kind: "snapshot" | "change";
  /** All peers by their subnets, as they stand until the next change is asked for. */
  readonly peers: ReadonlyMap<string, Lease>;
  /** Who is new, or says something new. A renewal is neither. */
  readonly changed: readonly Lease[];
  /** Who is gone, as it was. */
  readonly removed: readonly Lease[];
}

/** What SubnetManager does. All waits end with the signal's reason when it aborts. */
export interface SubnetLeases {
  /** The network's config, asked for each second until there is a valid one. */
  networkConfig(signal: AbortSignal): Promise<NetworkConfig>;

  /**
   * Finds this node a subnet: the one that has its public address, else `previous`, if nobody has
   * any of it, else one that is drawn. Waits for a store that is away. Throws HeddleError
   * `OutOfSubnets` when all are taken.
   */
  acquire(attrs: LeaseAttrs, previous: string | null, signal: AbortSignal): Promise<Acquired>;

  /**
   * Renews the lease and watches over it. Resolves when it is lost: what to do then, the caller
   * decides; `acquire` with the lease's subnet gets it back if nobody took it.
   */
  keep(lease: Lease, signal: AbortSignal): Promise<LeaseLoss>;

  /** A snapshot, then what changes, without end and without `own` subnet. */
  peers(own: Lease, signal: AbortSignal): AsyncIterable<PeerChange>;

  /**
   * Says something else about this node in its lease, which keeps its time. Throws LeaseLostError
   * when the lease is another's or gone; nothing is written then, nor where it is said already.
   */
  republish(lease: Lease, attrs: LeaseAttrs): Promise<Lease>;

  /** Gives the subnet up, if it is still ours. A reservation stays. */
  release(lease: Lease): Promise<void>;

  /** Every lease that can be read, by its key. */
  leases(): Promise<Lease[]>;
}
