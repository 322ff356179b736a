// What some launches found, item by item, as a table.
import type { Counts } from "../budget/count.ts";
import { sampleOf } from "../sample.ts";
import { type Interval, intervalOf, type Verdict, verdictOn } from "./verdict.ts";

/** Nanoseconds of an item in one round of both sides. */
export interface Round {
  readonly base: number;
  readonly branch: number;
}

/** One launch: the rounds of each item. */
export type Launch = ReadonlyMap<string, readonly Round[]>;

export interface Compared {
  readonly name: string;
  /** Nanoseconds, the median of all rounds. */
  readonly base: number;
  readonly branch: number;
  /** Branch by base, a launch each. */
  readonly ratios: readonly number[];
  readonly interval: Interval;
  readonly verdict: Verdict;
}

/** Requires: every launch did the same items. */
export function compare(launches: readonly Launch[], margin: number): Compared[] {
  const names = [...(launches[0]?.keys() ?? [])];
  return names.map((name) => {
    const rounds = launches.map((launch) => launch.get(name) ?? []);
    const all = rounds.flat();
    const ratios = rounds.map((some) => sampleOf(some.map(ratioOf)).median);
    const interval = intervalOf(ratios);
    return {
      ...{ name, ratios, interval, verdict: verdictOn(interval, margin) },
      base: sampleOf(all.map(({ base }) => base)).median,
      branch: sampleOf(all.map(({ branch }) => branch)).median,
    };
  });
}

/** Instructions of both sides, where they were counted. */
export interface Instructions {
  readonly base: Counts;
  readonly branch: Counts;
}

/** A table of Markdown. */
export function linesOf(rows: readonly Compared[], counts: Instructions | undefined): string[] {
  return [
    "| item | base, ns | branch, ns | branch by base | verdict | instructions |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows.map(({ name, base, branch, interval, verdict }) => {
      const { median, low, high } = interval;
      const [middle, ...ends] = [median, low, high].map((ratio) => ratio.toFixed(3));
      const times = [base, branch].map((ns) => ns.toFixed(1));
      const cells = [name, ...times, `${middle} [${ends.join("..")}]`, verdict];
      return `| ${[...cells, counted(name, counts)].join(" | ")} |`;
    }),
  ];
}

function ratioOf({ base, branch }: Round): number {
  return branch / base;
}

function counted(name: string, counts: Instructions | undefined): string {
  const [base, branch] = [counts?.base[name], counts?.branch[name]];
  if (base === undefined || branch === undefined) return "";
  if (base === branch) return `${base}`;
  const change = (branch / base - 1) * 100;
  return `${base} to ${branch}, ${change < 0 ? "" : "+"}${change.toFixed(1)} %`;
}
