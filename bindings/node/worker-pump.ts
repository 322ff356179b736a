// A pump of one thread, as the main thread holds it: requests go out numbered, replies come back by
// number.
import { type MessagePort, receiveMessageOnPort, type Worker } from "node:worker_threads";
import type { JournalEntry, JournalResult, TableName, TableRecords } from "../core/index.ts";
import { ENDED_ID, READY_ID, type Reply, type Request, unpackError } from "./control.ts";
import { libc } from "./libc.ts";
import type { PumpOffload } from "./offload.ts";
import type { Pump, PumpStats } from "./pump.ts";
import { closeAll, type Descriptors } from "./pump-descriptors.ts";
import type { TapOptions, TappedBurst } from "./tap.ts";

/** Ask their threads to stop. */
const stops = new Set<() => void>();

// A process that exits joins its threads first, and these sleep in the kernel.
process.on("exit", () => {
  for (const stop of stops) stop();
});

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

export class WorkerPump implements Pump {
  readonly deviceName: string;
  readonly offload: PumpOffload;
  /** Resolves when packets move; rejects when it never came to that, and all is closed. */
  readonly ready: Promise<Reply>;
  readonly ended: Promise<Error | undefined>;
  readonly #port: MessagePort;
  readonly #descriptors: Descriptors;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = READY_ID;
  #lastListing = 0;
  #lastTap = 0;
  #farewell: Reply | undefined;
  #crash: Error | undefined;
  #hasEnded = false;

  /** Takes over the descriptors, and closes them when the worker is gone. */
  constructor(worker: Worker, port: MessagePort, descriptors: Descriptors) {
    this.deviceName = descriptors.device.name;
    this.offload = descriptors.offload;
    this.#port = port;
    this.#descriptors = descriptors;
    this.ready = this.#expect(READY_ID);
    port.on("message", (reply: Reply) => this.#take(reply));
    worker.on("error", (error: Error) => {
      this.#crash = error;
    });
    stops.add(this.#stop);
    this.ended = new Promise((resolve) => worker.on("exit", () => resolve(this.#end())));
  }

  async apply(entries: readonly JournalEntry[]): Promise<JournalResult[]> {
    const { results = [] } = await this.#ask({ id: ++this.#lastId, kind: "apply", entries });
    return results;
  }

  async *list<Name extends TableName>(table: Name): AsyncGenerator<TableRecords[Name]> {
    const listing = ++this.#lastListing;
    for (;;) {
      const { records = [] } = await this.#ask({
        id: ++this.#lastId,
        kind: "list",
        table,
        listing,
      });
      if (records.length === 0) return;
      yield* records as TableRecords[Name][];
    }
  }

  async *tap(options: TapOptions = {}, signal?: AbortSignal): AsyncGenerator<TappedBurst> {
    const tap = ++this.#lastTap;
    const close = (): void => {
      if (!this.#hasEnded) this.#ask({ id: ++this.#lastId, kind: "untap", tap }).catch(() => {});
    };
    signal?.addEventListener("abort", close, { once: true });
    try {
      while (!signal?.aborted && !this.#hasEnded) {
        const { burst } = await this.#ask({ id: ++this.#lastId, kind: "tap", tap, options });
        if (burst === undefined) return;
        yield burst;
      }
    } finally {
      signal?.removeEventListener("abort", close);
      close();
    }
  }

  async stats(): Promise<PumpStats> {
    return statsOf(await this.#ask({ id: ++this.#lastId, kind: "stats" }));
  }

  async close(): Promise<PumpStats> {
    if (!this.#hasEnded) this.#stop();
    const error = await this.ended;
    if (this.#farewell?.stats === undefined && error !== undefined) throw error;
    return statsOf(this.#farewell);
  }

  async #ask(request: Request): Promise<Reply> {
    if (this.#hasEnded) throw new Error("the pump has ended");
    const reply = this.#expect(request.id);
    this.#send(request);
    return reply;
  }

  #expect(id: number): Promise<Reply> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #send(request: Request): void {
    this.#port.postMessage(request);
    libc.eventfd_write(this.#descriptors.wake.fd, 1);
  }

  readonly #stop = (): void => {
    this.#send({ id: ++this.#lastId, kind: "stop" });
  };

  #take(reply: Reply): void {
    if (reply.id === ENDED_ID) this.#farewell = reply;
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.error === undefined) waiting?.resolve(reply);
    else waiting?.reject(unpackError(reply.error));
  }

  /** The worker is gone: nobody uses the descriptors any more. Returns why it went. */
  #end(): Error | undefined {
    this.#hasEnded = true;
    for (
      let last = receiveMessageOnPort(this.#port);
      last;
      last = receiveMessageOnPort(this.#port)
    ) {
      this.#take(last.message); // those that were overtaken by the end
    }
    this.#port.close();
    stops.delete(this.#stop);
    closeAll(this.#descriptors);
    const { error } = this.#farewell ?? {};
    const reason = this.#crash ?? (error && unpackError(error));
    for (const { reject } of this.#waiting.values()) {
      reject(reason ?? new Error("the pump has ended"));
    }
    this.#waiting.clear();
    return reason;
  }
}

function statsOf(reply: Reply | undefined): PumpStats {
  if (reply?.stats === undefined) throw new Error("the pump ended without its stats");
  return reply.stats;
}
