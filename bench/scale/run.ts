// `npm run bench:scale`: what things cost as they grow. Tables go to the terminal, figures to
// bench/results, and from there as charts to docs/scale.
import { flagsOf, Misuse } from "../../fuzz/flags.ts";
import { publish } from "../documents.ts";
import { describeMachine } from "../machine.ts";
import { lineOf } from "../markdown.ts";
import { keepResults } from "../results.ts";
import type { Curve } from "./curve.ts";
import { routeCurves, stationCurve } from "./tables.ts";
import { tunnelCurves } from "./tunnel.ts";

const FLAGS = { only: { type: "string" } } as const;

const SECTIONS: Readonly<Record<string, () => Promise<Curve[]>>> = {
  routes: routeCurves,
  stations: async () => [await stationCurve()],
  tunnel: tunnelCurves,
};

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const names = Object.keys(SECTIONS);
  try {
    const { only } = flagsOf(args, FLAGS);
    if (only !== undefined && !names.includes(only)) {
      throw new Misuse(`--only ${only}: expected one of ${names.join(", ")}`);
    }
    for (const [name, curves] of Object.entries(SECTIONS)) {
      if (only === undefined || only === name) keep(name, await curves());
    }
    for (const path of publish()) console.log(`written: ${path}`);
    return 0;
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    console.error(`${error.message}\nnpm run bench:scale -- [--only ${names.join("|")}]`);
    return 2;
  }
}

function keep(name: string, curves: readonly Curve[]): void {
  const machine = describeMachine(new Date());
  console.log(`\n${name}, ${machine.cpu}, ${machine.cpus} CPUs, ${machine.runtime}`);
  for (const line of curves.flatMap(linesOf)) console.log(line);
  keepResults(`scale-${name}`, { section: name, machine, curves });
}

/** A line for each size, in Markdown. */
function linesOf({ title, size, unit, series }: Curve): string[] {
  const sizes = series[0]?.points.map((point) => point.size) ?? [];
  return [
    `\n${title}\n`,
    lineOf([size, ...series.map(({ name }) => `${name}, ${unit}`)]),
    lineOf(Array.from({ length: series.length + 1 }, () => "---")),
    ...sizes.map((value, at) => {
      return lineOf([`${value}`, ...series.map(({ points }) => cellOf(points[at]))]);
    }),
  ];
}

function cellOf(point: Curve["series"][number]["points"][number] | undefined): string {
  if (point === undefined) return "";
  const { median, min, max } = point.cost;
  const digits = median < 10 ? 2 : 1;
  const [middle, least, most] = [median, min, max].map((value) => value.toFixed(digits));
  return least === most ? `${middle}` : `${middle} [${least}..${most}]`;
}
