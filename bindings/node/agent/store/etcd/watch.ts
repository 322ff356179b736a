// A watch of etcd as batches. A stream carries one watch, so that what ends one ends no other.
import { status } from "@grpc/grpc-js";
import { type StoreBatch, StoreError, type StoreEvent } from "../../../../agent/store.ts";
import type { Caller, OpenStream } from "./caller.ts";
import type { Deadline } from "./deadline.ts";
import { entryOf, rangeOf } from "./entry.ts";
import { isStaleToken } from "./failure.ts";
import type { WatchResponse } from "./schema.ts";

export interface WatchWish {
  readonly prefix: string;
  readonly revision: bigint;
  /** Ends the watch without an error. */
  readonly signal: AbortSignal;
  /** Ends it with one. */
  readonly closing: AbortSignal;
}

/** Ends, and throws, as a watch of a store does. */
export async function* watchBatches(
  caller: Caller,
  wish: WatchWish,
): AsyncGenerator<StoreBatch, void, undefined> {
  const { signal } = wish;
  for (let isRetry = false; ; isRetry = true) {
    const deadline = caller.newDeadline();
    const opened = await openUnlessAborted(caller, deadline, signal);
    if (opened === null) return;
    let stands = false;
    try {
      for await (const batch of batchesOf(opened, wish, deadline)) {
        stands = true;
        yield batch;
      }
      return;
    } catch (error) {
      if (signal.aborted) return;
      const { connection, token } = opened;
      const failure = caller.failureOf(error, connection);
      // Some servers call any token that they do not know a lack of rights.
      const isToken = isStaleToken(error) || failure.code === "Denied";
      if (isRetry || stands || token === null || !isToken) throw failure;
      caller.forget(token);
    }
  }
}

async function openUnlessAborted(
  caller: Caller,
  deadline: Deadline,
  signal: AbortSignal,
): Promise<OpenStream | null> {
  let stop = (): void => {};
  const aborted = new Promise<null>((resolve) => {
    stop = () => resolve(null);
  });
  signal.addEventListener("abort", stop);
  const opening = caller.openStream(deadline);
  try {
    if (signal.aborted) stop();
    const opened = await Promise.race([opening, aborted]);
    if (opened === null) opening.then(({ stream }) => stream.cancel()).catch(() => {});
    return opened;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function* batchesOf(
  { stream }: OpenStream,
  { prefix, revision, signal, closing }: WatchWish,
  deadline: Deadline,
): AsyncGenerator<StoreBatch, void, undefined> {
  const cancel = (): void => stream.cancel();
  const timer = setTimeout(cancel, deadline.leftMs);
  let stands = false;
  let last = revision - 1n;
  stream.on("error", () => {}); // the loop below gets it, unless it has ended before
  for (const each of [signal, closing]) each.addEventListener("abort", cancel);
  try {
    if (signal.aborted || closing.aborted) cancel();
    const create = { ...rangeOf(prefix), startRevision: `${revision}`, progressNotify: true };
    stream.write({ create });
    for await (const response of stream) {
      checkAlive(response as WatchResponse, last);
      clearTimeout(timer);
      const batch = batchOf(response as WatchResponse, last);
      if (batch.events.length > 0 || !stands || batch.revision > last) yield batch;
      stands = true;
      last = batch.revision;
    }
    throw new WatchLost(status.UNAVAILABLE, "the watch was ended");
  } catch (error) {
    if (stands || deadline.leftMs > 0) throw error;
    throw new WatchLost(status.DEADLINE_EXCEEDED, "no answer to the wish for a watch");
  } finally {
    clearTimeout(timer);
    for (const each of [signal, closing]) each.removeEventListener("abort", cancel);
    cancel();
  }
}

function checkAlive(response: WatchResponse, last: bigint): void {
  const { created, canceled, cancelReason, compactRevision, header } = response;
  if (canceled) {
    if (compactRevision === "0") throw new WatchLost(status.UNKNOWN, cancelReason);
    throw new StoreError("Compacted", `etcd has forgotten what was before ${compactRevision}`);
  }
  if (created && BigInt(header.revision) < last) {
    const where = `${last}, and the store is at ${header.revision}`;
    throw new StoreError("Compacted", `a watch behind ${where}: it is another store`);
  }
}

// While events are on their way the header may be ahead of them.
function batchOf({ created, events, header }: WatchResponse, last: bigint): StoreBatch {
  if (events.length === 0)
    return { revision: created ? last : BigInt(header.revision), events: [] };
  const brought = events.map(({ type, kv }): StoreEvent => {
    if (type === "PUT") return { kind: "put", entry: entryOf(kv) };
    return { kind: "delete", key: kv.key.toString(), modRevision: BigInt(kv.modRevision) };
  });
  return { revision: BigInt(events.at(-1)?.kv.modRevision ?? last), events: brought };
}

/** Not said by how the stream ended, but to be read like that. */
class WatchLost extends Error {
  readonly code: number;
  readonly details: string;

  constructor(code: number, details: string) {
    super(details);
    this.code = code;
    this.details = details;
  }
}
