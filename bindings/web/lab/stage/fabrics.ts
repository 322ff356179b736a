// What joins hosts. Between two neighbors it stands in the gap; what joins more, or others, is a
// bar below them all.
import type { Places } from "../../../lab/trace/trace.ts";
import type { Band, Box, Point, Rect, Wire } from "./drawing.ts";
import type { Plot } from "./layout.ts";
import { BAR_GAP, BAR_H, type Metrics, TRAY_H } from "./metrics.ts";
import type { HostShape } from "./shape.ts";

export interface Fabric {
  readonly name: string;
  readonly kind: "cable" | "switch" | "hub";
  /** Each its own port and the card at it: "sw0:p-node1" and "node1:eth0". */
  readonly ports: readonly (readonly [string, string])[];
}

export interface FabricPlan {
  readonly between: ReadonlyMap<Fabric, number>;
  readonly bars: readonly Fabric[];
  /** For each gap between hosts whether a fabric stands in it. */
  readonly gaps: readonly boolean[];
  readonly barCount: number;
  /** What they take of the last band. */
  readonly barsH: number;
  /** The packet stands beside the bar. */
  readonly hasTray: boolean;
}

/** A fabric's own box. */
const BOX_W = 60;
const BOX_H = 44;
/** On a phone, what the packet needs beside a fabric. */
const TRAY_W = 214;

export function planFabrics(
  places: Places,
  shapes: readonly HostShape[],
  metrics: Metrics,
): FabricPlan {
  const between = new Map<Fabric, number>();
  const bars: Fabric[] = [];
  for (const fabric of places.fabrics.map((each) => fabricOf(places, each))) {
    const at = fabric.ports.map(([, card]) => hostOf(card, shapes)).sort((a, b) => a - b);
    const [left = -1, right = -1] = at;
    const isNext = at.length === 2 && left >= 0 && right === left + 1;
    const isTaken = [...between.values()].includes(left);
    const isOpen = isNext && isOpenTo(shapes, left) && isOpenTo(shapes, right);
    if (isOpen && !isTaken && !metrics.isNarrow) between.set(fabric, left);
    else bars.push(fabric);
  }
  const taken = new Set(between.values());
  const gaps = shapes.slice(1).map((_, at) => taken.has(at));
  const hasTray = metrics.isNarrow && bars.length === 1;
  const barsH = hasTray ? TRAY_H : bars.length * (BAR_H + BAR_GAP);
  return { between, bars, gaps, barCount: bars.length, barsH, hasTray };
}

function fabricOf(
  { links }: Places,
  { name, kind }: { name: string; kind: Fabric["kind"] },
): Fabric {
  const ports = links.flatMap(([a, b]): (readonly [string, string])[] => {
    if (a.startsWith(`${name}:`)) return [[a, b]];
    return b.startsWith(`${name}:`) ? [[b, a]] : [];
  });
  return { name, kind, ports };
}

function hostOf(card: string, shapes: readonly HostShape[]): number {
  const namespace = card.slice(0, card.indexOf(":"));
  return shapes.findIndex(({ own }) => own.name === namespace);
}

/** Whether cards of a host may stand at both of its sides: it has nothing else, or one side. */
function isOpenTo(shapes: readonly HostShape[], at: number): boolean {
  const shape = shapes[at];
  if (shape === undefined) return false;
  if (at === 0 || at === shapes.length - 1) return true;
  return shape.rows.length + shape.tunnels.length + shape.overlays.length === 0;
}

export function drawFabrics(
  plan: FabricPlan,
  plots: readonly Plot[],
  boxes: readonly Box[],
  bands: readonly Band[],
): { boxes: Box[]; wires: Wire[] } {
  const drawn: Box[] = [];
  const wires: Wire[] = [];
  for (const [fabric, at] of plan.between) {
    const [card] = cardsOf(fabric, boxes);
    const y = card === undefined ? 0 : card.y + card.h / 2;
    const from = (plots[at]?.x ?? 0) + (plots[at]?.w ?? 0);
    const to = plots[at + 1]?.x ?? from;
    const box = boxFor(fabric, { x: placeIn(from, to), y: y - BOX_H / 2, w: BOX_W, h: BOX_H });
    drawn.push(box);
    wires.push(...cardsOf(fabric, boxes).map((each) => acrossTo(each, box)));
  }
  const floor = bands.at(-1);
  for (const [at, fabric] of plan.bars.entries()) {
    if (floor === undefined) break;
    const cards = cardsOf(fabric, boxes);
    const box = boxFor(
      fabric,
      plan.hasTray ? besideTray(cards, floor) : bar(plan, at, cards, floor),
    );
    drawn.push(box);
    wires.push(...cards.map((each) => downTo(each, box, at)));
  }
  return { boxes: drawn, wires };
}

function cardsOf({ ports }: Fabric, boxes: readonly Box[]): Box[] {
  return ports.flatMap(([, card]) => boxes.find(({ names }) => names.includes(card)) ?? []);
}

/** As wide as the cards that it joins. */
function bar({ bars }: FabricPlan, at: number, cards: readonly Box[], floor: Band): Rect {
  const y = floor.y + floor.h - (bars.length - at) * (BAR_H + BAR_GAP) + BAR_GAP - 6;
  const x = Math.min(...cards.map((card) => card.x));
  const right = Math.max(...cards.map((card) => card.x + card.w));
  return { x, y, w: Math.max(right - x, BOX_W), h: BAR_H };
}

/** To the right, so that there is room for the packet at its left. */
function besideTray(cards: readonly Box[], floor: Band): Rect {
  const middles = cards.map(({ x, w }) => x + w / 2);
  const right = Math.max(...middles) + BOX_W / 2;
  const x = Math.max(Math.min(right - BOX_W, TRAY_W), Math.min(...middles));
  return { x, y: floor.y + floor.h - TRAY_H / 2 - BAR_H / 2, w: right - x, h: BAR_H };
}

/** Nearer to who receives, so that a packet with all its shells has room in front of it. */
function placeIn(from: number, to: number): number {
  const room = to - from;
  return Math.round(room > 250 ? to - BOX_W - 34 : from + (room - BOX_W) / 2);
}

function boxFor(
  { name, kind, ports }: Fabric,
  rect: { x: number; y: number; w: number; h: number },
): Box {
  return {
    id: name,
    names: [name, ...ports.map(([port]) => port)],
    kind: kind === "hub" ? "hub" : "switch",
    host: name,
    plane: "underlay",
    title: name,
    lines: [],
    ...rect,
  };
}

function acrossTo(card: Box, box: Box): Wire {
  const y = card.y + card.h / 2;
  const isLeft = card.x < box.x;
  const start: Point = { x: isLeft ? card.x + card.w : card.x, y };
  const end: Point = { x: isLeft ? box.x : box.x + box.w, y };
  const points = [start, end];
  return { from: card.id, to: box.id, points, label: null, hasPorts: [true, true] };
}

/** Straight down, or down and across to what stands further right. */
function downTo(card: Box, box: Box, lane: number): Wire {
  const x = card.x + card.w / 2 + lane * 14;
  const start = { x, y: card.y + card.h };
  const y = box.y + box.h / 2;
  const isAbove = x >= box.x + 6;
  const points = isAbove ? [start, { x, y: box.y }] : [start, { x, y }, { x: box.x, y }];
  return { from: card.id, to: box.id, points, label: null, hasPorts: [true, true] };
}
