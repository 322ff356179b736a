// A store whose content is a ledger: what MemoryStore and FileStore have in common. How to get at
// the ledger, and how to hear that it has moved on, is theirs.
import type { Ledger } from "./ledger.ts";
import type {
  Store,
  StoreBatch,
  StoreEntry,
  StoreLease,
  StoreListing,
  StoreOutcome,
} from "./store.ts";
import { checkStart } from "./store-limit.ts";

export abstract class LedgerStore implements Store {
  /**
   * Lets `act` work on the ledger as it is now, with leases that are over ended, and keeps what it
   * changed. `act` may be called again when the first call came to nothing.
   */
  protected abstract transact<T>(act: (ledger: Ledger, nowMs: number) => T): Promise<T>;

  /** Waits until the ledger may be past `revision`, or the signal aborts, or `close`. */
  protected abstract news(revision: bigint, signal: AbortSignal): Promise<void>;

  abstract close(): Promise<void>;

  get(key: string): Promise<{ entry: StoreEntry | null; revision: bigint }> {
    return this.transact((ledger) => ledger.get(key));
  }

  list(prefix: string): Promise<StoreListing> {
    return this.transact((ledger) => ledger.list(prefix));
  }

  put(key: string, value: string, leaseId: string | null): Promise<{ revision: bigint }> {
    return this.transact((ledger) => ledger.put(key, value, leaseId));
  }

  create(key: string, value: string, leaseId: string | null): Promise<StoreOutcome> {
    return this.transact((ledger) => ledger.create(key, value, leaseId));
  }

  replace(
    key: string,
    value: string,
    leaseId: string | null,
    modRevision: bigint,
  ): Promise<StoreOutcome> {
    return this.transact((ledger) => ledger.replace(key, value, leaseId, modRevision));
  }

  remove(key: string, modRevision: bigint | null): Promise<StoreOutcome> {
    return this.transact((ledger) => ledger.remove(key, modRevision));
  }

  grantLease(ttlS: number): Promise<StoreLease> {
    return this.transact((ledger, nowMs) => ledger.grant(ttlS, nowMs));
  }

  leaseTtl(leaseId: string): Promise<number | null> {
    return this.transact((ledger, nowMs) => ledger.ttl(leaseId, nowMs));
  }

  revokeLease(leaseId: string): Promise<void> {
    return this.transact((ledger) => ledger.revoke(leaseId));
  }

  /** Forgets what happened up to `revision`, as etcd's compaction does. */
  compact(revision: bigint): Promise<void> {
    return this.transact((ledger) => ledger.compact(revision));
  }

  async *watch(
    prefix: string,
    revision: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<StoreBatch, void, undefined> {
    if (signal.aborted) return;
    checkStart(revision);
    await this.transact((ledger) => ledger.checkWatch(revision));
    let last = revision - 1n;
    yield { revision: last, events: [] };
    while (!signal.aborted) {
      const batch = await this.transact((ledger) => ledger.since(prefix, last + 1n));
      if (signal.aborted) return;
      if (batch === null) await this.news(last, signal);
      else {
        last = batch.revision;
        yield batch;
      }
    }
  }
}
