// `npm run bench:scale`: what things cost as they grow. Tables go to the terminal, figures to
// bench/results, and from there as charts to docs/scale.
import { flagsOf, Misuse } from "../../fuzz/flags.ts";
import { publish } from "../documents.ts";
import { describeMachine } from "../machine.ts";
import { lineOf } from "../markdown.ts";
import { keepResults } from "../results.ts";
import { agentCurves } from "./agent.ts";
import type { Curve } from "./curve.ts";
import { curvesHead, curvesRows } from "./table.ts";
import { routeCurves, stationCurve } from "./tables.ts";
import { tunnelCurves } from "./tunnel.ts";

const FLAGS = { only: { type: "string" } } as const;

const SECTIONS: Readonly<Record<string, () => Promise<Curve[]>>> = {
  routes: routeCurves,
  stations: async () => [await stationCurve()],
  tunnel: tunnelCurves,
  agent: agentCurves,
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
  if (curves.length === 0) return; // of what was skipped the last figures stay
  const machine = describeMachine(new Date());
  console.log(`\n${name}, ${machine.cpu}, ${machine.cpus} CPUs, ${machine.runtime}`);
  for (const line of curves.flatMap(linesOf)) console.log(line);
  keepResults(`scale-${name}`, { section: name, machine, curves });
}

function linesOf(curve: Curve): string[] {
  const head = curvesHead([curve]);
  const rows = [head, head.map(() => "---"), ...curvesRows([curve])];
  return [`\n${curve.title}\n`, ...rows.map(lineOf)];
}
