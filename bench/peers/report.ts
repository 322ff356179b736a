// What was measured beside peers, as rows of a table.
import type { Machine } from "../machine.ts";
import type { Sample } from "../sample.ts";
import type { Result, RivalResult } from "./rounds.ts";

/** What a suite leaves in bench/results. */
export interface Report {
  readonly suite: string;
  readonly machine: Machine;
  readonly results: readonly Result[];
}

export const HEAD: readonly string[] = [
  ...["item", "peer", "heddle", "the peer's", "ratio", "must", "aim"],
];

/** A row for each rival. */
export function rowsOf({ name, unit, heddle, rivals }: Result): string[][] {
  return rivals.map((rival) => {
    const { must, aim } = rival;
    const bounds = [must, aim].map((bound) => (bound === undefined ? "" : verdictOn(rival, bound)));
    const values = [heddle, rival.sample].map((sample) => `${spread(sample, 1)} ${unit}`);
    return [name, rival.name, ...values, spread(rival.ratio, 2), ...bounds];
  });
}

function verdictOn({ ratio }: RivalResult, bound: number): string {
  return ratio.median >= bound ? `${bound}` : `${bound}: missed`;
}

function spread({ median, min, max }: Sample, digits: number): string {
  const [middle, least, most] = [median, min, max].map((value) => value.toFixed(digits));
  return `${middle} [${least}..${most}]`;
}
