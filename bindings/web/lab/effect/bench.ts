// How fast the core is in this browser: a worker measures, so that the page stays alive.
import type { BenchNews, BenchResult } from "./bench.worker.ts";

export type { BenchResult } from "./bench.worker.ts";

/**
 * Gives each result as soon as it is there. Rejects with what the worker failed of; `signal` ends
 * it without a word.
 */
export function bench(hear: (result: BenchResult) => void, signal: AbortSignal): Promise<void> {
  const worker = new Worker(new URL("./bench.worker.ts", import.meta.url), { type: "module" });
  return new Promise<void>((resolve, reject) => {
    signal.addEventListener("abort", () => resolve());
    worker.onmessage = ({ data: { result, left } }: MessageEvent<BenchNews>) => {
      hear(result);
      if (left === 0) resolve();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message || "its worker did not load"));
    };
  }).finally(() => worker.terminate());
}
