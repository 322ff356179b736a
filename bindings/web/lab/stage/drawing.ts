// A network as it is drawn: boxes, frames, wires and words at their places, in pixels of the stage.
// Plain data, so that it can be looked at by tests as well as by eyes.
import type { Plane, TableKind } from "../../../lab/trace/trace.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Rect extends Point {
  readonly w: number;
  readonly h: number;
}

/** A band over the whole width: what lies in it belongs to one plane of the network. */
export interface Band extends Rect {
  readonly plane: Plane;
}

/** A border around boxes: a machine, or a namespace within it. */
export interface Frame extends Rect {
  readonly kind: "host" | "overlay";
  readonly name: string;
  readonly title: Point;
  readonly anchor: "start" | "end";
}

export type BoxKind =
  | "container"
  | "bridge"
  | "tunnel"
  | "nic"
  | "routing"
  | "process"
  | "switch"
  | "hub"
  /** A whole machine, where there are many. */
  | "host";

/** Where a packet can be. */
export interface Box extends Rect {
  /** "node1:flannel.1", "node1:routing", "c1", "sw0". */
  readonly id: string;
  /** Everything that lies in it by the names of hops: "c1:eth0", "node1:veth1". */
  readonly names: readonly string[];
  readonly kind: BoxKind;
  readonly host: string;
  readonly plane: Plane;
  readonly title: string;
  readonly lines: readonly string[];
}

/** What joins two boxes. Only horizontal and vertical pieces. */
export interface Wire {
  readonly from: string;
  readonly to: string;
  readonly points: readonly Point[];
  readonly label: Label | null;
  /** Ends at which a port is drawn on the border. */
  readonly hasPorts: readonly [boolean, boolean];
}

export interface Label extends Rect {
  readonly text: string;
}

/** A table of a host, as a thing to open. */
export interface Chip extends Rect {
  readonly namespace: string;
  readonly kind: TableKind;
  readonly plane: Plane;
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly bands: readonly Band[];
  readonly frames: readonly Frame[];
  readonly boxes: readonly Box[];
  readonly wires: readonly Wire[];
  readonly chips: readonly Chip[];
}

/** Whether two areas have a point in common that is no border. */
export function isOverlapping(one: Rect, other: Rect): boolean {
  return (
    one.x < other.x + other.w &&
    other.x < one.x + one.w &&
    one.y < other.y + other.h &&
    other.y < one.y + one.h
  );
}

export function centerOf({ x, y, w, h }: Rect): Point {
  return { x: x + w / 2, y: y + h / 2 };
}
