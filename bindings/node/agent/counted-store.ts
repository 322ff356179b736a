// A store whose calls are counted, by what was asked and what came of it.
import {
  type Store,
  type StoreBatch,
  StoreError,
  type StoreLease,
  type StoreListing,
  type StoreOutcome,
} from "../../agent/index.ts";

/** Hears of each call when it ends: "Ok", or the code of its StoreError. */
export type CountCall = (call: string, outcome: string) => void;

export class CountedStore implements Store {
  readonly #store: Store;
  readonly #count: CountCall;

  constructor(store: Store, count: CountCall) {
    this.#store = store;
    this.#count = count;
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

  create(key: string, value: string, leaseId: string | null): Promise<StoreOutcome> {
    return this.#counted("create", this.#store.create(key, value, leaseId));
  }

  replace(...args: Parameters<Store["replace"]>): Promise<StoreOutcome> {
    return this.#counted("replace", this.#store.replace(...args));
  }

  remove(key: string, modRevision: bigint | null): Promise<StoreOutcome> {
    return this.#counted("remove", this.#store.remove(key, modRevision));
  }

  grantLease(ttlS: number): Promise<StoreLease> {
    return this.#counted("grantLease", this.#store.grantLease(ttlS));
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
      this.#count("watch", "Ok");
    } catch (error) {
      this.#count("watch", outcomeOf(error));
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #counted<T>(call: string, answer: Promise<T>): Promise<T> {
    try {
      const value = await answer;
      this.#count(call, "Ok");
      return value;
    } catch (error) {
      this.#count(call, outcomeOf(error));
      throw error;
    }
  }
}

function outcomeOf(error: unknown): string {
  return error instanceof StoreError ? error.code : "Error";
}
