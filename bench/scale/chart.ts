// A curve as an SVG: lines over axes that are both logarithmic, with a band from least to most.
import type { Curve, Series } from "./curve.ts";

const WIDTH = 640;
const HEIGHT = 320;
const PLOT = { left: 56, right: 500, top: 40, bottom: 272 } as const;
const COLORS = ["#2563eb", "#d97706", "#059669", "#9333ea"];
const INK = "#64748b"; // is seen on white and on black
const LABEL_GAP = 16;
const STEPS = [1, 2, 5];
const TICKS_MIN = 3;

/** Turns a value into a place between `from` and `to`. */
type Axis = (value: number) => number;

export function chartOf(curve: Curve): string {
  const points = curve.series.flatMap((line) => line.points);
  const sizes = points.map(({ size }) => size);
  const costs = points.flatMap(({ cost }) => [cost.min, cost.max]);
  const [low, high] = roomFor(costs);
  const x = axisOf(Math.min(...sizes), Math.max(...sizes), PLOT.left, PLOT.right);
  const y = axisOf(low, high, PLOT.bottom, PLOT.top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" ` +
      `font-family="system-ui, sans-serif" font-size="12" fill="${INK}">`,
    `<title>${curve.title}</title>`,
    text(PLOT.left, 20, curve.title, 'font-size="14" font-weight="600"'),
    text(PLOT.left - 8, PLOT.top - 8, curve.unit, 'text-anchor="end"'),
    text(PLOT.right, HEIGHT - 12, curve.size, 'text-anchor="end"'),
    ...ticksOf(low, high).map((value) => rule(y(value), labelOf(value))),
    ...[...new Set(sizes)].map((size) =>
      text(x(size), PLOT.bottom + 18, labelOf(size), 'text-anchor="middle"'),
    ),
    ...curve.series.flatMap((line, at) => drawn(line, COLORS[at % COLORS.length] as string, x, y)),
    ...legendOf(curve.series, y),
    "</svg>",
    "",
  ].join("\n");
}

/** From the 1, 2 or 5 below the least value to the one above the most. */
function roomFor(values: readonly number[]): [low: number, high: number] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const all = ladder(least / 10, most * 10);
  const low = all.findLast((step) => step <= least) ?? least;
  return [low, all.find((step) => step >= most && step > low) ?? most];
}

/** 1, 2, 5, 10 and so on, as far as they lie between two values. */
function ladder(from: number, to: number): number[] {
  const [first, last] = [Math.floor(Math.log10(from)), Math.ceil(Math.log10(to))];
  const powers = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  const all = powers.flatMap((power) => STEPS.map((step) => step * 10 ** power));
  return all.filter((step) => step >= from * (1 - 1e-9) && step <= to * (1 + 1e-9));
}

function ticksOf(low: number, high: number): number[] {
  const all = ladder(low, high);
  const tens = all.filter((step) => Number.isInteger(Number(Math.log10(step).toFixed(9))));
  return tens.length >= TICKS_MIN ? tens : all;
}

function axisOf(low: number, high: number, from: number, to: number): Axis {
  const span = Math.log(high / low) || 1;
  return (value) => round(from + (Math.log(value / low) / span) * (to - from));
}

function drawn({ points }: Series, color: string, x: Axis, y: Axis): string[] {
  const upper = points.map(({ size, cost }) => `${x(size)},${y(cost.max)}`);
  const lower = points.map(({ size, cost }) => `${x(size)},${y(cost.min)}`);
  const middle = points.map(({ size, cost }) => `${x(size)},${y(cost.median)}`);
  const band = [...upper, ...lower.toReversed()].join(" ");
  return [
    `<polygon points="${band}" fill="${color}" fill-opacity="0.15"/>`,
    `<polyline points="${middle.join(" ")}" fill="none" stroke="${color}" stroke-width="2"/>`,
    ...points.map(({ size, cost }) => {
      return `<circle cx="${x(size)}" cy="${y(cost.median)}" r="3" fill="${color}"/>`;
    }),
  ];
}

/** Names at the ends of their lines, none on top of another. */
function legendOf(series: readonly Series[], y: Axis): string[] {
  const ends = series.map(({ name, points }, at) => {
    return { name, at, place: y(points.at(-1)?.cost.median ?? 1) };
  });
  let last = Number.NEGATIVE_INFINITY;
  return ends
    .toSorted((a, b) => a.place - b.place)
    .map(({ name, at, place }) => {
      last = Math.max(place, last + LABEL_GAP);
      return text(PLOT.right + 10, last + 4, name, `fill="${COLORS[at % COLORS.length]}"`);
    });
}

function rule(at: number, label: string): string {
  const line = `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${at}" y2="${at}" `;
  return (
    `${line}stroke="${INK}" stroke-opacity="0.25"/>` +
    text(PLOT.left - 8, at + 4, label, 'text-anchor="end"')
  );
}

function text(x: number, y: number, words: string, rest: string): string {
  return `<text x="${x}" y="${y}" ${rest}>${words}</text>`;
}

function labelOf(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  if (value >= 1e4) return `${value / 1e3}k`;
  return `${Number(value.toPrecision(2)) === value ? Number(value.toPrecision(2)) : value}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
