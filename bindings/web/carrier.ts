// A worker that carries bursts, as the page holds it: requests go out numbered, replies come back
// by number, and the page stays free to draw.
import {
  type BinaryOptions,
  type BurstOptions,
  type Caps,
  compileCore,
  type Desc,
  type HeddleNode,
  type JournalEntry,
  type JournalResult,
  type PushInit,
  type VerdictName,
} from "../core/index.ts";
import { unpackError } from "../core/packed.ts";
import { type Calls, type Kind, type Order, type Reply, unwrap, wrap } from "./message.ts";

/** One node in a worker of its own. */
export interface CarrierOptions extends BinaryOptions {
  /** Its capacities and its seed, as `Core.openNode` takes them. */
  readonly node: Partial<Caps> & { readonly seed: bigint };
  /** Room for one burst. */
  readonly burst?: BurstOptions;
  /** As in CoreOptions. */
  readonly memoryBytes?: number;
  /**
   * Where `heddle/web/worker` lies, for bundlers that do not see it here. Left out: beside this
   * module.
   */
  readonly worker?: URL;
}

/** A packet for the carrier: its bytes, and what a descriptor may say of it. */
export type CarriedInit = Omit<PushInit, "ptr" | "len"> & { readonly bytes: Uint8Array };

/** What an element made of a burst. */
export interface Carried {
  /** What became of each packet that went in. */
  readonly verdicts: readonly VerdictName[];
  /** What came out; `ptr` and `len` of a descriptor are those in the worker's memory. */
  readonly packets: readonly { readonly bytes: Uint8Array; readonly desc: Desc }[];
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** A node in a worker. `startCarrier` makes these. */
export class Carrier {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #end: Error | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#take(data);
    worker.onerror = (event) => {
      event.preventDefault?.();
      this.#stop(new Error(`the carrier's worker failed: ${event.message ?? "it did not load"}`));
    };
  }

  /** Opens the node in a worker that has just been started, which ends when that fails. */
  static async open(
    worker: Worker,
    module: WebAssembly.Module,
    { node, burst = {}, memoryBytes }: CarrierOptions,
  ): Promise<Carrier> {
    const carrier = new Carrier(worker);
    try {
      await carrier.#ask("open", { module, memoryBytes, node, burst });
    } catch (error) {
      carrier.close();
      throw error;
    }
    return carrier;
  }

  /** Changes tables. One result for each entry; a refused one changes nothing. */
  apply(entries: readonly JournalEntry[], nowMs: number): Promise<JournalResult[]> {
    return this.#ask("apply", { entries, nowMs });
  }

  /**
   * Runs an element over copies of these packets. Rejects with the HeddleError that `Burst.push` or
   * `Burst.run` throws.
   */
  async run(order: Order, packets: readonly CarriedInit[]): Promise<Carried> {
    const parcel = wrap(
      packets.map(({ bytes }) => bytes),
      packets.map(({ bytes, ...desc }) => desc),
    );
    const delivery = await this.#ask("run", { order, parcel }, [parcel.bytes.buffer]);
    const packetsOut = unwrap(delivery.parcel).map(([bytes, desc]) => ({ bytes, desc }));
    return { verdicts: delivery.verdicts, packets: packetsOut };
  }

  /** As `HeddleNode.counters`. */
  counters(): Promise<ReturnType<HeddleNode["counters"]>> {
    return this.#ask("counters", undefined);
  }

  /** Ends the worker. What is still waited for rejects. */
  close(): void {
    this.#stop(new Error("the carrier was closed"));
  }

  #ask<K extends Kind>(
    kind: K,
    ask: Calls[K]["ask"],
    transfer: Transferable[] = [],
  ): Promise<Calls[K]["answer"]> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#worker.postMessage({ id, kind, ask }, transfer); // throws for what cannot be cloned
      this.#waiting.set(id, { resolve, reject });
    });
  }

  #take(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ("error" in reply) waiting?.reject(unpackError(reply.error));
    else waiting?.resolve(reply.answer);
  }

  #stop(reason: Error): void {
    this.#end ??= reason;
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(this.#end);
    this.#waiting.clear();
  }
}

/** Starts a worker with a core, a node and room for a burst. Rejects when it cannot have them. */
export async function startCarrier(options: CarrierOptions): Promise<Carrier> {
  const module = await compileCore(options);
  // The second in full, so that bundlers see the file.
  const worker = options.worker
    ? new Worker(options.worker, { type: "module" })
    : new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  return Carrier.open(worker, module, options);
}
