// A curve as an SVG: lines over axes that are both logarithmic, with a band from least to most.
import { type Axis, axisOf, labelOf, roomFor, ticksOf } from "../chart/axis.ts";
import { element, INK, openSvg, text } from "../chart/svg.ts";
import type { Curve, Series } from "./curve.ts";

const WIDTH = 640;
const HEIGHT = 320;
const PLOT = { left: 56, right: 500, top: 40, bottom: 272 } as const;
const COLORS = ["#2563eb", "#d97706", "#059669", "#9333ea"];
const LABEL_GAP = 16;

export function chartOf(curve: Curve): string {
  const points = curve.series.flatMap((line) => line.points);
  const sizes = points.map(({ size }) => size);
  const costs = points.flatMap(({ cost }) => [cost.min, cost.max]);
  const [low, high] = roomFor(costs);
  const x = axisOf(Math.min(...sizes), Math.max(...sizes), PLOT.left, PLOT.right);
  const y = axisOf(low, high, PLOT.bottom, PLOT.top);
  return [
    openSvg(WIDTH, HEIGHT),
    element("title", {}, curve.title),
    text(PLOT.left, 20, curve.title, { "font-size": 14, "font-weight": 600 }),
    text(PLOT.left - 8, PLOT.top - 8, curve.unit, { "text-anchor": "end" }),
    text(PLOT.right, HEIGHT - 12, curve.size, { "text-anchor": "end" }),
    ...ticksOf(low, high).map((value) => rule(y(value), labelOf(value))),
    ...[...new Set(sizes)].map((size) =>
      text(x(size), PLOT.bottom + 18, labelOf(size), { "text-anchor": "middle" }),
    ),
    ...curve.series.flatMap((line, at) => drawn(line, COLORS[at % COLORS.length] as string, x, y)),
    ...legendOf(curve.series, y),
    "</svg>",
    "",
  ].join("\n");
}

function drawn({ points }: Series, color: string, x: Axis, y: Axis): string[] {
  const upper = points.map(({ size, cost }) => `${x(size)},${y(cost.max)}`);
  const lower = points.map(({ size, cost }) => `${x(size)},${y(cost.min)}`);
  const middle = points.map(({ size, cost }) => `${x(size)},${y(cost.median)}`);
  const band = [...upper, ...lower.toReversed()].join(" ");
  return [
    element("polygon", { points: band, fill: color, "fill-opacity": 0.15 }),
    element("polyline", {
      ...{ points: middle.join(" "), fill: "none", stroke: color, "stroke-width": 2 },
    }),
    ...points.map(({ size, cost }) => {
      return element("circle", { cx: x(size), cy: y(cost.median), r: 3, fill: color });
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
      return text(PLOT.right + 10, last + 4, name, { fill: COLORS[at % COLORS.length] as string });
    });
}

function rule(at: number, label: string): string {
  const { left: x1, right: x2 } = PLOT;
  const line = { x1, x2, y1: at, y2: at, stroke: INK, "stroke-opacity": 0.25 };
  return element("line", line) + text(x1 - 8, at + 4, label, { "text-anchor": "end" });
}
