// What joins the boxes of a host, drawn by horizontal and vertical pieces alone.
import type { DevicePlace, Places } from "../../../lab/trace/trace.ts";
import type { Box, Label, Point, Wire } from "./drawing.ts";
import { LANE_W, type Metrics } from "./metrics.ts";
import type { HostShape } from "./shape.ts";

interface Plan {
  readonly shape: HostShape;
  readonly box: (name: string) => Box | undefined;
  readonly metrics: Metrics;
}

const ROUTING_LINE = 18;

export function wiresOf(
  places: Places,
  shapes: readonly HostShape[],
  boxes: readonly Box[],
  metrics: Metrics,
): Wire[] {
  const plans = shapes.map((shape) => ({ shape, box: boxIn(boxes), metrics }));
  return [...vethWires(places, shapes, boxes, metrics), ...plans.flatMap(innerWires)];
}

/** Where routing of a host is drawn; where it has no box, the first card. */
function wayOut(
  box: Plan["box"],
  shapes: readonly HostShape[],
  namespace: string,
): Box | undefined {
  const [card] = shapes.find(({ own }) => own.name === namespace)?.nics ?? [];
  return box(`${namespace}:routing`) ?? box(`${namespace}:${card?.name}`);
}

function boxIn(boxes: readonly Box[]): Plan["box"] {
  return (name) => boxes.find(({ names }) => names.includes(name));
}

/** Whether a box stands in the left half of its host. */
function isLeftIn(boxes: readonly Box[], box: Box): boolean {
  const others = boxes.filter(({ host }) => host === box.host);
  const left = Math.min(...others.map(({ x }) => x));
  const right = Math.max(...others.map(({ x, w }) => x + w));
  return box.x + box.w / 2 <= (left + right) / 2;
}

/** Pairs of virtual cables. The one that is nobody's port ends at routing. */
function vethWires(
  { links }: Places,
  shapes: readonly HostShape[],
  boxes: readonly Box[],
  metrics: Metrics,
): Wire[] {
  const box = boxIn(boxes);
  const ended = (end: string): Box | undefined => {
    const namespace = end.slice(0, end.indexOf(":"));
    const isHost = shapes.some(({ own }) => own.name === namespace);
    return box(end) ?? (isHost ? wayOut(box, shapes, namespace) : undefined);
  };
  const lanes = new Map<string, string[]>();
  return links.flatMap(([a, b]): Wire[] => {
    const [one, other] = [ended(a), ended(b)];
    if (one === undefined || other === undefined || one === other) return [];
    if (one.kind === "switch" || other.kind === "switch") return [];
    if (one.host !== other.host) return [];
    const [from, to] = one.kind === "container" ? [one, other] : [other, one];
    const name = (one.kind === "container" ? b : a).split(":")[1] ?? "";
    if (to.kind === "nic") return [join(from, to)];
    if (from.plane === to.plane || from.kind !== "container") {
      return [vethWire(from, to, name, metrics)];
    }
    const inUse = lanes.get(to.host) ?? [];
    if (!inUse.includes(to.id)) lanes.set(to.host, [...inUse, to.id]);
    const lane = lanes.get(to.host)?.indexOf(to.id) ?? 0;
    return [laneWire(from, to, { lane, isLeft: isLeftIn(boxes, from) })];
  });
}

function vethWire(from: Box, to: Box, name: string, metrics: Metrics): Wire {
  const isRight = to.x >= from.x;
  const start: Point = { x: isRight ? from.x + from.w : from.x, y: from.y + from.h / 2 };
  const endX = isRight ? to.x : to.x + to.w;
  const isLevel = start.y > to.y + 4 && start.y < to.y + to.h - 4;
  const hasPorts = [true, to.kind !== "routing"] as const;
  if (isLevel) {
    const points = [start, { x: endX, y: start.y }];
    return { from: from.id, to: to.id, points, label: labelOf(points, name, metrics), hasPorts };
  }
  const y = to.y + to.h / 2;
  const turn = start.x + (isRight ? LANE_W + 2 : -LANE_W - 2);
  const from2 = { x: start.x, y: start.y + 12 };
  const points = [from2, { x: turn, y: from2.y }, { x: turn, y }, { x: endX, y }];
  return { from: from.id, to: to.id, points, label: null, hasPorts };
}

/** Beside the containers below it, down to the namespace of an overlay. */
function laneWire(from: Box, to: Box, { lane, isLeft }: { lane: number; isLeft: boolean }): Wire {
  const side = isLeft ? -1 : 1;
  const edge = isLeft ? Math.min(from.x, to.x) : Math.max(from.x + from.w, to.x + to.w);
  const x = edge + side * (LANE_W + 2 + lane * LANE_W);
  const start = { x: isLeft ? from.x : from.x + from.w, y: from.y + from.h / 2 + 8 };
  const end = { x: isLeft ? to.x : to.x + to.w, y: to.y + to.h / 2 };
  const points = [start, { x, y: start.y }, { x, y: end.y }, end];
  return { from: from.id, to: to.id, points, label: null, hasPorts: [true, true] };
}

function labelOf(points: readonly Point[], text: string, metrics: Metrics): Label | null {
  const xs = points.map(({ x }) => x);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const w = Math.ceil(text.length * metrics.monoW);
  if (metrics.isNarrow || w > right - left - 14) return null;
  const y = (points[0]?.y ?? 0) - 20;
  return { text, x: left + (right - left - w) / 2, y, w, h: 14 };
}

/** What the kernel joins by itself. */
function innerWires(plan: Plan): Wire[] {
  const { shape, box, metrics } = plan;
  const own = shape.own.name;
  const routing = box(`${own}:routing`);
  const cards = shape.nics.flatMap((each) => box(`${own}:${each.name}`) ?? []);
  const wires: Wire[] = [];
  for (const { bridge } of shape.rows) {
    const to = bridge === null ? undefined : box(`${own}:${bridge.name}`);
    const isRouted = bridge !== null && bridge.addresses.length > 0;
    if (to !== undefined && routing !== undefined && isRouted) wires.push(join(to, routing));
  }
  for (const name of shape.processes) {
    const process = box(`${own}:${name}`);
    const to = routing ?? cards[0];
    if (process !== undefined && to !== undefined) wires.push(join(process, to));
  }
  wires.push(...tunnelWires(plan, routing, cards));
  if (shape.tunnels.length > 0) return wires;
  if (routing !== undefined) return [...wires, ...cards.map((card) => join(routing, card))];
  return metrics.isNarrow ? [...wires, ...bareWires(plan, cards)] : wires;
}

/** Where routing has no box, what it joins is joined directly. */
function bareWires({ shape, box }: Plan, [card, other]: readonly Box[]): Wire[] {
  if (card === undefined) return [];
  if (other !== undefined) return [join(card, other)];
  const [bridge] = shape.rows
    .flatMap((row) => row.bridge ?? [])
    .filter(isAddressed)
    .reverse();
  const above = bridge === undefined ? undefined : box(`${shape.own.name}:${bridge.name}`);
  return above === undefined ? [] : [join(above, card)];
}

function isAddressed({ addresses }: DevicePlace): boolean {
  return addresses.length > 0;
}

function tunnelWires(
  { shape, box, metrics }: Plan,
  routing: Box | undefined,
  cards: Box[],
): Wire[] {
  const own = shape.own.name;
  const [card] = cards;
  const wires: Wire[] = [];
  const bridges = shape.rows.flatMap(({ bridge }) => bridge ?? []);
  const above = metrics.isNarrow ? box(`${own}:${bridges.at(-1)?.name}`) : routing;
  for (const device of shape.tunnels) {
    const tunnel = box(`${own}:${device.name}`);
    if (tunnel === undefined) continue;
    const up = device.master === null ? above : box(`${own}:${device.master}`);
    if (up !== undefined) wires.push(join(up, tunnel));
    const program = device.kind === "tun" ? box(`${own}:flanneld`) : undefined;
    if (program !== undefined) wires.push(rise(tunnel, program, 0));
    else if (card !== undefined) wires.push(join(tunnel, card));
    if (program !== undefined && card !== undefined) wires.push(rise(card, program, 1));
  }
  for (const { namespace, bridge, tunnels } of shape.overlays) {
    for (const device of tunnels) {
      const tunnel = box(`${namespace.name}:${device.name}`);
      const inside = bridge === null ? undefined : box(`${namespace.name}:${bridge.name}`);
      if (tunnel === undefined) continue;
      if (inside !== undefined) wires.push(join(inside, tunnel));
      if (card !== undefined) wires.push(join(tunnel, card));
    }
  }
  return wires;
}

/** From a device up into the room of programs, beside what lies between. */
function rise(from: Box, to: Box, lane: number): Wire {
  const isLeft = to.x + to.w / 2 >= from.x + from.w / 2;
  const near = isLeft ? from.x + from.w : from.x;
  const x = lane === 0 ? near + (isLeft ? LANE_W : -LANE_W) : isLeft ? near - 8 : near + 8;
  const end = { x, y: to.y + to.h };
  const side = { x: near, y: from.y + from.h / 2 };
  const points = lane === 0 ? [side, { x, y: side.y }, end] : [{ x, y: from.y }, end];
  return { from: from.id, to: to.id, points, label: null, hasPorts: [true, true] };
}

/** The shortest way with at most one bend. */
function join(from: Box, to: Box): Wire {
  const ends = { from: from.id, to: to.id, label: null };
  const ports = [from, to].map(({ kind }) => kind !== "routing" && kind !== "process");
  const hasPorts = [ports[0] ?? true, ports[1] ?? true] as const;
  const top = Math.max(from.y, to.y);
  const bottom = Math.min(from.y + from.h, to.y + to.h);
  if (bottom - top >= ROUTING_LINE) {
    const y = to.kind === "routing" ? from.y + from.h / 2 : (top + bottom) / 2;
    const isRight = to.x >= from.x + from.w;
    const start = { x: isRight ? from.x + from.w : from.x, y };
    const end = { x: isRight ? to.x : to.x + to.w, y };
    return { ...ends, points: [start, end], hasPorts: [hasPorts[0] && hasPorts[1], hasPorts[1]] };
  }
  const left = Math.max(from.x, to.x);
  const right = Math.min(from.x + from.w, to.x + to.w);
  const isDown = to.y > from.y;
  if (right - left >= 12) {
    const narrow = from.w < to.w ? from : to;
    const middle = narrow.x + narrow.w / 2;
    const x = middle > left && middle < right ? middle : (left + right) / 2;
    const start = { x, y: isDown ? from.y + from.h : from.y };
    const end = { x, y: isDown ? to.y : to.y + to.h };
    return { ...ends, points: [start, end], hasPorts };
  }
  const isRight = to.x > from.x;
  const start = { x: isRight ? from.x + from.w : from.x, y: from.y + from.h / 2 };
  const x = to.x + to.w / 2;
  const points = [start, { x, y: start.y }, { x, y: isDown ? to.y : to.y + to.h }];
  return { ...ends, points, hasPorts };
}
