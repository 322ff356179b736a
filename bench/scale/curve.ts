// Cost against size: what is measured at each size, in rounds, and told as median, least and most.
import { type Sample, sampleOf } from "../sample.ts";

const ROUNDS = 7;
const ROUND_MS = 10;
const RUNS_MIN = 9; // the median of fewer is who had the processor
const NS_PER_MS = 1e6;

/** A line of a chart: what something costs at each size. */
export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface Point {
  readonly size: number;
  readonly cost: Sample;
}

/** Lines that share their axes. */
export interface Curve {
  /** Of the file, too. */
  readonly name: string;
  readonly title: string;
  /** What grows. */
  readonly size: string;
  /** What is paid for it. */
  readonly unit: string;
  readonly series: readonly Series[];
}

/** A step of every line of a curve, by the line's name. */
export type Costs = Readonly<Record<string, Sample>>;

/** Asks for the costs at each size in turn, and makes lines of them. */
export async function curveOf(
  about: Omit<Curve, "series">,
  sizes: readonly number[],
  costsAt: (size: number) => Costs | Promise<Costs>,
): Promise<Curve> {
  const lines = new Map<string, Point[]>();
  for (const size of sizes) {
    for (const [name, cost] of Object.entries(await costsAt(size))) {
      const points = lines.get(name) ?? [];
      points.push({ size, cost });
      lines.set(name, points);
    }
  }
  return { ...about, series: [...lines].map(([name, points]) => ({ name, points })) };
}

/** Nanoseconds an item: each round's median, of as many runs as there is time for. */
export function measured(items: number, run: () => unknown): Sample {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => {
    const samples: number[] = [];
    const end = performance.now() + ROUND_MS;
    do {
      const before = performance.now();
      run();
      samples.push(((performance.now() - before) * NS_PER_MS) / items);
    } while (performance.now() < end || samples.length < RUNS_MIN);
    return sampleOf(samples).median;
  });
  return sampleOf(rounds.slice(1)); // the first one is there to be compiled
}

/** What is no matter of time: the same in every round. */
export function counted(value: number): Sample {
  return { median: value, min: value, max: value };
}
