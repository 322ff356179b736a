// What of a map is painted: the network itself, and the way of a packet through it.
import type { Box, Drawing, Point } from "../drawing.ts";
import { COUNTED_MIN_W, NAMED_MIN_H, NAMED_MIN_W } from "./detail.ts";
import type { Palette } from "./palette.ts";

/** Wires, hosts that are closed, the grounds of those that are open, what joins them. */
export function paintNetwork(
  on: CanvasRenderingContext2D,
  drawing: Drawing,
  palette: Palette,
): void {
  for (const { x, y, w, h } of drawing.frames) card(on, { x, y, w, h, r: 8 }, palette);
  for (const box of drawing.boxes) if (box.kind === "host") paintHost(on, box, palette);
  on.lineWidth = 1.5;
  on.strokeStyle = palette.edge;
  on.beginPath();
  for (const { points } of drawing.wires) trace(on, points);
  on.stroke();
}

function paintHost(on: CanvasRenderingContext2D, box: Box, palette: Palette): void {
  const { x, y, w, h, title, lines } = box;
  card(on, { x, y, w, h, r: Math.min(6, h / 2) }, palette);
  if (w < NAMED_MIN_W || h < NAMED_MIN_H) return;
  on.font = `12px ${palette.ui}`;
  on.textBaseline = "middle";
  on.fillStyle = palette.ink;
  on.fillText(title, x + 7, y + h / 2 + 0.5, w - 10);
  if (w < COUNTED_MIN_W) return;
  on.fillStyle = palette.ink3;
  on.textAlign = "right";
  on.fillText(lines[0] ?? "", x + w - 7, y + h / 2 + 0.5);
  on.textAlign = "left";
}

function card(
  on: CanvasRenderingContext2D,
  { x, y, w, h, r }: { x: number; y: number; w: number; h: number; r: number },
  { surface, edge }: Palette,
): void {
  on.lineWidth = 1;
  on.beginPath();
  on.roundRect(x, y, w, h, r);
  on.fillStyle = surface;
  on.fill();
  on.strokeStyle = edge;
  on.stroke();
}

/** What a step changes. */
export interface Course {
  readonly ways: readonly (readonly Point[])[];
  /** Boxes that were visited, and the one where the packet is. */
  readonly visited: ReadonlySet<string>;
  readonly here: ReadonlySet<string>;
  readonly ends: readonly { readonly at: Point; readonly isDrop: boolean }[];
  /** The box that the keyboard is at. */
  readonly focused: string | null;
}

const END_H = 18;

export function paintCourse(
  on: CanvasRenderingContext2D,
  { boxes, frames }: Drawing,
  { ways, visited, here, ends, focused }: Course,
  palette: Palette,
): void {
  on.lineWidth = 3;
  on.lineCap = "round";
  on.lineJoin = "round";
  on.strokeStyle = palette.ink;
  on.beginPath();
  for (const points of ways) trace(on, points);
  on.stroke();
  for (const box of boxes) {
    if (box.kind !== "host" || !(visited.has(box.id) || here.has(box.id))) continue;
    ring(on, box, here.has(box.id) ? 2.5 : 1.5, palette.ink);
  }
  for (const { at, isDrop } of ends) {
    on.lineWidth = 2.5;
    on.strokeStyle = isDrop ? palette.drop : palette.ink;
    on.beginPath();
    trace(on, [
      { x: at.x, y: at.y - END_H / 2 },
      { x: at.x, y: at.y + END_H / 2 },
    ]);
    on.stroke();
  }
  const near =
    focused === null
      ? undefined
      : [...boxes, ...frames].find((each) => {
          return "names" in each ? each.names.includes(focused) : each.name === focused;
        });
  if (near === undefined) return;
  const { x, y, w, h } = near;
  ring(on, { x: x - 3, y: y - 3, w: w + 6, h: h + 6 }, 2, palette.strong.eth);
}

function ring(
  on: CanvasRenderingContext2D,
  { x, y, w, h }: { x: number; y: number; w: number; h: number },
  lineW: number,
  colour: string,
): void {
  on.lineWidth = lineW;
  on.strokeStyle = colour;
  on.beginPath();
  on.roundRect(x, y, w, h, Math.min(6, h / 2));
  on.stroke();
}

function trace(on: CanvasRenderingContext2D, points: readonly Point[]): void {
  for (const [at, { x, y }] of points.entries()) {
    if (at === 0) on.moveTo(x, y);
    else on.lineTo(x, y);
  }
}
