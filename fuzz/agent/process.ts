// A process as its operating system has it: it is stopped and goes on, or dies between any two of
// its steps, and what it asked of the world happens all the same.
import type { Clock, Store, StoreBatch } from "../../bindings/agent/index.ts";
import type { MeddledStore } from "./meddled-store.ts";

export class Process implements Clock {
  readonly #clock: Clock;
  /** What came while it was stopped. */
  readonly #mail: (() => void)[] = [];
  #isStopped = false;
  #isDead = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  stop(): void {
    this.#isStopped = true;
  }

  resume(): void {
    this.#isStopped = false;
    for (const deliver of this.#mail.splice(0)) deliver();
  }

  /** Nothing of it goes on, and nothing is cleaned up. */
  kill(): void {
    this.#isDead = true;
    this.#mail.length = 0;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  wallMs(): number {
    return this.#clock.wallMs();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#hear(this.#clock.sleep(ms, signal));
  }

  /** The store as this process reaches it. */
  storeOf(store: MeddledStore): Store {
    const hear = <T>(promise: Promise<T>): Promise<T> => this.#hear(promise);
    return {
      get: (key) => hear(store.get(key)),
      list: (prefix) => hear(store.list(prefix)),
      put: (key, value, leaseId) => hear(store.put(key, value, leaseId)),
      create: (key, value, leaseId) => hear(store.create(key, value, leaseId)),
      replace: (...args) => hear(store.replace(...args)),
      remove: (key, modRevision) => hear(store.remove(key, modRevision)),
      grantLease: (ttlS) => hear(store.grantLease(ttlS)),
      leaseTtl: (leaseId) => hear(store.leaseTtl(leaseId)),
      revokeLease: (leaseId) => hear(store.revokeLease(leaseId)),
      watch: (prefix, revision, signal) => this.#watch(store.watch(prefix, revision, signal)),
      close: () => hear(store.close()),
    };
  }

  #watch(batches: AsyncGenerator<StoreBatch, void>): AsyncIterable<StoreBatch> {
    const iterator: AsyncIterator<StoreBatch, void> = {
      next: () => this.#hear(batches.next()),
      return: () => this.#hear(batches.return()),
    };
    return { [Symbol.asyncIterator]: () => iterator };
  }

  #hear<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const deliver = (act: () => void): void => {
        if (this.#isDead) return;
        if (this.#isStopped) this.#mail.push(act);
        else act();
      };
      promise.then(
        (value) => deliver(() => resolve(value)),
        (error) => deliver(() => reject(error)),
      );
    });
  }
}
