// What a pointer means on a map: the box under it, or the nearest where all are small.
import { type Box, centerOf, type Drawing, type Point } from "../drawing.ts";

const NEAR = 12;

export function hostNear(drawing: Drawing, at: Point): Box | null {
  const distance = (box: Box): number => {
    const { x, y } = centerOf(box);
    const beside = Math.max(0, Math.abs(x - at.x) - box.w / 2);
    return Math.hypot(beside, Math.max(0, Math.abs(y - at.y) - box.h / 2));
  };
  const [nearest] = drawing.boxes.toSorted((a, b) => distance(a) - distance(b));
  return nearest !== undefined && distance(nearest) <= NEAR ? nearest : null;
}
