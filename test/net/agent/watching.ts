// A watch in the background, and what it has brought so far.
import type { Store, StoreBatch, StoreEvent } from "../../../bindings/agent/index.ts";

const EVENTS_MS_MAX = 60_000;

export interface Watching {
  readonly batches: readonly StoreBatch[];
  /** Waits until there were so many events in all; gives them. Throws what ended the watch. */
  events(count: number, msMax?: number): Promise<readonly StoreEvent[]>;
  /** Waits for the end of the watch; throws what ended it. */
  end(msMax?: number): Promise<void>;
  close(): Promise<void>;
}

/** Begins to watch; returns when the watch stands. */
export async function watching(store: Store, prefix: string, revision: bigint): Promise<Watching> {
  const stop = new AbortController();
  const batches: StoreBatch[] = [];
  let wake = (): void => {};
  let outcome: { readonly error?: unknown } | undefined;
  const run = async (): Promise<void> => {
    for await (const batch of store.watch(prefix, revision, stop.signal)) {
      batches.push(batch);
      wake();
    }
  };
  const ended = run().then(
    () => ({}),
    (error: unknown) => ({ error }),
  );
  ended.then((how) => {
    outcome = how;
    wake();
  });
  const until = async (isSo: () => boolean, what: string, msMax: number): Promise<void> => {
    const tooLate = AbortSignal.timeout(msMax); // keeps no process alive
    while (!isSo()) {
      if (tooLate.aborted) throw new Error(`${what}: not within ${msMax} ms`);
      await new Promise<void>((resolve) => {
        wake = resolve;
        tooLate.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  };
  const all = (): StoreEvent[] => batches.flatMap(({ events }) => events);
  const events = async (count: number, msMax = EVENTS_MS_MAX): Promise<readonly StoreEvent[]> => {
    const isSo = (): boolean => all().length >= count || outcome !== undefined;
    await until(isSo, `${count} events`, msMax);
    if (outcome?.error !== undefined && all().length < count) throw outcome.error;
    return all();
  };
  const end = async (msMax = EVENTS_MS_MAX): Promise<void> => {
    await until(() => outcome !== undefined, "the end", msMax);
    if (outcome?.error !== undefined) throw outcome.error;
  };
  await until(() => batches.length > 0 || outcome !== undefined, "a watch", EVENTS_MS_MAX);
  const close = async (): Promise<void> => {
    stop.abort();
    await ended;
  };
  return { batches, events, end, close };
}
