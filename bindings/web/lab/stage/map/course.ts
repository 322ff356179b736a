// What of a step is painted on a map, and what moves when the packet goes on.
import type { Hop } from "../../../../lab/trace/trace.ts";
import type { Shell } from "../../state/frame.ts";
import type { Scene } from "../../state/scene.ts";
import type { Drawing, Point } from "../drawing.ts";
import { centerOf } from "../drawing.ts";
import { type Sketch, trackOf } from "../sketch.ts";
import { boxOf } from "../way.ts";
import type { Course } from "./paint.ts";

/** From where a packet was drawn to where it is. */
export interface Ends {
  readonly from: { readonly hop: Hop; readonly at: Point };
  readonly to: { readonly hop: Hop; readonly at: Point };
}

/** Something that goes its way, as large as `scale` says. */
export interface Traveller {
  readonly shells: readonly Shell[];
  readonly scale: number;
  readonly points: readonly Point[];
}

const COPY_SCALE = 0.42;

export function courseOf(sketch: Sketch | null, focused: string | null): Course {
  const steps = sketch?.steps ?? [];
  const taken = new Set(steps.flatMap(({ wire }) => [wire.from, wire.to]));
  return {
    ways: [...new Set(steps.map(({ wire }) => wire))].map(({ points }) => points),
    visited: taken,
    here: sketch?.here ?? new Set(),
    ends: sketch?.ends ?? [],
    focused,
  };
}

/** The points that the packet passes, forth or back. */
export function tracksOf(drawing: Drawing, { from, to }: Ends): readonly Point[] {
  const isBack = to.hop.n < from.hop.n;
  const between = isBack
    ? trackOf(drawing, to.hop, from.hop).toReversed()
    : trackOf(drawing, from.hop, to.hop);
  return [from.at, ...between, to.at];
}

/** Where a frame goes out of many ports, all copies go at once. */
export function copiesOf(drawing: Drawing, scene: Scene, { from, to }: Ends): Traveller[] {
  const { hops, before } = scene;
  if (to.hop.from !== from.hop.n || before === null) return [];
  const others = hops.filter((hop) => hop.from === from.hop.n && hop !== to.hop);
  return others.flatMap((hop): Traveller[] => {
    const box = boxOf(drawing, hop);
    const points = [from.at, ...trackOf(drawing, from.hop, hop)];
    if (box === null) return [];
    return [{ shells: before.shells, scale: COPY_SCALE, points: [...points, centerOf(box)] }];
  });
}
