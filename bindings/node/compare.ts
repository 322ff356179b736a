// Throughput side by side: the same two containers, over each path in turn, round after round, so
// that what else the machine does falls on all of them alike.
import type { StreamReport } from "../lab/index.ts";
import type { Network } from "./network.ts";
import type { ComparisonReport, PathReport } from "./report.ts";
import { sideAddress } from "./sides.ts";

interface Path {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

export interface CompareOptions {
  readonly rounds: number;
  readonly seconds: number;
}

/** Requires: a network with its sides. */
export async function compare(
  network: Network,
  options: CompareOptions,
): Promise<ComparisonReport> {
  const paths = pathsOf(network);
  const results = new Map<string, number[]>(paths.map(({ name }) => [name, []]));
  for (let round = 0; round < options.rounds; round++) {
    for (const path of paths) {
      const { throughputGbitPerS } = await stream(network, path.from, path.to, options.seconds);
      results.get(path.name)?.push(throughputGbitPerS);
    }
  }
  const heddle = median(results.get("heddle") ?? []);
  const reports = [...results].map(([name, values]) => pathReport(name, values, heddle));
  return { rounds: options.rounds, secondsEach: options.seconds, paths: reports };
}

/** One TCP stream between the containers, from the first host's to the second's. */
export async function stream(
  network: Network,
  from: string,
  to: string,
  seconds: number,
): Promise<StreamReport> {
  const [first, second] = network.hosts;
  const port = await second.container.call("listen", to);
  const options = { target: to, port, source: from, seconds };
  const [taken] = await Promise.all([
    second.container.call("takeStream"),
    first.container.call("sendStream", options),
  ]);
  const throughputGbitPerS = rounded((taken.bytes * 8) / taken.seconds / 1e9);
  const ends = { from: first.plan.container.name, to: second.plan.container.name };
  return { ...ends, bytes: taken.bytes, seconds: rounded(taken.seconds), throughputGbitPerS };
}

function pathsOf(network: Network): Path[] {
  const [first, second] = network.hosts;
  const from = first.plan.container.address;
  const to = second.plan.container.address;
  const sides = network.sides.map((side) => ({
    name: side.name,
    from: sideAddress(side, from),
    to: sideAddress(side, to),
  }));
  return [{ name: "heddle", from, to }, ...sides];
}

function pathReport(name: string, values: readonly number[], heddle: number): PathReport {
  const medianGbitPerS = rounded(median(values));
  return {
    name,
    medianGbitPerS,
    minGbitPerS: Math.min(...values),
    maxGbitPerS: Math.max(...values),
    heddleRatio: rounded(heddle / medianGbitPerS),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** Four digits are more than a figure of this kind can promise. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
