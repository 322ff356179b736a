// What a step changes on a drawing: where the packet is, which way it came, who was asked.
import type { Asked, Hop } from "../../../lab/trace/trace.ts";
import { isDrop } from "../../../lab/trace/verdict.ts";
import type { Copy } from "../copy/copy.ts";
import { say } from "../copy/copy.ts";
import type { Shell } from "../state/frame.ts";
import type { Scene } from "../state/scene.ts";
import { centerOf, type Drawing, type Point, type Rect } from "./drawing.ts";
import { NARROW_SCALE } from "./metrics.ts";
import { marginsOf, packetSize } from "./size.ts";
import { spotFor } from "./spot.ts";
import type { Token } from "./token.ts";
import { boxOf, outBoxOf, pointsOf, restingPoint, route, type Step, wayGone } from "./way.ts";

export interface Sketch {
  /** Boxes where the hop is decided and left; the first has the ink border. */
  readonly here: ReadonlySet<string>;
  readonly steps: readonly Step[];
  /** Wires from the tables that were asked to who asked. */
  readonly asking: readonly { readonly chip: number; readonly points: readonly Point[] }[];
  /** Short bars where a branch ended. */
  readonly ends: readonly { readonly at: Point; readonly isDrop: boolean }[];
  readonly token: Token | null;
  readonly spot: Rect;
  /** The spot with everything that is drawn around the packet. */
  readonly room: Rect;
  /** How much smaller it is drawn. */
  readonly scale: number;
  /** From the port that it left by to where it is drawn, if it is on a wire. */
  readonly departure: readonly Point[];
}

const STUB_LEN = 30;

/** How a sketch is made. */
export interface Manner {
  readonly copy: Copy;
  /** What else is written on the drawing, to keep clear of. */
  readonly words: readonly Rect[];
  readonly isNarrow: boolean;
  /** How large the packet is drawn; left out: as is usual for the width. */
  readonly scale?: number;
}

/** What of a scene is drawn. */
export type Moment = Pick<Scene, "hop" | "hops" | "before" | "after" | "shown">;

export function sketch(
  drawing: Drawing,
  scene: Moment,
  { copy, words, isNarrow, scale = isNarrow ? NARROW_SCALE : 1 }: Manner,
): Sketch | null {
  const { hop, hops } = scene;
  if (hop === null) return null;
  const gone = hops.filter(({ n }) => n <= hop.n);
  const next = hops.find(({ from }) => from === hop.n) ?? null;
  const whole = tokenOf(scene, copy);
  const token = whole !== null && isNarrow ? { ...whole, note: null } : whole;
  const here = new Set([boxOf(drawing, hop)?.id ?? "", outBoxOf(drawing, hop)?.id ?? ""]);
  const at = restingPoint(drawing, hop, next);
  const ends = endsOf(drawing, gone);
  const taken = [...words, ...ends.map(stubRect)];
  const { spot, room } = placeOf(drawing, at, { token, scale, taken });
  return {
    here,
    steps: wayGone(drawing, [...gone, ...besideOf(hops, hop)]),
    asking: hop.asked.flatMap((asked) => askingWire(drawing, hop, asked)),
    ends,
    token,
    spot,
    room,
    scale,
    departure: departureOf(drawing, hop, next, { ...spot, y: room.y, h: room.h }),
  };
}

/** The packet is wanted at a point, and what is drawn around it needs room as well. */
function placeOf(
  drawing: Drawing,
  at: Point,
  { token, scale, taken }: { token: Token | null; scale: number; taken: readonly Rect[] },
): { spot: Rect; room: Rect } {
  const size = packetSize(token?.shells.length ?? 1);
  const [w, h] = [size.w * scale, size.h * scale];
  const around = marginsOf(size.w, token?.removed.length ?? 0, token?.note ?? null);
  const [left, right] = [around.left * scale, around.right * scale];
  const [top, bottom] = [around.top * scale, around.bottom * scale];
  const middle = { x: at.x + (right - left) / 2, y: at.y + (bottom - top) / 2 };
  const whole = { w: left + w + right, h: top + h + bottom };
  const room = spotFor(drawing, middle, whole, taken);
  return { room, spot: { x: room.x + left, y: room.y + top, w, h } };
}

/** Hops that other copies of the same frame came to at once. */
function besideOf(hops: readonly Hop[], { from, n }: Hop): Hop[] {
  return from === null ? [] : hops.filter((each) => each.from === from && each.n > n);
}

function departureOf(drawing: Drawing, hop: Hop, next: Hop | null, spot: Rect): Point[] {
  const [from, to] = [outBoxOf(drawing, hop), next === null ? null : boxOf(drawing, next)];
  if (from === null || to === null || from === to || hop.out.length === 0) return [];
  const [first] = route(drawing, from, to);
  const [start, turn] = first === undefined ? [] : pointsOf([first]);
  if (start === undefined || turn === undefined || start.y !== turn.y) return [];
  const isCovered = start.y > spot.y && start.y < spot.y + spot.h;
  const end = { x: start.x < spot.x ? spot.x : spot.x + spot.w, y: start.y };
  const isOnWire = Math.min(start.x, turn.x) <= end.x && end.x <= Math.max(start.x, turn.x);
  return isCovered && isOnWire ? [start, end] : [];
}

/** The points that a packet passes between two hops. */
export function trackOf(drawing: Drawing, from: Hop, to: Hop): readonly Point[] {
  return pointsOf(wayGone(drawing, [from, to]).slice(wayGone(drawing, [from]).length));
}

function tokenOf({ before, after, shown, hop }: Moment, copy: Copy): Token | null {
  const frame = after ?? before ?? shown;
  if (frame === null || hop === null) return null;
  const wasCount = before?.shells.length ?? frame.shells.length;
  const moreCount = frame.shells.length - wasCount;
  const growth = before === null || after === null ? 0 : after.bytes.length - before.bytes.length;
  const template = growth > 0 ? copy.bytesMore : copy.bytesLess;
  return {
    shells: frame.shells,
    addedCount: Math.max(0, moreCount),
    removed: (before?.shells ?? []).slice(0, Math.max(0, -moreCount)),
    changed: changedShells(frame.shells, hop, Math.max(0, moreCount)),
    note: growth === 0 ? null : say(template, { n: Math.abs(growth) }),
    isDropped: isDrop(hop.verdict),
  };
}

/** Shells that were there before and have another field now. */
function changedShells(shells: readonly Shell[], hop: Hop, addedCount: number): Set<number> {
  const kept = hop.changes.filter(({ was }) => was !== null && was.len > 0);
  const at = kept.map(({ field }) =>
    shells.findIndex((shell) => field.startsWith(`${shell.path}.`)),
  );
  return new Set(at.filter((each) => each >= addedCount));
}

function endsOf(drawing: Drawing, gone: readonly Hop[]): Sketch["ends"] {
  const last = gone.at(-1);
  return gone.flatMap((hop) => {
    if (!isDrop(hop.verdict)) return [];
    const box = boxOf(drawing, hop);
    if (box === null) return [];
    const isLeft = centerOf(box).x < drawing.width / 2;
    const y = centerOf(box).y;
    const at = { x: isLeft ? box.x + box.w + STUB_LEN : box.x - STUB_LEN, y };
    return [{ at, isDrop: hop === last }];
  });
}

/** A bar and the way to it, which the packet does not hide. */
function stubRect({ at }: Sketch["ends"][number]): Rect {
  return { x: at.x - STUB_LEN, y: at.y - STUB_LEN / 2, w: 2 * STUB_LEN, h: STUB_LEN };
}

/** From a table to the device that asked it; a table that is not drawn has none. */
function askingWire(drawing: Drawing, hop: Hop, { table }: Asked): Sketch["asking"] {
  const chipAt = drawing.chips.findIndex(
    ({ namespace, kind }) => namespace === table.namespace && kind === table.kind,
  );
  const chip = drawing.chips[chipAt];
  if (chip === undefined) return [];
  const near = [outBoxOf(drawing, hop), boxOf(drawing, hop)].filter((box) => box !== null);
  const owner = drawing.boxes.find(({ id }) => id === `${table.namespace}:${table.device}`);
  const asker = owner ?? near.find(({ plane }) => plane === chip.plane) ?? near.at(-1);
  if (asker === undefined) return [];
  const isRight = centerOf(asker).x > centerOf(chip).x;
  const start = { x: isRight ? chip.x + chip.w : chip.x, y: chip.y + chip.h / 2 };
  const end = { x: isRight ? asker.x : asker.x + asker.w, y: centerOf(asker).y };
  const isLevel = Math.abs(start.y - end.y) < asker.h / 2 - 6;
  const turn = end.x + (isRight ? -16 : 16);
  const isReachable = isRight ? turn > start.x : turn < start.x;
  if (!isReachable && !isLevel) return [{ chip: chipAt, points: [] }];
  const points = isLevel
    ? [start, { x: end.x, y: start.y }]
    : [start, { x: turn, y: start.y }, { x: turn, y: end.y }, end];
  return [{ chip: chipAt, points }];
}
