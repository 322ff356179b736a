// A listing and then a watch, without a gap between, for as long as it takes: a watch that is lost
// goes on behind the last event, and where that is forgotten or unsure the store is listed again.
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import {
  type Store,
  type StoreBatch,
  type StoreEntry,
  StoreError,
  type StoreEvent,
} from "../store.ts";
import { Backoff } from "./backoff.ts";
import { Complaint } from "./complaint.ts";
import { abortable, linkTo } from "./wait.ts";

/** All that there is, or what happened since. */
export type Sight =
  | {
      readonly kind: "listing";
      readonly entries: readonly StoreEntry[];
      readonly revision: bigint;
    }
  | { readonly kind: "events"; readonly events: readonly StoreEvent[] };

export interface FollowInit {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly silenceMaxMs: number;
}

// A watch that stands and falls at once is no good one, and a listing that is forgotten at once
// leads to no other at once.
const STEADY_MS = 5000;

/** Ends when the signal aborts. Throws StoreError `Closed`, and no other. */
export async function* follow(
  init: FollowInit,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<Sight, void> {
  const { store, clock, log } = init;
  const backoff = new Backoff();
  const trouble = new Complaint(clock, log);
  let seen: bigint | null = null;
  let listedMs = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    try {
      if (seen === null) {
        const { entries, revision } = await abortable(store.list(prefix), signal);
        seen = revision;
        listedMs = clock.nowMs();
        yield { kind: "listing", entries, revision };
      }
      const beganMs = clock.nowMs();
      for await (const batch of watch(init, prefix, seen + 1n, signal)) {
        trouble.end("the watch is back");
        const events = newer(batch, seen);
        if (batch.revision > seen) seen = batch.revision;
        if (events.length > 0 || clock.nowMs() - beganMs > STEADY_MS) backoff.reset();
        if (events.length > 0) yield { kind: "events", events };
      }
      throw new StoreError("Unavailable", "the watch ended");
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof StoreError) || error.code === "Closed") throw error;
      trouble.say("the watch is lost", error, { prefix });
      if (error.code === "Compacted") {
        seen = null;
        if (clock.nowMs() - listedMs > STEADY_MS) continue;
      }
    }
    await clock.sleep(backoff.next(), signal).catch(() => {});
  }
}

// What a watch that was begun anew tells a second time is old.
function newer({ events }: StoreBatch, seen: bigint): StoreEvent[] {
  return events.filter((event) => (revisionOf(event) ?? 0n) > seen);
}

export function revisionOf(event: StoreEvent | undefined): bigint | undefined {
  return event?.kind === "put" ? event.entry.modRevision : event?.modRevision;
}

// Throws Compacted after a long silence: nobody knows what such a watch has missed.
async function* watch(
  { store, clock, silenceMaxMs }: FollowInit,
  prefix: string,
  from: bigint,
  signal: AbortSignal,
): AsyncGenerator<StoreBatch, void> {
  const link = linkTo(signal);
  const batches = store.watch(prefix, from, link.signal)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = batches.next();
      const timer = linkTo(link.signal);
      const silence = clock.sleep(silenceMaxMs, timer.signal).then(
        () => null,
        () => null,
      );
      const result = await Promise.race([abortable(next, signal), silence]).finally(timer.cut);
      if (result === null) {
        next.catch(() => {});
        throw new StoreError("Compacted", `no sign of life from the watch for ${silenceMaxMs} ms`);
      }
      if (result.done) return;
      yield result.value;
    }
  } finally {
    link.cut();
  }
}
