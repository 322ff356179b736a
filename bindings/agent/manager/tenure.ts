// A lease that we hold, and what we do to it: every write is bound to the revision that we know, so
// that another node's lease is never overwritten, however long this process slept in between.
import { HeddleError } from "../../core/status.ts";
import { Bell } from "../bell.ts";
import type { Clock } from "../clock.ts";
import type { Lease, LeaseAttrs } from "../lease.ts";
import { type StoreEntry, StoreError } from "../store.ts";
import { parseLeaseAttrs, printLeaseAttrs } from "../value.ts";
import { type LeaseLoss, LeaseLostError } from "./contract.ts";
import { grantTerm, type Term, type TermInit } from "./term.ts";

const TRIES_MAX = 10;
const URGENT_RETRY_MS = 1000;
const SPARE_OF = 8; // a term that lost so much of its time is no good any more

/** When a lease is to be renewed, and when it is over. */
export interface Dates {
  readonly renewMs: number;
  readonly endsMs: number;
}

type Standing = "written" | "leaseGone" | { readonly entry: StoreEntry | null };

const NEVER: Dates = { renewMs: Number.POSITIVE_INFINITY, endsMs: Number.POSITIVE_INFINITY };

export class Tenure {
  /** Rings when the dates change. */
  readonly bell: Bell;
  readonly #init: TermInit;
  readonly #clock: Clock;
  #lease: Lease;
  /** Null for a reservation. */
  #term: Term | null;
  /** Granted, but not yet seen on our key. */
  #spare: Term | null = null;
  /** What the lease shall say, and all that it may say because we once asked for it. */
  #wish: LeaseAttrs;
  readonly #ours = new Map<string, LeaseAttrs>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(init: TermInit, lease: Lease, term: Term | null) {
    this.#init = init;
    this.#clock = init.clock;
    this.bell = new Bell(init.clock);
    this.#lease = lease;
    this.#term = term;
    this.#wish = lease.attrs;
    this.#ours.set(printLeaseAttrs(lease.attrs), lease.attrs);
  }

  get lease(): Lease {
    return this.#lease;
  }

  get dates(): Dates {
    return this.#term ?? NEVER;
  }

  /** What was seen under our key: adopted where it is ours, else how we lost it. */
  judge(entry: StoreEntry | null): LeaseLoss | null {
    if (entry === null) return this.#clock.nowMs() >= this.dates.endsMs ? "expired" : "deleted";
    const isOld = entry.modRevision <= this.#lease.modRevision;
    return isOld ? null : this.#judgeNow(entry);
  }

  // What stands there now, even if its revision is an older one: a store may have been put back to
  // what it was.
  #judgeNow(entry: StoreEntry | null): LeaseLoss | null {
    if (entry === null) return this.judge(null);
    const attrs = this.#ours.get(textOf(entry.value));
    if (attrs === undefined) return "taken";
    const { modRevision, leaseId } = entry;
    this.#adopt({ ...this.#lease, attrs, modRevision, leaseId });
    return null;
  }

  /** A new term. Throws StoreError when it is to be tried again. */
  async renew(): Promise<LeaseLoss | null> {
    return this.#alone(async () => {
      for (let tries = 0; tries < TRIES_MAX; tries++) {
        const { leaseId } = await this.#spareTerm();
        const standing = await this.#replace(leaseId, this.#wish);
        if (standing === "written") return null;
        if (standing === "leaseGone") continue;
        const loss = this.#judgeNow(standing.entry);
        if (loss !== null) return loss;
        const isDone = this.#lease.leaseId === leaseId || this.#lease.leaseId === null;
        if (isDone) return null;
      }
      throw busy(this.#lease);
    });
  }

  /** Says something else within the same term; asks nobody where it says that already. */
  async republish(attrs: LeaseAttrs): Promise<Lease> {
    const text = printLeaseAttrs(attrs);
    if (this.#ours.size === 1 && this.#ours.has(text)) return this.#lease; // it never said else
    this.#wish = attrs;
    this.#ours.set(text, attrs);
    return this.#alone(async () => {
      for (let tries = 0; tries < TRIES_MAX; tries++) {
        const standing = await this.#replace(this.#lease.leaseId, attrs);
        if (standing === "written") return this.#lease;
        const loss = this.#judgeNow(standing === "leaseGone" ? null : standing.entry);
        if (loss !== null) throw new LeaseLostError(this.#lease.subnet, loss);
      }
      throw busy(this.#lease);
    });
  }

  /** Deletes the key, where it is ours and no reservation. */
  async release(): Promise<"released" | "reserved" | LeaseLoss> {
    return this.#alone(async () => {
      const { key } = this.#lease;
      for (let tries = 0; tries < TRIES_MAX; tries++) {
        const { entry } = await this.#init.store.get(key);
        const loss = this.#judgeNow(entry);
        if (loss !== null || entry === null) return loss ?? "deleted";
        if (entry.leaseId === null) return "reserved";
        const outcome = await this.#init.store.remove(key, entry.modRevision);
        if (!outcome.done) continue;
        await this.#init.store.revokeLease(entry.leaseId).catch(() => {}); // it ends by itself
        return "released";
      }
      throw busy(this.#lease);
    });
  }

  /** After a renewal that failed: the next one is later. */
  postpone(): void {
    const nowMs = this.#clock.nowMs();
    const term = this.#term;
    if (term === null || term.renewMs > nowMs) return;
    this.#term = { ...term, renewMs: nowMs + term.retryMs };
  }

  // Else what stands there instead.
  async #replace(leaseId: string | null, attrs: LeaseAttrs): Promise<Standing> {
    const { key, modRevision } = this.#lease;
    const { store } = this.#init;
    try {
      const outcome = await store.replace(key, printLeaseAttrs(attrs), leaseId, modRevision);
      if (!outcome.done) return outcome;
      this.#adopt({ ...this.#lease, attrs, modRevision: outcome.revision, leaseId });
      return "written";
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== "LeaseGone") throw error;
      this.#spare = null;
      return "leaseGone";
    }
  }

  #adopt(lease: Lease): void {
    if (lease.modRevision === this.#lease.modRevision) return;
    this.#lease = lease;
    if (lease.attrs === this.#wish) {
      this.#ours.clear();
      this.#ours.set(printLeaseAttrs(lease.attrs), lease.attrs);
    }
    if (lease.leaseId === null) this.#term = null;
    else if (lease.leaseId === this.#spare?.leaseId) {
      this.#term = this.#spare;
      this.#spare = null;
    } else if (lease.leaseId !== this.#term?.leaseId) {
      // Somebody put our own words on a lease whose time we do not know: a new one is to come now.
      this.#term = this.#urgent(lease.leaseId);
    }
    this.bell.ring();
  }

  // One that was granted for a renewal which failed is used again: they would pile up otherwise.
  async #spareTerm(): Promise<Term> {
    const nowMs = this.#clock.nowMs();
    const lostMs = nowMs - (this.#spare?.beganMs ?? Number.NEGATIVE_INFINITY);
    const isFresh = lostMs < (this.#init.ttlS * 1000) / SPARE_OF;
    if (this.#spare === null || !isFresh) this.#spare = await grantTerm(this.#init);
    return this.#spare;
  }

  #urgent(leaseId: string): Term {
    const nowMs = this.#clock.nowMs();
    const endsMs = this.#term?.endsMs ?? nowMs + this.#init.ttlS * 1000;
    return { leaseId, beganMs: nowMs, endsMs, renewMs: nowMs, retryMs: URGENT_RETRY_MS };
  }

  // One write at a time: each is bound to the revision that the one before it left.
  #alone<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

// Leases are compared by what they say, not by how it is written.
function textOf(value: string): string {
  try {
    return printLeaseAttrs(parseLeaseAttrs(value));
  } catch (error) {
    if (!(error instanceof HeddleError)) throw error;
    return "";
  }
}

function busy({ key }: Lease): StoreError {
  return new StoreError("Unavailable", `${key} changes faster than it can be written`);
}
