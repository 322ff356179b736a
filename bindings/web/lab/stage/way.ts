// The way of a packet over a drawing: which wires it took from hop to hop, and where it is now.
import type { Hop } from "../../../lab/trace/trace.ts";
import { type Box, centerOf, type Drawing, type Point, type Wire } from "./drawing.ts";

/** A wire in the direction in which a packet went. */
export interface Step {
  readonly wire: Wire;
  readonly isForward: boolean;
}

/** The box where a hop is decided; null: it is not drawn. */
export function boxOf(drawing: Drawing, hop: Hop): Box | null {
  return boxNamed(drawing, hop.namespace, hop.device);
}

/** The box where a packet leaves a hop. */
export function outBoxOf(drawing: Drawing, hop: Hop): Box | null {
  const out = hop.outDevice === null ? null : boxNamed(drawing, hop.namespace, hop.outDevice);
  return out ?? boxOf(drawing, hop);
}

function boxNamed({ boxes }: Drawing, namespace: string, device: string): Box | null {
  const named = (name: string): Box | undefined => boxes.find(({ names }) => names.includes(name));
  const first = boxes.find(({ names }) => names.some((each) => each.startsWith(`${namespace}:`)));
  return named(`${namespace}:${device}`) ?? named(namespace) ?? first ?? null;
}

/** Wires from one box to another, as few as there are. */
export function route(drawing: Drawing, from: Box, to: Box): Step[] {
  const exits = exitsOf(drawing);
  const cameBy = new Map<string, Step | null>([[from.id, null]]);
  const queue = [from.id];
  for (let id = queue.shift(); id !== undefined && id !== to.id; id = queue.shift()) {
    for (const step of exits.get(id) ?? []) {
      const next = step.isForward ? step.wire.to : step.wire.from;
      if (cameBy.has(next)) continue;
      cameBy.set(next, step);
      queue.push(next);
    }
  }
  const steps: Step[] = [];
  for (let id = to.id; ; ) {
    const step = cameBy.get(id);
    if (step === undefined) return [];
    if (step === null) return steps.reverse();
    steps.push(step);
    id = step.isForward ? step.wire.from : step.wire.to;
  }
}

const EXITS = new WeakMap<Drawing, ReadonlyMap<string, readonly Step[]>>();

/** The wires at each box, which are asked for at every hop. */
function exitsOf(drawing: Drawing): ReadonlyMap<string, readonly Step[]> {
  const known = EXITS.get(drawing);
  if (known !== undefined) return known;
  const exits = new Map<string, Step[]>();
  for (const wire of drawing.wires) {
    for (const isForward of [true, false]) {
      const id = isForward ? wire.from : wire.to;
      exits.set(id, [...(exits.get(id) ?? []), { wire, isForward }]);
    }
  }
  EXITS.set(drawing, exits);
  return exits;
}

/** The wires that a packet went until it stands at the last of `hops`, departure included. */
export function wayGone(drawing: Drawing, hops: readonly Hop[]): Step[] {
  return hops.flatMap((hop) => {
    const before = hops.find(({ n }) => n === hop.from);
    return before === undefined ? withinHop(drawing, hop) : betweenHops(drawing, before, hop);
  });
}

function betweenHops(drawing: Drawing, before: Hop, hop: Hop): Step[] {
  const [from, to] = [outBoxOf(drawing, before), boxOf(drawing, hop)];
  const arrival = from === null || to === null ? [] : route(drawing, from, to);
  return [...arrival, ...withinHop(drawing, hop)];
}

function withinHop(drawing: Drawing, hop: Hop): Step[] {
  const [from, to] = [boxOf(drawing, hop), outBoxOf(drawing, hop)];
  const isGone = hop.out.length > 0;
  return !isGone || from === null || to === null ? [] : route(drawing, from, to);
}

/** All points of a way, in the order in which they are passed. */
export function pointsOf(steps: readonly Step[]): Point[] {
  return steps.flatMap(({ wire, isForward }) =>
    isForward ? [...wire.points] : [...wire.points].reverse(),
  );
}

/** Where a packet is after a hop: on the wire to the next one, or where it ended. */
export function restingPoint(drawing: Drawing, hop: Hop, next: Hop | null): Point {
  const out = outBoxOf(drawing, hop);
  const to = next === null ? null : boxOf(drawing, next);
  if (out === null) return { x: drawing.width / 2, y: drawing.height / 2 };
  if (hop.out.length === 0 || to === null || to === out) return centerOf(out);
  const [step] = route(drawing, out, to);
  if (step === undefined) return centerOf(out);
  const points = pointsOf([step]);
  const [start, end] = [points[0], points.at(-1)];
  if (start === undefined || end === undefined) return centerOf(out);
  return { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 };
}
