// A network of many hosts as a drawing: what a stage of few hosts has in rooms, this one has in a
// grid, and whoever looks for the way of a packet need not know which it is.
import type { Hop, HostPlace, Packet, Places, Trace } from "../../../../lab/trace/trace.ts";
import type { Box, Drawing, Point, Wire } from "../drawing.ts";
import { cardOf } from "./card.ts";
import { type Cell, type GridForm, gridOf } from "./grid.ts";

const WIDE: Omit<GridForm, "width"> = {
  ...{ halfH: 146, laneW: 10, openW: 372, openH: 112, barH: 24 },
};
const NARROW: Omit<GridForm, "width"> = {
  ...{ halfH: 142, laneW: 5, openW: 150, openH: 112, barH: 22 },
};
/** More than these are not opened, however many a packet visits. */
const OPEN_MAX = 4;

export function mapOf(
  places: Places,
  opened: ReadonlySet<string>,
  { width, isNarrow }: { width: number; isNarrow: boolean },
): Drawing {
  const form = { ...(isNarrow ? NARROW : WIDE), width };
  const isOpen = places.hosts.map(({ name }) => opened.has(name));
  const grid = gridOf(isOpen, places.fabrics.length, form);
  const cells = places.hosts.flatMap((host, at) => {
    const cell = grid.cells[at];
    return cell === undefined ? [] : [{ host, cell }];
  });
  const cards = cells.flatMap(({ host, cell }) =>
    cell.isOpen ? [cardOf(places, host, cell)] : [],
  );
  const closed = cells.flatMap(({ host, cell }) => (cell.isOpen ? [] : [closedBox(host, cell)]));
  const boxes = [...cards.flatMap((card) => card.boxes), ...closed];
  const bars = places.fabrics.flatMap((fabric, at): Box[] => {
    const rect = grid.bars[at];
    return rect === undefined ? [] : [barBox(places, fabric, rect)];
  });
  const cables = bars.flatMap((bar) => cablesOf(places, bar, boxes, cells));
  return {
    width,
    height: grid.height,
    bands: [],
    frames: cards.map(({ frame }) => frame),
    boxes: [...boxes, ...bars],
    wires: [...cards.flatMap(({ wires }) => wires), ...cables],
    chips: [],
  };
}

/** The hosts that a packet is about: those of the packet that all others were sent for. */
export function openedBy(trace: Trace, packet: Packet): ReadonlySet<string> {
  let main = packet;
  while (main.line === "side" && main.because !== null) {
    const cause = trace.packets[main.because.packet];
    if (cause === undefined || cause.index >= main.index) break;
    main = cause;
  }
  const { firstHop, hopCount } = main;
  const hops: readonly Hop[] = trace.hops.slice(firstHop, firstHop + hopCount);
  const fabrics = new Set(trace.places.fabrics.map(({ name }) => name));
  const visited = hops.map(({ host }) => host).filter((host) => !fabrics.has(host));
  return new Set([...new Set(visited)].slice(0, OPEN_MAX));
}

/** Everything that is in a host, as one box. */
function closedBox({ name, namespaces }: HostPlace, { x, y, w, h }: Cell): Box {
  const names = namespaces.flatMap((space) => [
    space.name,
    `${space.name}:routing`,
    ...space.devices.map((device) => `${space.name}:${device.name}`),
  ]);
  const count = namespaces.filter(({ kind }) => kind === "container").length;
  const content = { id: name, names: [...new Set([name, ...names])], title: name };
  return {
    ...content,
    kind: "host",
    host: name,
    plane: "underlay",
    lines: [String(count)],
    x,
    y,
    w,
    h,
  };
}

function barBox(
  { links }: Places,
  { name, kind }: Places["fabrics"][number],
  rect: { x: number; y: number; w: number; h: number },
): Box {
  const ports = links.flat().filter((end) => end.startsWith(`${name}:`));
  const content = { id: name, names: [name, ...ports], title: name, lines: [] };
  return {
    ...content,
    kind: kind === "hub" ? "hub" : "switch",
    host: name,
    plane: "underlay",
    ...rect,
  };
}

/** From a card to the lane of its column, and along it to the bar. */
function cablesOf(
  { links }: Places,
  bar: Box,
  boxes: readonly Box[],
  cells: readonly { readonly host: HostPlace; readonly cell: Cell }[],
): Wire[] {
  const byName = new Map(boxes.flatMap((box) => box.names.map((name) => [name, box] as const)));
  const byHost = new Map(cells.map(({ host, cell }) => [host.name, cell]));
  return links.flatMap(([one, other]): Wire[] => {
    const [port, card] = one.startsWith(`${bar.id}:`) ? [one, other] : [other, one];
    const box = byName.get(card);
    const cell = box && byHost.get(box.host);
    if (!port.startsWith(`${bar.id}:`) || box === undefined || cell === undefined) return [];
    const y = box.y + box.h / 2;
    const edge = box.y < bar.y ? bar.y : bar.y + bar.h;
    const points: Point[] = [
      { x: box.x, y },
      { x: cell.laneX, y },
      { x: cell.laneX, y: edge },
    ];
    return [{ from: box.id, to: bar.id, points, label: null, hasPorts: [cell.isOpen, false] }];
  });
}
