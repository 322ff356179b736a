// Tables of a host as things to open, wherever there is room for them on their plane.
import type { Plane, TableKind } from "../../../lab/trace/trace.ts";
import { type Chip, type Drawing, isOverlapping, type Rect } from "./drawing.ts";
import { CHIP_H, CHIP_W } from "./metrics.ts";
import type { HostShape } from "./shape.ts";

const AIR = 4;
const STEP = 6;
/** Where the eye expects them: behind the containers. */
const USUAL_X = 140;

export function chipsOf(drawing: Drawing, shapes: readonly HostShape[]): Chip[] {
  const taken = obstaclesOf(drawing);
  const chips: Chip[] = [];
  for (const shape of shapes) {
    for (const { namespace, kind, plane } of tablesOf(shape)) {
      const room = roomFor(drawing, shape, plane);
      const spot = room && spotIn(room, [...taken, ...chips]);
      if (spot !== undefined) chips.push({ namespace, kind, plane, ...spot });
    }
  }
  return chips;
}

/** Everything that a word must keep away from. */
export function obstaclesOf({ boxes, frames, wires }: Drawing): Rect[] {
  const titles = frames.map(({ title, anchor, name, kind }) => {
    const w = name.length * 8 + 8;
    return { x: anchor === "end" ? title.x - w : title.x - 4, y: title.y - 14, w, h: 18, kind };
  });
  const inner = frames.filter(({ kind }) => kind === "overlay");
  return [
    ...boxes,
    ...titles,
    ...inner,
    ...wires.flatMap(({ points, label }) => {
      const pieces = points.slice(1).map((to, at) => {
        const from = points[at] ?? to;
        const x = Math.min(from.x, to.x) - AIR;
        const y = Math.min(from.y, to.y) - AIR;
        const w = Math.abs(from.x - to.x) + 2 * AIR;
        return { x, y, w, h: Math.abs(from.y - to.y) + 2 * AIR };
      });
      return label === null ? pieces : [...pieces, label];
    }),
  ];
}

function tablesOf(shape: HostShape): { namespace: string; kind: TableKind; plane: Plane }[] {
  const namespace = shape.own.name;
  const inOverlays = shape.overlays.map((each) => {
    return { namespace: each.namespace.name, kind: "fdb", plane: "tunnel" } as const;
  });
  const bridges = shape.rows.filter(({ bridge }) => bridge !== null);
  const ownFdb = shape.tunnels.some(({ kind }) => kind === "vxlan") ? "tunnel" : "containers";
  const fdb = { namespace, kind: "fdb", plane: ownFdb } as const;
  const low = shape.nics.length > 0 ? "underlay" : "containers";
  const isSwitching = ownFdb === "tunnel" || bridges.length > 0;
  return [
    ...inOverlays,
    ...(isSwitching ? [fdb] : []),
    { namespace, kind: "route", plane: low },
    { namespace, kind: "neigh", plane: low },
  ];
}

function roomFor({ bands, frames }: Drawing, shape: HostShape, plane: Plane): Room | undefined {
  const band = bands.find((each) => each.plane === plane);
  const frame = frames.find(({ kind, name }) => kind === "host" && name === shape.name);
  if (band === undefined || frame === undefined) return undefined;
  const isMirrored = frame.anchor === "end";
  const h = Math.min(band.y + band.h, frame.y + frame.h) - band.y;
  return { x: frame.x, y: band.y, w: frame.w, h, isMirrored };
}

interface Room extends Rect {
  readonly isMirrored: boolean;
}

function spotIn(room: Room, taken: readonly Rect[]): Rect | undefined {
  const spread = Math.max(room.w - CHIP_W - AIR, 0);
  const xs = Array.from({ length: Math.floor(spread / STEP) + 1 }, (_, at) => AIR + at * STEP);
  const byHabit = xs.sort((a, b) => Math.abs(a - USUAL_X) - Math.abs(b - USUAL_X));
  for (const inset of [USUAL_X, ...byHabit].filter((each) => each <= spread)) {
    const x = room.isMirrored ? room.x + room.w - inset - CHIP_W : room.x + inset;
    for (let y = room.y + 2 * STEP; y + CHIP_H + AIR <= room.y + room.h; y += STEP) {
      const spot = { x, y, w: CHIP_W, h: CHIP_H };
      const aired = { x: x - AIR, y: y - AIR, w: CHIP_W + 2 * AIR, h: CHIP_H + 2 * AIR };
      if (!taken.some((each) => isOverlapping(aired, each))) return spot;
    }
  }
  return undefined;
}
