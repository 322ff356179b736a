// What of the documents is computed from bench/results: charts, and tables between the marks of
// README.md and bench/README.md. Nobody copies a number by hand, and a test compares.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { captionOf, type Machine } from "./machine.ts";
import { rewrite, tableOf, type Writer } from "./markdown.ts";
import { peersChart } from "./peers/chart.ts";
import { FIGURES_HEAD, figureRow, figures } from "./peers/figures.ts";
import { HEAD, type Report, rowsOf } from "./peers/report.ts";
import { resultsOf } from "./results.ts";
import { runtimesHead, runtimesRow } from "./runtimes/table.ts";
import { chartOf } from "./scale/chart.ts";
import type { Curve } from "./scale/curve.ts";
import { curvesHead, curvesRows } from "./scale/table.ts";

const ROOT = new URL("../../", import.meta.url); // compiled, from dist/bench
const PAPERS = ["README.md", "bench/README.md"];
const SECTIONS = ["routes", "stations", "tunnel", "agent"];

/** A file of the checkout, and all that it should hold. */
export interface Document {
  readonly path: string;
  readonly text: string;
}

const WRITERS: Readonly<Record<string, Writer>> = {
  "bench:peers": (suites) => (suites === undefined ? chosen() : whole(suites.split(","))),
  "bench:runtimes": runtimes,
  "bench:scale": (section = "") => sizes(section),
};

/** Every document as bench/results has it. Throws where a figure is missing there. */
export function documents(): Document[] {
  const curves = SECTIONS.flatMap((section) => grown(section).curves);
  return [
    { path: "docs/peers.svg", text: peersChart(figures()) },
    ...curves.map((curve) => ({ path: `docs/scale/${curve.name}.svg`, text: chartOf(curve) })),
    ...PAPERS.map((path) => ({ path, text: rewrite(textOf(path), WRITERS) })),
  ];
}

/** Writes those that are otherwise. Returns: which. */
export function publish(): string[] {
  const changed = documents().filter(({ path, text }) => text !== textOf(path));
  for (const { path, text } of changed) {
    mkdirSync(new URL(".", new URL(path, ROOT)), { recursive: true });
    writeFileSync(new URL(path, ROOT), text);
  }
  return changed.map(({ path }) => path);
}

function textOf(path: string): string {
  try {
    return readFileSync(new URL(path, ROOT), "utf8");
  } catch {
    return ""; // a chart that was never drawn
  }
}

/** What stands for all in the README. */
function chosen(): string[] {
  const { figures: all, machines } = figures();
  return [measuredOn(machines), "", ...tableOf(FIGURES_HEAD, all.map(figureRow))];
}

/** All rows of some suites. */
function whole(suites: readonly string[]): string[] {
  const reports = suites.map((suite) => resultsOf<Report>(suite));
  const rows = reports.flatMap(({ results }) => results.flatMap(rowsOf));
  return [measuredOn(reports.map(({ machine }) => machine)), "", ...tableOf(HEAD, rows)];
}

function runtimes(): string[] {
  const { machine, results } = resultsOf<Report>("runtimes");
  const [first] = results;
  if (first === undefined) throw new Error("runtimes.json in bench/results has no item");
  const head = runtimesHead(first, machine);
  return [measuredOn([machine]), "", ...tableOf(head, results.map(runtimesRow))];
}

/** What a section of `npm run bench:scale` found. */
interface Grown {
  readonly machine: Machine;
  readonly curves: readonly Curve[];
}

function grown(section: string): Grown {
  return resultsOf(`scale-${section}`);
}

/** All curves of a section in one table. */
function sizes(section: string): string[] {
  const { machine, curves } = grown(section);
  return [measuredOn([machine]), "", ...tableOf(curvesHead(curves), curvesRows(curves))];
}

function measuredOn(machines: readonly Machine[]): string {
  return `Measured: ${captionOf(machines)}.`;
}
