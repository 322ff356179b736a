// Two ways to do one thing, measured in turns on one machine: rounds alternate, so that what else
// the machine does hits both, and each round's median is one sample.
import { Bench } from "tinybench";

const ROUNDS = 7;
const ROUND_MS = 60;
const NS_PER_MS = 1e6;

export interface Work {
  readonly wasm: () => unknown;
  readonly twin: () => unknown;
}

/** Nanoseconds for each item. */
export interface Sample {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Measured {
  readonly name: string;
  readonly wasm: Sample;
  readonly twin: Sample;
  /** The twin's time over the core's: above 1 the core is faster. */
  readonly ratio: number;
}

/** Measures work that does `items` of something a call. */
export async function measure(name: string, work: Work, items: number): Promise<Measured> {
  const rounds: { wasm: number[]; twin: number[] } = { wasm: [], twin: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const bench = new Bench({ time: ROUND_MS, warmup: round === 0 });
    bench.add("wasm", work.wasm);
    bench.add("twin", work.twin);
    await bench.run();
    rounds.wasm.push(medianOf(bench, "wasm", items));
    rounds.twin.push(medianOf(bench, "twin", items));
  }
  const wasm = sampleOf(rounds.wasm);
  const twin = sampleOf(rounds.twin);
  return { name, wasm, twin, ratio: twin.median / wasm.median };
}

function medianOf(bench: Bench, task: string, items: number): number {
  const result = bench.getTask(task)?.result;
  if (result?.state !== "completed") throw new Error(`${task} did not complete`);
  return (result.latency.p50 * NS_PER_MS) / items;
}

function sampleOf(samples: readonly number[]): Sample {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? 0;
  return { median: at(ROUNDS >> 1), min: at(0), max: at(ROUNDS - 1) };
}
