// The subnet manager: a network's leases in a store, as one node sees and has them.
import { HeddleError } from "../../core/status.ts";
import type { NetworkConfig } from "../config.ts";
import { subnetsPrefix } from "../key.ts";
import type { Lease, LeaseAttrs } from "../lease.ts";
import { StoreError } from "../store.ts";
import { type AcquireInit, Acquisition } from "./acquire.ts";
import type { Acquired, LeaseLoss, ManagerInit, PeerChange, SubnetLeases } from "./contract.ts";
import { type FollowInit, follow } from "./follow.ts";
import { keep } from "./keep.ts";
import { awaitConfig } from "./network.ts";
import { PeerTable } from "./peer-table.ts";
import { persist } from "./persist.ts";
import { LeaseReader } from "./reader.ts";
import { Tenure } from "./tenure.ts";
import { askTerm } from "./term.ts";
import { abortable } from "./wait.ts";

const HOUR_MS = 3_600_000;
const TTL_S = 86_400;
const PEERS_MAX = 65_536;
const SILENCE_MAX_MS = 900_000; // etcd says each ten minutes that it is there

const ATTEMPTS_MAX = 10;
const PAUSE_FIRST_MS = 200;
const PAUSE_LAST_MS = 10_000;
const DICE_COUNT = 2 ** 32;

/** See SubnetLeases for what each method promises. */
export class SubnetManager implements SubnetLeases {
  readonly #init: AcquireInit & FollowInit;
  readonly #peersMax: number;
  /** Leases that we hold, by their keys. */
  readonly #tenures = new Map<string, Tenure>();

  constructor(init: ManagerInit) {
    const { renewMarginMs = HOUR_MS, ttlS = TTL_S, peersMax = PEERS_MAX } = init;
    const { silenceMaxMs = SILENCE_MAX_MS } = init;
    expectAbove("renewMarginMs", renewMarginMs, 0);
    expectAbove("ttlS", ttlS, 0);
    expectAbove("peersMax", peersMax, 0);
    expectAbove("silenceMaxMs", silenceMaxMs, 0);
    const reader = new LeaseReader(init.log);
    this.#init = { ...init, renewMarginMs, ttlS, silenceMaxMs, reader };
    this.#peersMax = peersMax;
  }

  async networkConfig(signal: AbortSignal): Promise<NetworkConfig> {
    return awaitConfig(this.#init, signal);
  }

  async acquire(
    attrs: LeaseAttrs,
    previous: string | null,
    signal: AbortSignal,
  ): Promise<Acquired> {
    const acquisition = new Acquisition(this.#init, { attrs, previous });
    try {
      for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        if (attempt > 0) await this.#init.clock.sleep(this.#pauseMs(attempt), signal);
        const found = await persist(this.#init, () => this.#attempt(acquisition, signal), signal);
        if (found !== null) return found;
      }
    } finally {
      void acquisition.close();
    }
    const message = `no subnet in ${ATTEMPTS_MAX} attempts: others were faster each time`;
    throw new StoreError("Unavailable", message);
  }

  async keep(lease: Lease, signal: AbortSignal): Promise<LeaseLoss> {
    const tenure = await this.#tenureOf(lease, signal);
    if (tenure === null) return "expired";
    const loss = await keep(this.#init, tenure, signal);
    this.#tenures.delete(lease.key);
    this.#init.log("error", "Lease has been revoked", { subnet: lease.subnet, loss });
    return loss;
  }

  async *peers(own: Lease, signal: AbortSignal): AsyncGenerator<PeerChange, void> {
    const { log, prefix, reader } = this.#init;
    const ownSubnet = own.subnet;
    const table = new PeerTable({ ownSubnet, reader, log, peersMax: this.#peersMax });
    log("info", "Watching for new subnet leases", { prefix });
    for await (const sight of follow(this.#init, subnetsPrefix(prefix), signal)) {
      const isSnapshot = sight.kind === "listing";
      const diff = isSnapshot ? table.reset(sight.entries) : table.apply(sight.events);
      const isNews = diff.changed.length + diff.removed.length > 0;
      const kind = isSnapshot ? "snapshot" : "change";
      if (isSnapshot || isNews) yield { kind, peers: table.peers, ...diff };
    }
  }

  async republish(lease: Lease, attrs: LeaseAttrs): Promise<Lease> {
    return this.#held(lease).republish(attrs);
  }

  async release(lease: Lease): Promise<void> {
    const { subnet } = lease;
    const { log } = this.#init;
    const became = await this.#held(lease).release();
    if (became === "released") log("info", "lease released", { subnet });
    else log("warn", "no lease to release", { subnet, because: became });
  }

  async leases(): Promise<Lease[]> {
    const { prefix, reader, store } = this.#init;
    const { entries } = await store.list(subnetsPrefix(prefix));
    return entries.flatMap((entry) => reader.lease(entry) ?? []);
  }

  async #attempt(acquisition: Acquisition, signal: AbortSignal): Promise<Acquired | null> {
    const config = await awaitConfig(this.#init, signal);
    const tenure = await abortable(acquisition.attempt(config), signal);
    if (tenure === null) return null;
    const { lease } = tenure;
    this.#tenures.set(lease.key, tenure);
    const { subnet, leaseId } = lease;
    this.#init.log("info", "Lease acquired", { subnet, isReservation: leaseId === null });
    return { lease, config };
  }

  // Nodes that lost a race against each other are not to meet again.
  #pauseMs(attempt: number): number {
    const widthMs = Math.min(PAUSE_FIRST_MS * 2 ** (attempt - 1), PAUSE_LAST_MS);
    return Math.floor((this.#init.dice() / DICE_COUNT) * widthMs);
  }

  // Null when its time is over. A lease that somebody else acquired has its time in the store.
  async #tenureOf(lease: Lease, signal: AbortSignal): Promise<Tenure | null> {
    const held = this.#tenures.get(lease.key);
    if (held !== undefined) return held;
    const { leaseId } = lease;
    const ask = leaseId && (() => askTerm(this.#init, leaseId));
    const term = ask && (await persist(this.#init, ask, signal));
    if (leaseId !== null && term === null) return null;
    const tenure = new Tenure(this.#init, lease, term || null);
    this.#tenures.set(lease.key, tenure);
    return tenure;
  }

  #held(lease: Lease): Tenure {
    return this.#tenures.get(lease.key) ?? new Tenure(this.#init, lease, null);
  }
}

function expectAbove(name: string, value: number, least: number): void {
  if (value > least && Number.isFinite(value)) return;
  throw new HeddleError("BadValue", value, `${name}: a number above ${least}`);
}
