// A store with somebody in between, who may delay what is asked, fail it before or after it was
// done, do something else first, and cut or repeat what a watch tells.
import {
  type Store,
  type StoreBatch,
  type StoreEntry,
  StoreError,
  type StoreLease,
  type StoreListing,
  type StoreOutcome,
} from "../../bindings/agent/index.ts";

export type Call = Exclude<keyof Store, "close">;

/** Does `act`, or does not, or does more. `what` is the key, prefix or lease. */
export type Meddle = <T>(call: Call, act: () => Promise<T>, what: string) => Promise<T>;

/** Has a hand in what watches tell. */
export interface Retell {
  /** Where a watch really begins: earlier, and it tells what was told already. */
  from(revision: bigint): bigint;
  /** Resolves when the batch may arrive. */
  pass(batch: StoreBatch): Promise<void>;
}

const FAITHFUL: Retell = { from: (revision) => revision, pass: async () => {} };

export class MeddledStore implements Store {
  readonly #store: Store;
  readonly #meddle: Meddle;
  readonly #retell: Retell;
  readonly #watches = new Set<AbortController>();
  /** How often each call was made. */
  readonly counts: Map<Call, number> = new Map();

  constructor(store: Store, meddle: Meddle, retell: Retell = FAITHFUL) {
    this.#store = store;
    this.#meddle = meddle;
    this.#retell = retell;
  }

  /** All calls so far. */
  get count(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Every watch is lost. */
  cut(): void {
    for (const watch of this.#watches) watch.abort("cut");
  }

  get(key: string): Promise<{ entry: StoreEntry | null; revision: bigint }> {
    return this.#do("get", key, () => this.#store.get(key));
  }

  list(prefix: string): Promise<StoreListing> {
    return this.#do("list", prefix, () => this.#store.list(prefix));
  }

  put(key: string, value: string, leaseId: string | null): Promise<{ revision: bigint }> {
    return this.#do("put", key, () => this.#store.put(key, value, leaseId));
  }

  create(key: string, value: string, leaseId: string | null): Promise<StoreOutcome> {
    return this.#do("create", key, () => this.#store.create(key, value, leaseId));
  }

  replace(
    key: string,
    value: string,
    leaseId: string | null,
    modRevision: bigint,
  ): Promise<StoreOutcome> {
    return this.#do("replace", key, () => this.#store.replace(key, value, leaseId, modRevision));
  }

  remove(key: string, modRevision: bigint | null): Promise<StoreOutcome> {
    return this.#do("remove", key, () => this.#store.remove(key, modRevision));
  }

  grantLease(ttlS: number): Promise<StoreLease> {
    return this.#do("grantLease", "", () => this.#store.grantLease(ttlS));
  }

  leaseTtl(leaseId: string): Promise<number | null> {
    return this.#do("leaseTtl", leaseId, () => this.#store.leaseTtl(leaseId));
  }

  revokeLease(leaseId: string): Promise<void> {
    return this.#do("revokeLease", leaseId, () => this.#store.revokeLease(leaseId));
  }

  async *watch(
    prefix: string,
    revision: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<StoreBatch, void> {
    const cutter = new AbortController();
    const stop = (): void => cutter.abort("stopped");
    signal.addEventListener("abort", stop);
    this.#watches.add(cutter);
    try {
      await this.#do("watch", prefix, async () => {});
      const from = this.#retell.from(revision);
      for await (const batch of this.#store.watch(prefix, from, cutter.signal)) {
        await this.#retell.pass(batch);
        if (cutter.signal.aborted) break;
        yield batch;
      }
      if (!signal.aborted) throw new StoreError("Unavailable", "the watch was cut");
    } finally {
      this.#watches.delete(cutter);
      signal.removeEventListener("abort", stop);
      stop();
    }
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #do<T>(call: Call, what: string, act: () => Promise<T>): Promise<T> {
    this.counts.set(call, (this.counts.get(call) ?? 0) + 1);
    return this.#meddle(call, act, what);
  }
}

/** What a store says that cannot be reached. */
export function away(): StoreError {
  return new StoreError("Unavailable", "nobody answers");
}
