// How much room the boxes of a host need: widths of its columns, heights of its rows.
import type { DevicePlace, NamespacePlace, Plane } from "../../../lab/trace/trace.ts";
import { LANE_W, type Metrics, ROW_GAP } from "./metrics.ts";
import type { HostShape, Row } from "./shape.ts";

export const ROUTING_H = 36;

/** From the outer edge of a host to its inner one. */
export interface Columns {
  /** Containers, bridges, and what leads out. */
  readonly c0: number;
  readonly c1: number;
  readonly c2: number;
  readonly containerW: number;
  readonly bridgeW: number;
  readonly innerW: number;
  readonly nicW: number;
  readonly width: number;
}

/** What is written in a box below its title. */
export function linesOf(device: DevicePlace, metrics: Metrics): string[] {
  const lines = device.addresses.slice(0, 1).map((address) => addressOf(address, metrics));
  if (device.kind !== "vxlan" || device.mac === null) return lines;
  return metrics.isNarrow ? [`:${device.mac.slice(12)}`] : [...lines, tailOf(device.mac)];
}

/** A container's devices; of a single one the address and the end of its MAC. */
export function containerLines(namespace: NamespacePlace, metrics: Metrics): string[] {
  const devices = namespace.devices.filter(({ name }) => name !== "lo");
  const [first] = devices;
  if (first === undefined) return ["lo"];
  if (devices.length > 1) {
    return devices.map((each) => {
      const address = each.addresses[0];
      const said = address === undefined ? "" : addressOf(address, metrics);
      return metrics.isNarrow ? said : `${each.name} ${said}`;
    });
  }
  const lines = first.addresses.slice(0, 1).map((address) => addressOf(address, metrics));
  if (first.mac !== null && !metrics.isNarrow) lines.push(tailOf(first.mac));
  return lines;
}

export function titleOf(namespace: NamespacePlace): string {
  const names = namespace.processes.length > 0 ? namespace.processes : [namespace.name];
  return names.join(" + ");
}

export function containerH(namespace: NamespacePlace, metrics: Metrics): number {
  const lines = containerLines(namespace, metrics);
  const title = metrics.isNarrow ? 22 : 24;
  return title + lines.length * metrics.lineH + (metrics.isNarrow ? 5 : 10);
}

/** The containers at each side of a bridge: at one, unless the host is the only one. */
export function sidesOf(row: Row, isAlone: boolean): readonly (readonly NamespacePlace[])[] {
  if (!isAlone) return [row.containers];
  const isLeft = (at: number): boolean => at % 2 === 0;
  return [true, false].map((left) => row.containers.filter((_, at) => isLeft(at) === left));
}

/** A row is as high as its containers above one another. */
export function rowH(row: Row, isAlone: boolean, metrics: Metrics): number {
  const sides = sidesOf(row, isAlone).map((side) =>
    stackH(side.map((each) => containerH(each, metrics))),
  );
  return Math.max(...sides, metrics.bridgeH);
}

export function stackH(heights: readonly number[]): number {
  return heights.reduce((sum, h) => sum + h + ROW_GAP, -ROW_GAP);
}

export function columnsOf(shape: HostShape, metrics: Metrics): Columns {
  const containers = shape.rows.flatMap((row) => row.containers);
  const bridges = shape.rows.flatMap(({ bridge }) => bridge ?? []);
  const inOverlays = shape.overlays.flatMap(({ bridge }) => bridge ?? []);
  const containerW = Math.max(
    metrics.containerW,
    ...inOverlays.map((each) => boxW(each, metrics)),
    ...containers.map((each) => textW(titleOf(each), containerLines(each, metrics), metrics)),
    ...shape.processes.map((name) => textW(name, [], metrics)),
  );
  const bridgeW = Math.max(metrics.bridgeW, ...bridges.map((each) => boxW(each, metrics)));
  const innerW = Math.max(metrics.tunnelW, ...shape.tunnels.map((each) => boxW(each, metrics)));
  const cardW = Math.max(metrics.nicW, ...shape.nics.map((each) => boxW(each, metrics)));
  const lanes = shape.hasUserSpace ? 2 * LANE_W + 12 : 0;
  const nicW = Math.max(innerW + lanes + (innerW > cardW - 12 ? 12 : 0), cardW);
  const columns = { containerW, bridgeW, innerW, nicW };
  if (shape.isAlone) return { ...columns, ...aloneColumns(shape, columns, metrics) };
  const c0 = metrics.pad + shape.overlays.length * LANE_W;
  const c1 = c0 + containerW + metrics.vethGap;
  const hasRows = shape.rows.length + shape.processes.length + shape.overlays.length > 0;
  const titleW = shape.name.length * metrics.titleW + 28;
  const inward = metrics.isNarrow ? Math.max(c1, titleW) : c1 + bridgeW + metrics.routingGap;
  const c2 = hasRows ? inward : bareC2(shape, nicW, metrics);
  return { ...columns, c0, c1, c2, width: c2 + Math.max(nicW, metrics.isNarrow ? bridgeW + 6 : 0) };
}

/** Around the middle of the stage. */
function aloneColumns(
  shape: HostShape,
  { containerW, bridgeW, innerW }: { containerW: number; bridgeW: number; innerW: number },
  metrics: Metrics,
): { c0: number; c1: number; c2: number; width: number } {
  const width = metrics.width - metrics.captionW - metrics.marginR;
  const middle = width / 2;
  const gap = metrics.isNarrow ? metrics.vethGap : 3 * metrics.vethGap;
  const c1 = middle - bridgeW / 2;
  const c0 = Math.max(metrics.pad + shape.overlays.length * LANE_W, c1 - gap - containerW);
  return { c0, c1, c2: middle - innerW / 2, width };
}

/** A host of cards only has its name beside them. */
function bareC2(shape: HostShape, nicW: number, metrics: Metrics): number {
  if (shape.isPassage) return nicW + (metrics.isNarrow ? 24 : metrics.routingW + 64);
  return metrics.isNarrow ? metrics.pad : Math.max(40, shape.name.length * metrics.titleW + 24);
}

function boxW(device: DevicePlace, metrics: Metrics): number {
  return textW(device.name, linesOf(device, metrics), metrics);
}

function textW(title: string, lines: readonly string[], metrics: Metrics): number {
  const lineW = Math.max(0, ...lines.map(({ length }) => length)) * metrics.monoW;
  return Math.ceil(Math.max(title.length * metrics.titleW, lineW)) + 20;
}

/** How high what a host has in a plane is, without air. */
export function contentH(shape: HostShape, plane: Plane, metrics: Metrics): number {
  if (plane === "containers") {
    const rows = shape.rows.map((row) => rowH(row, shape.isAlone, metrics));
    const routing = shape.isAlone && shape.hasRouting && !metrics.isNarrow ? [ROUTING_H + 8] : [];
    return stackH([...rows, ...shape.processes.map(() => metrics.bridgeH), ...routing]);
  }
  if (plane === "tunnel") {
    const frames = stackH(shape.overlays.map(() => overlayH(metrics)));
    return Math.max(frames, stackH(shape.tunnels.map(() => metrics.tunnelH)));
  }
  if (plane === "user") return shape.hasUserSpace ? metrics.bridgeH : 0;
  return stackH(shape.nics.slice(shape.isPassage ? 1 : 0).map(() => metrics.nicH));
}

/** A namespace around a bridge and its VXLAN has a line for its name. */
export function overlayH(metrics: Metrics): number {
  return metrics.tunnelH + 30;
}

function addressOf(address: string, metrics: Metrics): string {
  const bare = address.split(/[ /]/)[0] ?? address;
  return metrics.isNarrow ? `.${bare.split(".").slice(2).join(".")}` : bare;
}

function tailOf(mac: string): string {
  return `\u2026${mac.slice(9)}`;
}
