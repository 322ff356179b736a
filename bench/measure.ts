// Two ways to do one thing, measured in turns on one machine: rounds alternate, so that what else
// the machine does hits both, and each round's median is one sample.
import { Bench } from "tinybench";
import { type Sample, sampleOf } from "./sample.ts";

const ROUNDS = 5;
const ROUND_MS = 25;
const CALLS_MIN = 4; // a call of slow work may take as long as a round
const WARM_UP_MS = 40;
const NS_PER_MS = 1e6;

/** The same work, twice. Both return the same number: hits, or packets. */
export interface Work {
  readonly wasm: () => number;
  readonly twin: () => number;
}

/** Work of the core with a name. A call does `items` of something. */
export interface Item extends Pick<Work, "wasm"> {
  readonly name: string;
  readonly items: number;
  /** What a call returns. */
  readonly expected: number;
}

/** The same beside its twin, which returns as much. */
export interface Case extends Item, Work {}

/** Nanoseconds for each item. */
export interface Measured {
  readonly name: string;
  readonly wasm: Sample;
  readonly twin: Sample;
  /** The twin's time over the core's: above 1 the core is faster. */
  readonly ratio: number;
}

/** Throws when one of the two does other work than it should: who does less would look fast. */
export async function measure({ name, items, expected, wasm, twin }: Case): Promise<Measured> {
  expectSame(`${name} in the core`, wasm(), expected);
  expectSame(`${name} in the twin`, twin(), expected);
  const rounds: { wasm: number[]; twin: number[] } = { wasm: [], twin: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const bench = new Bench({
      ...{ time: ROUND_MS, iterations: CALLS_MIN, warmup: round === 0 },
      ...{ warmupTime: WARM_UP_MS, warmupIterations: CALLS_MIN },
    });
    bench.add("wasm", wasm);
    bench.add("twin", twin);
    await bench.run();
    rounds.wasm.push(medianOf(bench, "wasm", items));
    rounds.twin.push(medianOf(bench, "twin", items));
  }
  expectSame(`${name} in the core, in the end`, wasm(), expected);
  const [inCore, inTwin] = [sampleOf(rounds.wasm), sampleOf(rounds.twin)];
  return { name, wasm: inCore, twin: inTwin, ratio: inTwin.median / inCore.median };
}

function medianOf(bench: Bench, task: string, items: number): number {
  const result = bench.getTask(task)?.result;
  if (result?.state !== "completed") throw new Error(`${task} did not complete`);
  return (result.latency.p50 * NS_PER_MS) / items;
}

function expectSame(name: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${name}: ${found} of ${expected}`);
}
