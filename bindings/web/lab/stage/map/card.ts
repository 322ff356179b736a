// An opened host: its containers, tunnels and cards in rows, plane above plane, and what joins
// them.
import type {
  DevicePlace,
  HostPlace,
  NamespacePlace,
  Places,
  Plane,
} from "../../../../lab/trace/trace.ts";
import type { Box, BoxKind, Frame, Point, Rect, Wire } from "../drawing.ts";
import type { Cell } from "./grid.ts";

export interface Card {
  readonly frame: Frame;
  readonly boxes: readonly Box[];
  readonly wires: readonly Wire[];
}

const TITLE_H = 17;
const PAD = 6;
const ROW_GAP = 8;
const BOX_GAP = 14;
const BOX_H_MAX = 26;
const BOX_W_MAX = 150;
/** The rest of a card is for the packet. */
const ROWS_W_MAX = 200;
const LETTER_W = 7.6;
const MONO_W = 6.9;

const KINDS: Readonly<Record<string, BoxKind>> = { bridge: "bridge", nic: "nic" };
const PLANES: readonly Plane[] = ["user", "containers", "tunnel", "underlay"];

/** What becomes a box, before it has a place. */
type Content = Pick<Box, "id" | "names" | "kind" | "plane" | "title" | "lines">;

export function cardOf(places: Places, host: HostPlace, cell: Cell): Card {
  const contents = contentsOf(host);
  const rows = PLANES.map((plane) => contents.filter((each) => each.plane === plane)).filter(
    (row) => row.length > 0,
  );
  const pitch = (cell.h - TITLE_H - PAD + ROW_GAP) / Math.max(1, rows.length);
  const boxes = rows.flatMap((row, at) => {
    const y = cell.y + TITLE_H + at * pitch;
    const w = Math.min(cell.w - 2 * PAD, ROWS_W_MAX);
    return rowOf(row, { x: cell.x + PAD, y, w, h: pitch - ROW_GAP }, host.name);
  });
  const title = { x: cell.x + 7, y: cell.y + 13 };
  const { x, y, w, h } = cell;
  return {
    frame: { kind: "host", name: host.name, title, anchor: "start", x, y, w, h },
    boxes,
    wires: wiresOf(places, host, boxes),
  };
}

function rowOf(row: readonly Content[], room: Rect, host: string): Box[] {
  const share = (room.w - BOX_GAP * (row.length - 1)) / row.length;
  const w = Math.min(BOX_W_MAX, share);
  const h = Math.min(BOX_H_MAX, room.h);
  return row.map((content, at) => {
    const title = fitted(content.title, w - 10);
    const rest = w - 24 - title.length * LETTER_W;
    const lines = content.lines.filter(({ length }) => length * MONO_W <= rest);
    return { ...content, title, lines, host, x: room.x + at * (w + BOX_GAP), y: room.y, w, h };
  });
}

function fitted(text: string, w: number): string {
  const count = Math.max(1, Math.floor(w / LETTER_W));
  return text.length <= count ? text : `${text.slice(0, Math.max(1, count - 1))}\u2026`;
}

/** Containers whole; of other namespaces what decides something. */
function contentsOf({ namespaces }: HostPlace): Content[] {
  return namespaces.flatMap((space): Content[] => {
    if (space.kind === "container") return [containerOf(space)];
    const decisive = space.devices.filter((device) => isDecisive(space, device));
    const others = space.devices.filter((device) => !decisive.includes(device));
    const rest = others.map(({ name }) => `${space.name}:${name}`);
    return decisive.map((device, at) => {
      const isLast = at === decisive.length - 1; // what is not drawn is asked there
      return deviceOf(space, device, isLast ? [`${space.name}:routing`, ...rest] : []);
    });
  });
}

/** A bridge without ports joins nothing. */
function isDecisive({ devices }: NamespacePlace, { name, kind }: DevicePlace): boolean {
  if (kind === "bridge") return devices.some(({ master }) => master === name);
  return kind !== "lo" && kind !== "veth";
}

function containerOf({ name, processes, devices }: NamespacePlace): Content {
  const addresses = devices.filter(({ kind }) => kind !== "lo").flatMap((each) => each.addresses);
  return {
    id: name,
    names: [name, ...devices.map((device) => `${name}:${device.name}`)],
    kind: "container",
    plane: "containers",
    title: processes.length > 0 ? processes.join(" + ") : name,
    lines: addresses.slice(0, 1).map(bare),
  };
}

function deviceOf(
  { name: space, devices }: NamespacePlace,
  { name, kind, plane, addresses }: DevicePlace,
  others: readonly string[],
): Content {
  const id = `${space}:${name}`;
  const ports = devices.filter(({ master, kind }) => master === name && kind === "veth");
  const names = [id, ...ports.map((port) => `${space}:${port.name}`), ...others];
  const lines = kind === "nic" ? addresses.slice(0, 1).map(bare) : [];
  return { id, names, kind: KINDS[kind] ?? "tunnel", plane, title: name, lines };
}

function bare(address: string): string {
  return address.split(/[ /]/)[0] ?? address;
}

/** Pairs of virtual cables, ports of bridges, and what a tunnel leaves by. */
function wiresOf({ links }: Places, { namespaces }: HostPlace, boxes: readonly Box[]): Wire[] {
  const box = (name: string): Box | undefined => boxes.find(({ names }) => names.includes(name));
  const nic = boxes.find(({ kind }) => kind === "nic");
  const pairs: [Box | undefined, Box | undefined][] = links
    .filter((ends) => ends.every((end) => box(end) !== undefined))
    .map(([one, other]) => [box(one), box(other)]);
  for (const space of namespaces) {
    for (const { name, master, kind, addresses } of space.devices) {
      const own = box(`${space.name}:${name}`);
      if (own?.kind === "tunnel") pairs.push([own, nic]);
      if (own?.kind === "tunnel" && master !== null)
        pairs.push([box(`${space.name}:${master}`), own]);
      const isRouted = kind === "bridge" && space.kind === "host" && addresses.length > 0;
      if (isRouted) pairs.push([own, boxes.find((each) => each.kind === "tunnel") ?? nic]);
    }
  }
  return pairs.flatMap(([one, other]) =>
    one === undefined || other === undefined || one === other ? [] : [joined(one, other)],
  );
}

/** Beside one another straight; above one another by the gap between their rows. */
function joined(one: Box, other: Box): Wire {
  const [from, to] =
    one.y < other.y || (one.y === other.y && one.x < other.x) ? [one, other] : [other, one];
  const ends = { from: from.id, to: to.id, label: null, hasPorts: [true, true] } as const;
  if (from.y === to.y) {
    const y = from.y + from.h / 2;
    return {
      ...ends,
      points: [
        { x: from.x + from.w, y },
        { x: to.x, y },
      ],
    };
  }
  const [left, right] = [Math.max(from.x, to.x), Math.min(from.x + from.w, to.x + to.w)];
  const start: Point = { x: (left + right) / 2, y: from.y + from.h };
  if (right - left >= PAD) return { ...ends, points: [start, { x: start.x, y: to.y }] };
  const turn = to.y - ROW_GAP / 2;
  const xs = [from.x + from.w / 2, to.x + to.w / 2] as const;
  const points = [
    { x: xs[0], y: start.y },
    { x: xs[0], y: turn },
    { x: xs[1], y: turn },
    { x: xs[1], y: to.y },
  ];
  return { ...ends, points };
}
