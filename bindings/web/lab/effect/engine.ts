// The engine as the page holds it: recipes go out, traces come back, and the last ones are kept, so
// that what was undone is there at once.
import type { Trace } from "../../../lab/trace/trace.ts";
import type { Entry } from "../state/catalogue.ts";
import { recipeKey } from "../state/reduce.ts";
import type { Recipe } from "../state/state.ts";
import type { Greeting, Reply, Request } from "./message.ts";

const KEPT_COUNT = 16;

/** What a tool of Linux would not do, in its words. */
export class Refused extends Error {
  override readonly name = "Refused";
}

interface Waiting {
  readonly key: string;
  resolve(trace: Trace): void;
  reject(error: Error): void;
}

export class Engine {
  #worker: Worker | null = null;
  readonly #kept = new Map<string, Trace>();
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  /** Is told what scenarios there are, once that is known. */
  readonly #hearCatalogue: (entries: readonly Entry[]) => void;

  constructor(hearCatalogue: (entries: readonly Entry[]) => void) {
    this.#hearCatalogue = hearCatalogue;
  }

  /** Rejects with Refused, or with what the engine failed of. */
  run({ scenario, variant, seed, edits }: Recipe): Promise<Trace> {
    const recipe = { scenario, variant, seed, edits };
    const key = recipeKey(recipe);
    const known = this.#kept.get(key);
    if (known !== undefined) return Promise.resolve(known);
    this.#worker ??= this.#start();
    const id = ++this.#lastId;
    this.#worker.postMessage({ id, recipe } satisfies Request);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { key, resolve, reject });
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL("./engine.worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Reply | Greeting>) => {
      if ("catalogue" in data) this.#hearCatalogue(data.catalogue);
      else this.#take(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#stop(new Error(event.message || "its worker did not load"));
    };
    return worker;
  }

  #take(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (waiting === undefined) return;
    if ("trace" in reply) {
      this.#keep(waiting.key, reply.trace);
      waiting.resolve(reply.trace);
    } else {
      const { failure, isRefused } = reply;
      waiting.reject(isRefused ? new Refused(failure) : new Error(failure));
    }
  }

  #keep(key: string, trace: Trace): void {
    this.#kept.set(key, trace);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_COUNT && oldest !== undefined) this.#kept.delete(oldest);
  }

  // The next recipe starts another worker.
  #stop(error: Error): void {
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
