// heddle beside its peers as an SVG: a bar from 1 to the ratio, on an axis with 1 in its middle.
import { type Axis, axisOf, labelOf, ladder, roomFor } from "../chart/axis.ts";
import { element, openSvg, text } from "../chart/svg.ts";
import { captionOf } from "../machine.ts";
import { type Figure, type Figures, ratioOf } from "./figures.ts";
import type { RivalResult } from "./rounds.ts";

const WIDTH = 900;
const ITEM_X = 12;
const PEER_X = 430; // where its name ends
const PLOT = { left: 446, right: 836, top: 60 } as const;
const RATIO_X = 888; // where the number ends
const ROW_H = 22;
const GAP_H = 8; // between items
const BAR_H = 10;
const WHISKER_H = 6;
const BOUND_H = 18;
const FOOT_H = 74;
const TITLE = "heddle beside its peers: how many times as fast";

// The page around it may be light or dark; who looks at the picture alone is asked, too.
const STYLE = `
.ink { fill: #1e293b } .dim { fill: #64748b } .grid { stroke: #cbd5e1 } .one { stroke: #475569 }
.more { fill: #2563eb } .less { fill: #d97706 } .line { stroke: #1e293b }
.aim { stroke-dasharray: 3 2 }
@media (prefers-color-scheme: dark) {
.ink { fill: #e2e8f0 } .dim { fill: #94a3b8 } .grid { stroke: #334155 } .one { stroke: #94a3b8 }
.more { fill: #3b82f6 } .line { stroke: #e2e8f0 }
}
`;

export function peersChart({ figures, machines }: Figures): string {
  const x = axisFor(figures);
  const rows: string[] = [];
  let y = PLOT.top;
  for (const figure of figures) {
    rows.push(text(ITEM_X, y + 15, figure.item, { class: "ink" }));
    for (const peer of figure.peers) {
      rows.push(...rowOf(peer, y, x));
      y += ROW_H;
    }
    y += GAP_H;
  }
  return [
    openSvg(WIDTH, y + FOOT_H),
    element("title", {}, TITLE),
    element("style", {}, STYLE),
    text(ITEM_X, 22, TITLE, { class: "ink", "font-size": 14, "font-weight": 600 }),
    ...gridOf(figures, x, y),
    ...rows,
    ...keyOf(y + 44),
    text(ITEM_X, y + 64, captionOf(machines), { class: "dim" }),
    "</svg>",
    "",
  ].join("\n");
}

/** As far to the left of 1 as to the right. */
function axisFor(figures: readonly Figure[]): Axis {
  const [low, high] = ends(figures);
  return axisOf(low, high, PLOT.left, PLOT.right);
}

function ends(figures: readonly Figure[]): [low: number, high: number] {
  const ratios = figures.flatMap(({ peers }) => peers.map(({ ratio }) => ratio));
  const far = ratios.flatMap(({ min, max }) => [Math.max(max, 1 / max), Math.max(min, 1 / min)]);
  const [, high] = roomFor(far);
  return [1 / high, high];
}

function gridOf(figures: readonly Figure[], x: Axis, bottom: number): string[] {
  const [low, high] = ends(figures);
  const middle = x(1);
  return [
    text(middle - 12, PLOT.top - 20, "the peer is faster", { class: "dim", "text-anchor": "end" }),
    text(middle + 12, PLOT.top - 20, "heddle is faster", { class: "dim" }),
    ...ladder(low, high).flatMap((value) => [
      upright(x(value), [PLOT.top - 8, bottom], value === 1 ? "one" : "grid"),
      text(x(value), bottom + 16, labelOf(value), { class: "dim", "text-anchor": "middle" }),
    ]),
  ];
}

function rowOf({ name, ratio, must, aim }: RivalResult, top: number, x: Axis): string[] {
  const middle = top + ROW_H / 2;
  const from = x(Math.min(1, ratio.median));
  const width = x(Math.max(1, ratio.median)) - from;
  const bar = { x: from, y: middle - BAR_H / 2, width, height: BAR_H };
  const bounds = [must ?? [], aim ?? []].flat();
  const around = (height: number): [number, number] => [middle - height / 2, middle + height / 2];
  const names = ["line", "line aim"].slice(must === undefined ? 1 : 0);
  return [
    text(PEER_X, top + 15, name, { class: "dim", "text-anchor": "end" }),
    element("rect", { ...bar, class: ratio.median >= 1 ? "more" : "less" }),
    element("line", {
      ...{ x1: x(ratio.min), x2: x(ratio.max), y1: middle, y2: middle, class: "line" },
    }),
    ...[ratio.min, ratio.max].map((end) => upright(x(end), around(WHISKER_H), "line")),
    ...bounds.map((bound, at) => upright(x(bound), around(BOUND_H), names[at] as string)),
    text(RATIO_X, top + 15, ratioOf(ratio.median), { class: "ink", "text-anchor": "end" }),
  ];
}

function keyOf(y: number): string[] {
  const words = "bar: the median ratio; line across it: the least and the most;";
  return [
    text(ITEM_X, y, words, { class: "dim" }),
    upright(ITEM_X + 386, [y - 13, y + 5], "line"),
    text(ITEM_X + 394, y, "has to be reached,", { class: "dim" }),
    upright(ITEM_X + 526, [y - 13, y + 5], "line aim"),
    text(ITEM_X + 534, y, "is sought", { class: "dim" }),
  ];
}

function upright(x: number, [y1, y2]: readonly [number, number], name: string): string {
  return element("line", { x1: x, x2: x, y1, y2, class: name });
}
