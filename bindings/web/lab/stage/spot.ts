// Where the packet itself is drawn: as near as can be to where it is, upon nothing that is written.
import { obstaclesOf } from "./chips.ts";
import { type Drawing, isOverlapping, type Point, type Rect } from "./drawing.ts";

const STEP = 8;
const AIR = 3;
/** What it costs to lie upon a box, next to being far from where the packet is. */
const BOX_COST = 12;
/** Of many hosts, one may be covered where there is no room beside them. */
const HOST_COST = 2.5;
const EDGE_COST = 1.2;

/** Everything else that is written on the drawing may be named in `words`. */
export function spotFor(
  drawing: Drawing,
  at: Point,
  size: { w: number; h: number },
  words: readonly Rect[] = [],
): Rect {
  const hosts = drawing.boxes.filter(({ kind }) => kind === "host");
  const shown = drawing.boxes.filter(({ kind }) => kind !== "host");
  const boxes = obstaclesOf({ ...drawing, boxes: shown, wires: [] });
  const labels = drawing.wires.flatMap(({ label }) => label ?? []);
  const taken = [...boxes, ...labels, ...drawing.chips, ...words].map(inflated);
  let best: Rect = { x: at.x - size.w / 2, y: at.y - size.h / 2, ...size };
  let least = Number.POSITIVE_INFINITY;
  const from = { x: startOf(at.x - size.w / 2), y: startOf(at.y - size.h / 2) };
  for (let y = from.y; y + size.h <= drawing.height - 2; y += STEP) {
    for (let x = from.x; x + size.w <= drawing.width - 2; x += STEP) {
      const spot = { x, y, ...size };
      const cost = distance(spot, at) + EDGE_COST * edgesUnder(drawing, spot);
      if (cost >= least) continue;
      const whole = cost + BOX_COST * covered(spot, taken) + HOST_COST * covered(spot, hosts);
      if (whole < least) [best, least] = [spot, whole];
    }
  }
  return best;
}

/** The first place of the grid that puts a spot exactly where it is wanted. */
function startOf(wanted: number): number {
  return ((wanted % STEP) + STEP) % STEP;
}

function inflated({ x, y, w, h }: Rect): Rect {
  return { x: x - AIR, y: y - AIR, w: w + 2 * AIR, h: h + 2 * AIR };
}

function distance({ x, y, w, h }: Rect, at: Point): number {
  return Math.abs(x + w / 2 - at.x) + 1.3 * Math.abs(y + h / 2 - at.y);
}

/** A host's border is better not crossed. */
function edgesUnder({ frames }: Drawing, spot: Rect): number {
  return frames.reduce((sum, frame) => {
    const isCut =
      isOverlapping(spot, frame) && (spot.x < frame.x || spot.x + spot.w > frame.x + frame.w);
    return sum + (isCut ? 20 : 0);
  }, 0);
}

/** The square root of the area that lies upon something. */
function covered(spot: Rect, taken: readonly Rect[]): number {
  let area = 0;
  for (const each of taken) {
    if (!isOverlapping(spot, each)) continue;
    const w = Math.min(spot.x + spot.w, each.x + each.w) - Math.max(spot.x, each.x);
    const h = Math.min(spot.y + spot.h, each.y + each.h) - Math.max(spot.y, each.y);
    area += w * h;
  }
  return Math.sqrt(area);
}
