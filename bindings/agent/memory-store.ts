// A store in memory: for the lab, for tests, for one process that needs no other.
import { Bell } from "./bell.ts";
import type { Clock } from "./clock.ts";
import { Ledger, type LedgerOptions } from "./ledger.ts";
import { LedgerStore } from "./ledger-store.ts";
import { StoreError } from "./store.ts";

export interface MemoryStoreOptions extends Pick<LedgerOptions, "historyMax"> {
  /** Leases run out by its `nowMs`. */
  readonly clock: Clock;
}

/** What the clients of one store share. */
interface Shared {
  readonly ledger: Ledger;
  readonly bell: Bell;
  readonly clock: Clock;
}

/** A store in memory, or one more client of it. */
export class MemoryStore extends LedgerStore {
  readonly #shared: Shared;
  #isClosed = false;

  constructor(from: MemoryStoreOptions | MemoryStore) {
    super();
    this.#shared = from instanceof MemoryStore ? from.#shared : newShared(from);
  }

  /** Another client of the same content, to be closed on its own. */
  connect(): MemoryStore {
    return new MemoryStore(this);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#shared.bell.ring();
  }

  protected override async transact<T>(act: (ledger: Ledger, nowMs: number) => T): Promise<T> {
    if (this.#isClosed) throw new StoreError("Closed", "the store is closed");
    const { ledger, bell, clock } = this.#shared;
    const { revision } = ledger;
    const nowMs = clock.nowMs();
    try {
      ledger.expire(nowMs);
      return act(ledger, nowMs);
    } finally {
      if (ledger.revision === revision) bell.expect(ledger.nextEndMs);
      else bell.ring();
    }
  }

  protected override async news(revision: bigint, signal: AbortSignal): Promise<void> {
    const { ledger, bell } = this.#shared;
    if (this.#isClosed || ledger.revision > revision) return;
    await bell.wait(signal, ledger.nextEndMs);
  }
}

function newShared({ clock, historyMax }: MemoryStoreOptions): Shared {
  const ledger = new Ledger(historyMax === undefined ? {} : { historyMax });
  return { ledger, bell: new Bell(clock), clock };
}
