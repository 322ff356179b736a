// What tables said, for the reader: the rows that the core's answer came from.
import type { Asked, FieldPath } from "../trace/trace.ts";
import type { Device } from "./device.ts";
import type { Dissector } from "./dissector.ts";
import type { Stop } from "./journey.ts";
import type { Namespace } from "./namespace.ts";
import type { Stations } from "./tables/stations.ts";

/** Fields of the outermost headers, whatever they will be called when all is known. */
export const WIRE = {
  ethDst: "wire.eth.dst",
  ipDst: "wire.ip.dst",
  ipSrc: "wire.ip.src",
} as const;

const WIRE_PREFIX = "wire.";

/** Gives them their names. Requires: the stop is decided. */
export function nameFields(dissector: Dissector, stop: Stop): void {
  const isOpen = ({ gave }: Asked): boolean => gave.some((path) => path.startsWith(WIRE_PREFIX));
  if (!stop.asked.some(isOpen)) return;
  const [left] = stop.left;
  const places = left === undefined ? [] : dissector.read(left, stop.outLink).places;
  const named = (path: FieldPath): FieldPath[] => {
    if (!path.startsWith(WIRE_PREFIX)) return [path];
    const plain = path.slice(WIRE_PREFIX.length);
    const place = places.find((each) => each.path.replace(/^outer\d*\./, "") === plain);
    return place === undefined ? [] : [place.path];
  };
  stop.asked = stop.asked.map((asked) => ({ ...asked, gave: asked.gave.flatMap(named) }));
}

/** The routes, about an address. */
export function askRoute(
  namespace: Namespace,
  target: string,
  gave: readonly FieldPath[] = ["device"],
): Asked {
  const table = namespace.tableId("route", null);
  const answer = namespace.routes.find(target);
  const entry = answer?.entry ?? null;
  if (entry === null) return { table, key: target, row: null, lost: [], gave: [], arpFrames: 0 };
  const row = namespace.routes.rowOf(entry);
  const lost = namespace.routes.losers(target, entry);
  return { table, key: target, row, lost, gave, arpFrames: 0 };
}

/** The neighbors, about a next hop. */
export function askNeighbor(
  device: Device,
  address: string,
  stop: Stop,
  gave: readonly FieldPath[] = [WIRE.ethDst],
): Asked {
  const { namespace } = device;
  const row = namespace.neighbors.row(device, address);
  const hasMac = row?.includes(" lladdr ") ?? false;
  const frames = stop.side.filter(({ description: { kind, from, to } }) =>
    kind === "arp-request" ? to === address : kind === "arp-reply" && from === address,
  );
  return {
    table: namespace.tableId("neigh", null),
    key: address,
    row,
    lost: [],
    gave: hasMac ? gave : [],
    arpFrames: frames.length,
  };
}

/** A forwarding database, about a MAC. */
export function askStation(
  stations: Stations,
  mac: string,
  gave: readonly FieldPath[] = ["device"],
): Asked {
  const { table } = stations.ledger;
  const row = stations.row(mac);
  return { table, key: mac, row, lost: [], gave: row === null ? [] : gave, arpFrames: 0 };
}
