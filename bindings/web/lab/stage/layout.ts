// Where everything is drawn. Down is the plane, across is the host: hosts that send stand left, and
// those at the right mirror them, so that the way of a packet is a U. No force and no chance: the
// same network is drawn the same way, and its places can be learned.
import type { DevicePlace, Hop, Places, Plane } from "../../../lab/trace/trace.ts";
import { blockOf } from "./block.ts";
import { chipsOf } from "./chips.ts";
import type { Band, Box, Drawing, Frame } from "./drawing.ts";
import { drawFabrics, type FabricPlan, planFabrics } from "./fabrics.ts";
import { BAND_GAP, type Metrics, WIDE } from "./metrics.ts";
import { type HostShape, peersOf, planesOf, shapeOf } from "./shape.ts";
import { columnsOf, contentH } from "./sizes.ts";
import { wiresOf } from "./wires.ts";

/** A host with the room that it was given. */
export interface Plot {
  readonly shape: HostShape;
  readonly x: number;
  readonly w: number;
  readonly isMirrored: boolean;
  /** What bars below the hosts take of the last band. */
  readonly barsH: number;
}

/** A host as it is drawn. */
export interface Block {
  readonly frames: readonly Frame[];
  readonly boxes: readonly Box[];
}

const HOST_GAP_MIN = 24;
const FABRIC_GAP_MIN = 150;

/** `path`: hops of the packet that the drawing is made for: who sends stands left. */
export function layout(places: Places, path: readonly Hop[], metrics: Metrics = WIDE): Drawing {
  const shapes = shapesOf(places, path);
  const planes = planesOf(shapes);
  const fabrics = planFabrics(places, shapes, metrics);
  const bands = bandsOf(shapes, planes, fabrics, metrics);
  const { plots, width } = plotsOf(shapes, fabrics, metrics);
  const blocks = plots.map((plot) => blockOf(plot, bands, metrics));
  const boxes = blocks.flatMap((block) => block.boxes);
  const drawn = drawFabrics(fabrics, plots, boxes, bands);
  const last = bands.at(-1);
  const bare: Drawing = {
    width,
    height: last === undefined ? 0 : last.y + last.h,
    bands: bands.map((band) => ({ ...band, w: width })),
    frames: blocks.flatMap((block) => block.frames),
    boxes: [...boxes, ...drawn.boxes],
    wires: [...wiresOf(places, shapes, boxes, metrics), ...drawn.wires],
    chips: [],
  };
  return metrics.isNarrow ? bare : { ...bare, chips: chipsOf(bare, shapes) };
}

/** Hosts in the order in which the packet visits them, then the others. */
function shapesOf(places: Places, path: readonly Hop[]): HostShape[] {
  const visited = [...new Set(path.map(({ host }) => host))];
  const rank = (name: string): number => {
    const at = visited.indexOf(name);
    return at < 0 ? visited.length : at;
  };
  const routed = new Set(
    path.filter(({ device }) => device === "routing").map(({ namespace }) => namespace),
  );
  const hosts = [...places.hosts].sort((a, b) => rank(a.name) - rank(b.name));
  return facing(
    places,
    hosts.map((host) => shapeOf(places, host, routed)),
  );
}

/** Of a host between two wires, the card to the host before it comes first. */
function facing(places: Places, shapes: readonly HostShape[]): HostShape[] {
  const peers = peersOf(places);
  const fabricOf = (shape: HostShape, card: DevicePlace): string | undefined =>
    peers.get(`${shape.own.name}:${card.name}`)?.split(":")[0];
  return shapes.map((shape, at) => {
    const before = shapes[at - 1];
    if (!shape.isPassage || before === undefined) return shape;
    const near = new Set(before.nics.map((card) => fabricOf(before, card)));
    const isFar = (card: DevicePlace): number => Number(!near.has(fabricOf(shape, card)));
    return { ...shape, nics: [...shape.nics].sort((a, b) => isFar(a) - isFar(b)) };
  });
}

function bandsOf(
  shapes: readonly HostShape[],
  planes: readonly Plane[],
  fabrics: FabricPlan,
  metrics: Metrics,
): Band[] {
  const gaps = BAND_GAP * Math.max(0, planes.length - 1);
  const bars = fabrics.barsH;
  const heights = planes.map((plane) => {
    const content = Math.max(0, ...shapes.map((shape) => contentH(shape, plane, metrics)));
    return Math.max(metrics.bandH[plane], content + (metrics.isNarrow ? 14 : 26));
  });
  const spare = metrics.heightMin - gaps - bars - heights.reduce((sum, h) => sum + h, 0);
  const share = Math.max(0, spare) / planes.length;
  const bands: Band[] = [];
  let y = 0;
  for (const [at, plane] of planes.entries()) {
    const isLast = at === planes.length - 1;
    const h = Math.floor((heights[at] ?? 0) + share) + (isLast ? bars : 0);
    bands.push({ plane, x: 0, y, w: metrics.width, h });
    y += h + BAND_GAP;
  }
  return bands;
}

/** Hosts side by side over the whole width, which grows where they need more. */
function plotsOf(
  shapes: readonly HostShape[],
  fabrics: FabricPlan,
  metrics: Metrics,
): { plots: Plot[]; width: number } {
  const hostGap = metrics.isNarrow ? 14 : HOST_GAP_MIN;
  const widths = shapes.map((shape) => columnsOf(shape, metrics).width);
  const gaps = shapes.slice(1).map((_, at) => (fabrics.gaps[at] ? FABRIC_GAP_MIN : hostGap));
  const margins = metrics.captionW + metrics.marginR;
  const needed = [...widths, ...gaps].reduce((sum, each) => sum + each, margins);
  const width = Math.max(metrics.width, needed);
  const spare = width - needed;
  const isAlone = shapes.length === 1;
  let x = metrics.captionW;
  const plots = shapes.map((shape, at) => {
    const natural = widths[at] ?? 0;
    const w = isAlone ? width - margins : natural;
    const plot = { shape, x: Math.round(x), w, isMirrored: isMirrored(at, shapes.length, fabrics) };
    x += w + (gaps[at] ?? 0) + spare / Math.max(1, gaps.length);
    return { ...plot, barsH: fabrics.barsH };
  });
  return { plots, width: Math.ceil(width) };
}

function isMirrored(at: number, count: number, { barCount }: FabricPlan): boolean {
  if (count === 2) return at === 1;
  return barCount === 0 && count > 1 && at === count - 1;
}
