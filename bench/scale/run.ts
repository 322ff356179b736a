// `npm run bench:scale`: what things cost as they grow. Tables go to the terminal, figures to
// bench/results, charts to docs/scale.
import { mkdir, writeFile } from "node:fs/promises";
import { release } from "node:os";
import { flagsOf, Misuse } from "../../fuzz/flags.ts";
import { describeMachine } from "../peers/report.ts";
import { chartOf } from "./chart.ts";
import type { Curve } from "./curve.ts";
import { routeCurves, stationCurve } from "./tables.ts";
import { tunnelCurves } from "./tunnel.ts";

const FLAGS = { only: { type: "string" } } as const;
const ROOT = new URL("../../../", import.meta.url); // compiled, from dist/bench
const RESULTS = new URL("bench/results/", ROOT);
const CHARTS = new URL("docs/scale/", ROOT);

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
      if (only === undefined || only === name) await keep(name, await curves());
    }
    return 0;
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    console.error(`${error.message}\nnpm run bench:scale -- [--only ${names.join("|")}]`);
    return 2;
  }
}

async function keep(name: string, curves: readonly Curve[]): Promise<void> {
  const machine = describeMachine(release(), new Date());
  console.log(`\n${name}, ${machine.cpu}, ${machine.cpus} CPUs, ${machine.runtime}`);
  await Promise.all([RESULTS, CHARTS].map((folder) => mkdir(folder, { recursive: true })));
  for (const curve of curves) {
    for (const line of tableOf(curve)) console.log(line);
    await writeFile(new URL(`${curve.name}.svg`, CHARTS), chartOf(curve));
  }
  const text = JSON.stringify({ section: name, machine, curves }, null, 2);
  await writeFile(new URL(`scale-${name}.json`, RESULTS), `${text}\n`);
}

/** A line for each size, in Markdown. */
function tableOf({ title, size, unit, series }: Curve): string[] {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const sizes = series[0]?.points.map((point) => point.size) ?? [];
  return [
    `\n${title}\n`,
    row([size, ...series.map(({ name }) => `${name}, ${unit}`)]),
    row(Array.from({ length: series.length + 1 }, () => "---")),
    ...sizes.map((value, at) => {
      return row([`${value}`, ...series.map(({ points }) => cellOf(points[at]))]);
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
