// One host with all that is in it, at the room it was given.
import type { DevicePlace, NamespacePlace, Plane } from "../../../lab/trace/trace.ts";
import type { Band, Box, BoxKind, Frame, Rect } from "./drawing.ts";
import type { Block, Plot } from "./layout.ts";
import { type Metrics, ROW_GAP } from "./metrics.ts";
import type { HostShape, Overlay, Row } from "./shape.ts";
import {
  type Columns,
  columnsOf,
  containerH,
  containerLines,
  linesOf,
  overlayH,
  ROUTING_H,
  rowH,
  sidesOf,
  stackH,
  titleOf,
} from "./sizes.ts";

/** What the parts of a block are placed by. */
interface Ground {
  readonly plot: Plot;
  readonly shape: HostShape;
  readonly columns: Columns;
  readonly metrics: Metrics;
  band(plane: Plane): Band;
  /** From the distance to the host's outer edge to a place on the stage. */
  at(x: number, y: number, w: number, h: number): Rect;
}

/** What a box is, before it has a place. */
type Content = Pick<Box, "id" | "names" | "kind" | "plane" | "title" | "lines">;

const NOWHERE: Band = { plane: "underlay", x: 0, y: 0, w: 0, h: 0 };
const FRAME_INSET = 4;

export function blockOf(plot: Plot, bands: readonly Band[], metrics: Metrics): Block {
  const { shape } = plot;
  const ground: Ground = {
    plot,
    shape,
    columns: columnsOf(shape, metrics),
    metrics,
    band: (plane) => bands.find((band) => band.plane === plane) ?? bands[0] ?? NOWHERE,
    at: (x, y, w, h) => ({ x: plot.isMirrored ? plot.x + plot.w - x - w : plot.x + x, y, w, h }),
  };
  const rows = rowBoxes(ground);
  const overlays = shape.overlays.map((overlay, at) => overlayBlock(ground, overlay, at));
  const boxes = [
    ...rows,
    ...routingBoxes(ground, rows),
    ...overlays.flatMap((each) => each.boxes),
    ...tunnelBoxes(ground, rows),
    ...nicBoxes(ground),
    ...userBoxes(ground),
  ];
  return { frames: [hostFrame(ground, bands), ...overlays.map(({ frame }) => frame)], boxes };
}

function boxAt(ground: Ground, content: Content, rect: Rect): Box {
  return { ...content, host: ground.shape.name, ...rect };
}

function contentOf(ground: Ground, namespace: string, device: DevicePlace, kind: BoxKind): Content {
  const id = `${namespace}:${device.name}`;
  const { plane, name } = device;
  return { id, names: [id], kind, plane, title: name, lines: linesOf(device, ground.metrics) };
}

/** Bridges with the containers beside them, and programs of the host. */
function rowBoxes(ground: Ground): Box[] {
  const { shape, metrics, columns } = ground;
  const band = ground.band("containers");
  const heights = shape.rows.map((row) => rowH(row, shape.isAlone, metrics));
  const isBelow = shape.isAlone && shape.hasRouting && !metrics.isNarrow;
  const extra = shape.processes.map(() => metrics.bridgeH);
  const total = stackH([...heights, ...extra, ...(isBelow ? [ROUTING_H + 8] : [])]);
  let y = band.y + (band.h - total) / 2;
  const boxes: Box[] = [];
  for (const [at, row] of shape.rows.entries()) {
    const h = heights[at] ?? 0;
    boxes.push(...bridgeBox(ground, row, y, h), ...containerBoxes(ground, row, y, h));
    y += h + ROW_GAP;
  }
  for (const name of shape.processes) {
    const id = `${shape.own.name}:${name}`;
    const text = { id, names: [id], plane: "containers" as const, title: name, lines: [] };
    const rect = ground.at(columns.c0, y, columns.containerW, metrics.bridgeH);
    boxes.push(boxAt(ground, { ...text, kind: "process" }, rect));
    y += metrics.bridgeH + ROW_GAP;
  }
  return boxes;
}

/** A bridge is as high as the containers that hang on it: their wires are straight. */
function bridgeBox(ground: Ground, row: Row, y: number, rowHeight: number): Box[] {
  const { shape, metrics, columns } = ground;
  if (row.bridge === null) return [];
  const content = contentOf(ground, shape.own.name, row.bridge, "bridge");
  const { own } = shape;
  const slaves = own.devices.filter(
    ({ master, kind }) => master === row.bridge?.name && kind === "veth",
  );
  const names = [...content.names, ...slaves.map(({ name }) => `${own.name}:${name}`)];
  const isBusy = sidesOf(row, shape.isAlone).some((side) => side.length > 1);
  const h = isBusy ? rowHeight : metrics.bridgeH;
  const rect = ground.at(columns.c1, y + (rowHeight - h) / 2, columns.bridgeW, h);
  return [boxAt(ground, { ...content, names }, rect)];
}

function containerBoxes(ground: Ground, row: Row, y: number, rowHeight: number): Box[] {
  const { shape, metrics, columns } = ground;
  return sidesOf(row, shape.isAlone).flatMap((side, sideAt) => {
    const heights = side.map((each) => containerH(each, metrics));
    let top = y + (rowHeight - stackH(heights)) / 2;
    return side.map((namespace, at) => {
      const h = heights[at] ?? 0;
      const near = ground.at(columns.c0, top, columns.containerW, h);
      const far = ground.at(
        columns.width - columns.c0 - columns.containerW,
        top,
        columns.containerW,
        h,
      );
      top += h + ROW_GAP;
      return boxAt(ground, containerContent(namespace, metrics), sideAt === 0 ? near : far);
    });
  });
}

function containerContent(namespace: NamespacePlace, metrics: Metrics): Content {
  const { name, devices } = namespace;
  return {
    id: name,
    names: [name, ...devices.map((device) => `${name}:${device.name}`)],
    kind: "container",
    plane: "containers",
    title: titleOf(namespace),
    lines: containerLines(namespace, metrics),
  };
}

/** Routing is no device: a pill, as high as all the rows that it joins. */
function routingBoxes(ground: Ground, rows: readonly Box[]): Box[] {
  const { shape, metrics, columns, plot } = ground;
  if (!shape.hasRouting || metrics.isNarrow) return [];
  const id = `${shape.own.name}:routing`;
  const plane = rows.length > 0 ? "containers" : "underlay";
  const text = { id, names: [id], plane, title: "IP routing", lines: [] } as const;
  const x = columns.c2 + (columns.innerW - metrics.routingW) / 2;
  const place = (left: number, y: number, h: number): Box[] => {
    return [boxAt(ground, { ...text, kind: "routing" }, ground.at(left, y, metrics.routingW, h))];
  };
  if (rows.length === 0) {
    const band = ground.band(shape.tunnels.length > 0 ? "containers" : "underlay");
    const middle = shape.isPassage ? (plot.w - metrics.routingW) / 2 : 12;
    const left = shape.tunnels.length > 0 ? x : middle;
    const h = shape.tunnels.length > 0 ? band.h : band.h - plot.barsH;
    return place(left, band.y + h / 2 - ROUTING_H / 2 - 6, ROUTING_H);
  }
  const bottom = Math.max(...rows.map((box) => box.y + box.h));
  if (shape.isAlone) return place(x, bottom + ROW_GAP + 8, ROUTING_H);
  const isJoined = ({ id }: Box): boolean =>
    shape.rows.some(({ bridge }) => {
      return (
        bridge !== null && bridge.addresses.length > 0 && id === `${shape.own.name}:${bridge.name}`
      );
    });
  const inner = rows.filter((box) => isJoined(box) || box.kind === "process");
  const joined = inner.length > 0 ? inner : rows;
  const middles = joined.map((box) => box.y + box.h / 2);
  const top = Math.min(...middles) - ROUTING_H / 2;
  return place(x, top, Math.max(...middles) + ROUTING_H / 2 - top);
}

function tunnelBoxes(ground: Ground, rows: readonly Box[]): Box[] {
  const { shape, metrics, columns } = ground;
  const band = ground.band("tunnel");
  let y = band.y + (band.h - stackH(shape.tunnels.map(() => metrics.tunnelH))) / 2;
  return shape.tunnels.map((device) => {
    const master = rows.find(({ id }) => id === `${shape.own.name}:${device.master}`);
    const x = master === undefined ? columns.c2 : columns.c1;
    const rect = ground.at(x, y, columns.innerW, metrics.tunnelH);
    y += metrics.tunnelH + ROW_GAP;
    return boxAt(ground, contentOf(ground, shape.own.name, device, "tunnel"), rect);
  });
}

function nicBoxes(ground: Ground): Box[] {
  const { shape, metrics, columns } = ground;
  const band = ground.band("underlay");
  const barH = ground.plot.barsH;
  const isStack = !shape.isPassage;
  const total = isStack ? stackH(shape.nics.map(() => metrics.nicH)) : metrics.nicH;
  let y = band.y + (band.h - barH - total) / 2 - 6;
  return shape.nics.map((device, at) => {
    const content = contentOf(ground, shape.own.name, device, "nic");
    const isOuter = shape.isPassage && at === 0;
    const middle = shape.isAlone
      ? (columns.width - columns.nicW) / 2
      : columns.width - columns.nicW;
    const rect = ground.at(isOuter ? 0 : middle, y, columns.nicW, metrics.nicH);
    if (isStack) y += metrics.nicH + ROW_GAP;
    return boxAt(ground, content, rect);
  });
}

function userBoxes(ground: Ground): Box[] {
  const { shape, columns } = ground;
  if (!shape.hasUserSpace) return [];
  const band = ground.band("user");
  const id = `${shape.own.name}:flanneld`;
  const text = { id, names: [id], plane: "user", title: "flanneld", lines: [] } as const;
  const w = Math.min(columns.nicW, 104);
  const rect = ground.at(columns.width - w - 6, band.y + 8, w, band.h - 16);
  return [boxAt(ground, { ...text, kind: "process" }, rect)];
}

/** A namespace that holds a bridge and a VXLAN, in the plane of tunnels. */
function overlayBlock(
  ground: Ground,
  overlay: Overlay,
  at: number,
): { frame: Frame; boxes: Box[] } {
  const { shape, metrics, columns } = ground;
  const band = ground.band("tunnel");
  const h = overlayH(metrics);
  const total = stackH(shape.overlays.map(() => h));
  const y = band.y + (band.h - total) / 2 + at * (h + ROW_GAP);
  const { namespace } = overlay;
  const boxes: Box[] = [];
  if (overlay.bridge !== null) {
    const content = contentOf(ground, namespace.name, overlay.bridge, "bridge");
    const names = namespace.devices
      .filter(({ kind }) => kind === "veth")
      .map(({ name }) => `${namespace.name}:${name}`);
    const rect = ground.at(columns.c0, y + 26, columns.containerW, metrics.bridgeH);
    boxes.push(boxAt(ground, { ...content, names: [...content.names, ...names] }, rect));
  }
  for (const device of overlay.tunnels) {
    const inset = metrics.isNarrow ? 26 : 19;
    const rect = ground.at(columns.c1, y + inset, columns.bridgeW, metrics.tunnelH);
    boxes.push(boxAt(ground, contentOf(ground, namespace.name, device, "tunnel"), rect));
  }
  const x = columns.c0 - 6;
  const rect = ground.at(x, y, columns.c1 + columns.bridgeW + 6 - x, h);
  const { isMirrored } = ground.plot;
  const title = { x: isMirrored ? rect.x + rect.w - 8 : rect.x + 8, y: rect.y + 16 };
  const anchor = isMirrored ? "end" : "start";
  return { frame: { kind: "overlay", name: namespace.name, title, anchor, ...rect }, boxes };
}

function hostFrame({ plot, shape, metrics }: Ground, bands: readonly Band[]): Frame {
  const [first] = bands;
  const last = bands.at(-1);
  const top = (first?.y ?? 0) + FRAME_INSET;
  const h = (last === undefined ? 0 : last.y + last.h) - plot.barsH - top - 2;
  const isBare = shape.rows.length === 0;
  const y = metrics.isNarrow && isBare ? top + 18 : top + h - (metrics.isNarrow ? 9 : 12);
  const title = { x: plot.isMirrored ? plot.x + plot.w - 12 : plot.x + 12, y };
  const anchor = plot.isMirrored ? "end" : "start";
  return { kind: "host", name: shape.name, x: plot.x, y: top, w: plot.w, h, title, anchor };
}
