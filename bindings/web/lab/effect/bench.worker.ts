// The thread of the benchmark: the items that `npm run bench:runtimes` measures, one after another,
// on the core as this browser compiles it. It ends with the page's patience, or its list.
import { type Kind, sampled } from "../../../../bench/portable/item.ts";
import { ITEMS } from "../../../../bench/portable/items.ts";
import type { Sample } from "../../../../bench/sample.ts";

/** Nanoseconds for each of what an item does many of. */
export interface BenchResult {
  readonly kind: Kind;
  readonly size: number;
  readonly sample: Sample;
}

/** `left`: items that are still to come. */
export interface BenchNews {
  readonly result: BenchResult;
  readonly left: number;
}

const ROUNDS = 3;

// The part of a worker's global scope that is used.
const scope = globalThis as unknown as { postMessage(news: BenchNews): void };

for (const [at, { kind, size, open }] of ITEMS.entries()) {
  const sample = sampled(await open(), ROUNDS, () => performance.now());
  scope.postMessage({ result: { kind, size, sample }, left: ITEMS.length - 1 - at });
}
