// Rounds that alternate between all contenders, so that what else the machine does hits all.
import { setImmediate as turn } from "node:timers/promises";
import { type Sample, sampleOf } from "../sample.ts";
import type { Contest } from "./contest.ts";

const WARM_UP_ROUNDS = 2; // engines compile what is hot while they run it
const ROUND_MS = 20;
const RUNS_MIN = 3; // a run of slow work may take as long as a round
const NS_PER_MS = 1e6;

export interface RivalResult {
  readonly name: string;
  readonly sample: Sample;
  /** How much better heddle was, in each round: above 1 heddle is. */
  readonly ratio: Sample;
  readonly must?: number;
  readonly aim?: number;
}

export interface Result {
  readonly name: string;
  readonly unit: string;
  /** How many there were; left out of what was measured before that was kept. */
  readonly rounds?: number;
  readonly heddle: Sample;
  readonly rivals: readonly RivalResult[];
}

/** Runs a contest; rejects between two rounds when the signal aborts. */
export async function compare(
  contest: Contest,
  rounds: number,
  signal?: AbortSignal,
): Promise<Result> {
  const { name, heddle, rivals, unit = "ns", isMoreBetter = false } = contest;
  const all = [heddle, ...rivals];
  const found: number[][] = all.map(() => []);
  const count = contest.rounds ?? rounds;
  for (let round = -WARM_UP_ROUNDS; round < count; round++) {
    for (const [at, { round: run }] of all.entries()) {
      await turn(); // or nobody hears of a signal
      signal?.throwIfAborted();
      const value = await run();
      if (round >= 0) found[at]?.push(value);
    }
  }
  const [own = [], ...others] = found;
  return {
    ...{ name, unit, rounds: count, heddle: sampleOf(own) },
    rivals: rivals.map(({ round: _, ...rival }, at) => {
      const values = others[at] ?? [];
      const ratios = values.map((value, round) => {
        const mine = own[round] ?? Number.NaN;
        return isMoreBetter ? mine / value : value / mine;
      });
      return { ...rival, sample: sampleOf(values), ratio: sampleOf(ratios) };
    }),
  };
}

/**
 * A round of work in this process: the median of as many runs as there is time for, each of `items`
 * items. What `prepare` does before each run is not counted.
 */
export function timed(items: number, run: () => unknown, prepare?: () => void): () => number {
  return () => {
    const samples: number[] = [];
    const end = performance.now() + ROUND_MS;
    do {
      prepare?.();
      const before = process.hrtime.bigint();
      run();
      samples.push(Number(process.hrtime.bigint() - before) / items);
    } while (performance.now() < end || samples.length < RUNS_MIN);
    return sampleOf(samples).median;
  };
}

/** Nanoseconds an item of what took `ms` altogether. */
export function nsEach(ms: number, items: number): number {
  return (ms * NS_PER_MS) / items;
}
