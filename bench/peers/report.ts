// What was measured, as a table of Markdown and as a file that is kept.
import { cpus, totalmem } from "node:os";
import type { Sample } from "../measure.ts";
import type { Result, RivalResult } from "./rounds.ts";

const GIB = 2 ** 30;

export interface Machine {
  readonly cpu: string;
  readonly cpus: number;
  readonly memoryGib: number;
  readonly runtime: string;
  readonly kernel: string;
  readonly date: string;
}

/** The machine that this runs on. */
export function describeMachine(kernel: string, now: Date): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cpus: cpus().length,
    memoryGib: Math.round(totalmem() / GIB),
    runtime: `Node ${process.versions.node}, V8 ${process.versions.v8}`,
    kernel,
    date: now.toISOString().slice(0, 10),
  };
}

export const TABLE_HEAD: string = [
  "| item | heddle | peer | | ratio | must | aim |",
  "| --- | --- | --- | --- | --- | --- | --- |",
].join("\n");

/** A line for each rival. */
export function linesOf({ name, unit, heddle, rivals }: Result): string[] {
  return rivals.map((rival) => {
    const { must, aim } = rival;
    const bounds = [must, aim].map((bound) => (bound === undefined ? "" : verdictOn(rival, bound)));
    const values = [
      `${spread(heddle, 1)} ${unit}`,
      rival.name,
      `${spread(rival.sample, 1)} ${unit}`,
    ];
    return `| ${[name, ...values, spread(rival.ratio, 2), ...bounds].join(" | ")} |`;
  });
}

function verdictOn({ ratio }: RivalResult, bound: number): string {
  return ratio.median >= bound ? `${bound}` : `${bound}: missed`;
}

function spread({ median, min, max }: Sample, digits: number): string {
  const [middle, least, most] = [median, min, max].map((value) => value.toFixed(digits));
  return `${middle} [${least}..${most}]`;
}
