// A store's content as a machine that is driven from outside: no clock, no waiting, no file. What
// becomes of a call is decided here and said as changes; the same changes applied to another ledger
// lead to the same content, which is how a journal brings one back.
//
// Revisions count as etcd's do: an empty store is at 1, each write is one more, and the keys of a
// lease that ends go in one revision.
import { compareKeys, KeyIndex } from "./key-index.ts";
import type { LedgerChange, LedgerLease, LedgerState } from "./ledger-change.ts";
import {
  type StoreBatch,
  type StoreEntry,
  StoreError,
  type StoreEvent,
  type StoreLease,
  type StoreListing,
  type StoreOutcome,
} from "./store.ts";
import { checkEntry, checkTtl } from "./store-limit.ts";

export interface LedgerOptions {
  /** Revisions that a watch can go back. */
  readonly historyMax?: number;
  /** Hears of each change before it is made, and may forbid it by an error; not by `apply`. */
  readonly onChange?: (change: LedgerChange) => void;
}

const FIRST_REVISION = 1n;
const HISTORY_MAX = 65536;
const BATCH_REVISIONS_MAX = 1000;
const LONE_SURROGATE = /\p{Surrogate}/gu;

export class Ledger {
  readonly #historyMax: number;
  readonly #onChange: (change: LedgerChange) => void;
  readonly #entries = new KeyIndex<StoreEntry>();
  readonly #leases = new Map<string, LedgerLease & { readonly keys: Set<string> }>();
  #history: (readonly StoreEvent[])[] = [];
  #revision = FIRST_REVISION;
  #compacted = 0n;
  #leaseCount = 0;
  #nextEndMs = Number.POSITIVE_INFINITY;

  constructor(options: LedgerOptions = {}) {
    this.#historyMax = options.historyMax ?? HISTORY_MAX;
    this.#onChange = options.onChange ?? (() => {});
  }

  /** Goes on from there. */
  static from(state: LedgerState, options: LedgerOptions = {}): Ledger {
    const ledger = new Ledger(options);
    ledger.#revision = state.revision;
    ledger.#compacted = state.compacted;
    ledger.#leaseCount = state.leaseCount;
    ledger.#history = [...state.history];
    for (const lease of state.leases) ledger.#hold(lease);
    for (const entry of state.entries) ledger.#store(entry);
    return ledger;
  }

  get state(): LedgerState {
    const leases = [...this.#leases.values()].map(({ id, ttlS, endMs }) => ({ id, ttlS, endMs }));
    return {
      revision: this.#revision,
      compacted: this.#compacted,
      leaseCount: this.#leaseCount,
      leases,
      entries: this.#entries.under(""),
      history: this.#history,
    };
  }

  get revision(): bigint {
    return this.#revision;
  }

  /** No lease runs out before. Infinity: none ever. */
  get nextEndMs(): number {
    return this.#nextEndMs;
  }

  get(key: string): { entry: StoreEntry | null; revision: bigint } {
    return { entry: this.#entry(textOf(key)), revision: this.#revision };
  }

  list(prefix: string): StoreListing {
    return { entries: this.#entries.under(textOf(prefix)), revision: this.#revision };
  }

  put(key: string, value: string, leaseId: string | null): { revision: bigint } {
    checkEntry(key, value);
    this.#write(key, value, leaseId);
    return { revision: this.#revision };
  }

  create(key: string, value: string, leaseId: string | null): StoreOutcome {
    checkEntry(key, value);
    const entry = this.#entry(textOf(key));
    if (entry !== null) return { done: false, entry };
    this.#write(key, value, leaseId);
    return { done: true, revision: this.#revision };
  }

  replace(key: string, value: string, leaseId: string | null, modRevision: bigint): StoreOutcome {
    checkEntry(key, value);
    const entry = this.#entry(textOf(key));
    if (entry?.modRevision !== modRevision) return { done: false, entry };
    this.#write(key, value, leaseId);
    return { done: true, revision: this.#revision };
  }

  remove(key: string, modRevision: bigint | null): StoreOutcome {
    checkEntry(key, "");
    const entry = this.#entry(textOf(key));
    if (entry === null) return { done: false, entry };
    if (modRevision !== null && entry.modRevision !== modRevision) return { done: false, entry };
    this.#make({ kind: "delete", key: entry.key });
    return { done: true, revision: this.#revision };
  }

  grant(ttlS: number, nowMs: number): StoreLease {
    checkTtl(ttlS);
    const id = String(this.#leaseCount + 1);
    this.#make({ kind: "grant", lease: { id, ttlS, endMs: nowMs + ttlS * 1000 } });
    return { id, ttlS };
  }

  ttl(leaseId: string, nowMs: number): number | null {
    const lease = this.#leases.get(leaseId);
    return lease === undefined ? null : Math.max(0, Math.floor((lease.endMs - nowMs) / 1000));
  }

  revoke(leaseId: string): void {
    if (this.#leases.has(leaseId)) this.#make({ kind: "end", leaseId });
  }

  /** Ends the leases whose time is over. */
  expire(nowMs: number): void {
    if (nowMs < this.#nextEndMs) return;
    for (const { id, endMs } of [...this.#leases.values()]) {
      if (endMs <= nowMs) this.#make({ kind: "end", leaseId: id });
    }
    const ends = [...this.#leases.values()].map(({ endMs }) => endMs);
    this.#nextEndMs = ends.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  }

  /** Forgets what happened up to `revision`. What stands stays. */
  compact(revision: bigint): void {
    if (revision > this.#compacted && revision <= this.#revision) {
      this.#make({ kind: "compact", revision });
    }
  }

  /**
   * What happened to keys that begin with `prefix`, from `revision` on, or a good part of it. Null
   * when that is nothing yet.
   */
  since(prefix: string, revision: bigint): StoreBatch | null {
    this.checkWatch(revision);
    if (revision > this.#revision) return null;
    const from = Math.max(0, this.#history.length - Number(this.#revision - revision) - 1);
    const seen = this.#history.slice(from, from + BATCH_REVISIONS_MAX);
    const start = textOf(prefix);
    const events = seen.flat().filter((event) => keyOf(event).startsWith(start));
    const last = this.#revision - BigInt(this.#history.length - from - seen.length);
    return { revision: last, events };
  }

  /** Throws unless a watch may begin at `revision`. */
  checkWatch(revision: bigint): void {
    if (revision > this.#compacted && revision <= this.#revision + 1n) return;
    const kept = `${this.#compacted + 1n} to ${this.#revision + 1n}`;
    throw new StoreError("Compacted", `a watch from ${revision}: it can begin at ${kept}`);
  }

  /** Does again what another ledger did. Throws RangeError when that is not possible here. */
  apply(change: LedgerChange): void {
    if (change.kind === "put") this.#applyPut(change.key, change.value, change.leaseId);
    else if (change.kind === "delete") this.#applyDelete([change.key]);
    else if (change.kind === "grant") this.#applyGrant(change.lease);
    else if (change.kind === "end") this.#applyEnd(change.leaseId);
    else this.#applyCompact(change.revision);
  }

  #write(key: string, value: string, leaseId: string | null): void {
    if (leaseId !== null && !this.#leases.has(leaseId)) {
      throw new StoreError("LeaseGone", `no lease ${leaseId}`);
    }
    this.#make({ kind: "put", key: textOf(key), value: textOf(value), leaseId });
  }

  #make(change: LedgerChange): void {
    this.#onChange(change);
    this.apply(change);
  }

  #applyPut(key: string, value: string, leaseId: string | null): void {
    if (leaseId !== null && !this.#leases.has(leaseId)) throw new RangeError(`no lease ${leaseId}`);
    const before = this.#entry(key);
    const modRevision = this.#revision + 1n;
    const createRevision = before?.createRevision ?? modRevision;
    const entry = { key, value, createRevision, modRevision, leaseId };
    this.#detach(before);
    this.#store(entry);
    this.#note([{ kind: "put", entry }]);
  }

  #applyDelete(keys: Iterable<string>): void {
    const modRevision = this.#revision + 1n;
    const events = [...keys].map((key): StoreEvent => {
      const entry = this.#entry(key);
      if (entry === null) throw new RangeError(`no key ${key}`);
      this.#detach(entry);
      this.#entries.delete(key);
      return { kind: "delete", key, modRevision };
    });
    if (events.length > 0) this.#note(events);
  }

  #applyGrant(lease: LedgerLease): void {
    const next = String(this.#leaseCount + 1);
    if (lease.id !== next) throw new RangeError(`lease ${lease.id} after ${this.#leaseCount}`);
    this.#leaseCount += 1;
    this.#hold(lease);
  }

  #applyEnd(leaseId: string): void {
    const lease = this.#leases.get(leaseId);
    if (lease === undefined) throw new RangeError(`no lease ${leaseId}`);
    this.#leases.delete(leaseId);
    this.#applyDelete([...lease.keys].sort(compareKeys));
  }

  #applyCompact(revision: bigint): void {
    if (revision <= this.#compacted || revision > this.#revision) {
      throw new RangeError(`revision ${revision} cannot be compacted`);
    }
    this.#history = this.#history.slice(this.#history.length - Number(this.#revision - revision));
    this.#compacted = revision;
  }

  #hold(lease: LedgerLease): void {
    this.#leases.set(lease.id, { ...lease, keys: new Set() });
    this.#nextEndMs = Math.min(this.#nextEndMs, lease.endMs);
  }

  #entry(key: string): StoreEntry | null {
    return this.#entries.get(key) ?? null;
  }

  #store(entry: StoreEntry): void {
    this.#entries.set(entry.key, entry);
    if (entry.leaseId !== null) this.#leases.get(entry.leaseId)?.keys.add(entry.key);
  }

  #detach(entry: StoreEntry | null): void {
    if (entry?.leaseId) this.#leases.get(entry.leaseId)?.keys.delete(entry.key);
  }

  // A quarter more than asked for is kept, so that the history moves seldom.
  #note(events: readonly StoreEvent[]): void {
    this.#revision += 1n;
    this.#history.push(events);
    if (this.#history.length <= this.#historyMax * 1.25) return;
    this.#applyCompact(this.#revision - BigInt(this.#historyMax));
  }
}

function keyOf(event: StoreEvent): string {
  return event.kind === "put" ? event.entry.key : event.key;
}

/** As it reads once it was UTF-8. */
function textOf(text: string): string {
  return text.replace(LONE_SURROGATE, "\ufffd");
}
