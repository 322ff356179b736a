// A way that something moves along: sampled once, so that a frame only looks up where it is.
import type { Point } from "../drawing.ts";

export interface Track {
  readonly points: readonly Point[];
  /** How far each point is from the first, along the way. */
  readonly lengths: Float32Array;
}

export function trackOf(points: readonly Point[]): Track {
  const lengths = new Float32Array(points.length);
  for (let at = 1; at < points.length; at++) {
    lengths[at] = (lengths[at - 1] ?? 0) + distance(points[at - 1], points[at]);
  }
  return { points, lengths };
}

/** `share`: 0 at its beginning, 1 at its end. */
export function pointAt({ points, lengths }: Track, share: number): Point {
  const wanted = (lengths.at(-1) ?? 0) * share;
  let [low, high] = [0, points.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((lengths[middle] ?? 0) <= wanted) low = middle;
    else high = middle;
  }
  const [from, to] = [points[low], points[high]];
  if (from === undefined || to === undefined) return { x: 0, y: 0 };
  const len = (lengths[high] ?? 0) - (lengths[low] ?? 0);
  const part = len === 0 ? 1 : (wanted - (lengths[low] ?? 0)) / len;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

function distance(one: Point | undefined, other: Point | undefined): number {
  if (one === undefined || other === undefined) return 0;
  return Math.abs(one.x - other.x) + Math.abs(one.y - other.y);
}

/** Slow, fast, slow. */
export function eased(share: number): number {
  return share < 0.5 ? 4 * share ** 3 : 1 - (2 - 2 * share) ** 3 / 2;
}
