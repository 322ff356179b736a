// A store that somebody listens to: what was asked, what came of it, and how long what was written
// under a lease will stand.
import {
  type Store,
  type StoreBatch,
  StoreError,
  type StoreLease,
  type StoreListing,
  type StoreOutcome,
} from "../../agent/index.ts";

export interface StoreListener {
  /** A call has ended: "Ok", or the code of its StoreError. */
  called(call: string, outcome: string): void;
  /** A key was written under this lease of ours. */
  leased(lease: StoreLease): void;
}

/** Leases that were granted and not used yet: a manager has one at most, so few are remembered. */
const GRANTS_MAX = 4;

export class CountedStore implements Store {
  readonly #store: Store;
  readonly #listener: StoreListener;
  readonly #grants: StoreLease[] = [];

  constructor(store: Store, listener: StoreListener) {
    this.#store = store;
    this.#listener = listener;
  }

  get(key: string): ReturnType<Store["get"]> {
    return this.#counted("get", this.#store.get(key));
  }

  list(prefix: string): Promise<StoreListing> {
    return this.#counted("list", this.#store.list(prefix));
  }

  put(key: string, value: string, leaseId: string | null): Promise<{ revision: bigint }> {
    return this.#counted("put", this.#store.put(key, value, leaseId));
  }

  async create(key: string, value: string, leaseId: string | null): Promise<StoreOutcome> {
    const outcome = this.#counted("create", this.#store.create(key, value, leaseId));
    return this.#hear(await outcome, leaseId);
  }

  async replace(...args: Parameters<Store["replace"]>): Promise<StoreOutcome> {
    const outcome = this.#counted("replace", this.#store.replace(...args));
    return this.#hear(await outcome, args[2]);
  }

  remove(key: string, modRevision: bigint | null): Promise<StoreOutcome> {
    return this.#counted("remove", this.#store.remove(key, modRevision));
  }

  async grantLease(ttlS: number): Promise<StoreLease> {
    const lease = await this.#counted("grantLease", this.#store.grantLease(ttlS));
    this.#grants.push(lease);
    if (this.#grants.length > GRANTS_MAX) this.#grants.shift();
    return lease;
  }

  leaseTtl(leaseId: string): Promise<number | null> {
    return this.#counted("leaseTtl", this.#store.leaseTtl(leaseId));
  }

  revokeLease(leaseId: string): Promise<void> {
    return this.#counted("revokeLease", this.#store.revokeLease(leaseId));
  }

  async *watch(
    prefix: string,
    revision: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<StoreBatch, void, undefined> {
    try {
      yield* this.#store.watch(prefix, revision, signal);
      this.#listener.called("watch", "Ok");
    } catch (error) {
      this.#listener.called("watch", outcomeOf(error));
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #counted<T>(call: string, answer: Promise<T>): Promise<T> {
    try {
      const value = await answer;
      this.#listener.called(call, "Ok");
      return value;
    } catch (error) {
      this.#listener.called(call, outcomeOf(error));
      throw error;
    }
  }

  #hear(outcome: StoreOutcome, leaseId: string | null): StoreOutcome {
    const grant = this.#grants.find(({ id }) => id === leaseId);
    if (outcome.done && grant) this.#listener.leased(grant);
    return outcome;
  }
}

function outcomeOf(error: unknown): string {
  return error instanceof StoreError ? error.code : "Error";
}
