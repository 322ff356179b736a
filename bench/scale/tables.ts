// Routes and stations, a thousand to a million.
import { type HeddleNode, RouteAt } from "../../bindings/core/index.ts";
import { type PrefixSet, prefixSet, wanted } from "../prefixes.ts";
import { routeBytes } from "../route-bytes.ts";
import {
  fillRoutes,
  fillStations,
  layStationKeys,
  openForRoutes,
  openForStations,
  wantedStations,
} from "../tables.ts";
import { type Costs, type Curve, counted, curveOf, measured } from "./curve.ts";

const SIZES = [1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000];
const KEYS = 1 << 18; // whose entries no cache holds
const RUN = 4096;
const CHANGES = 1000;
const CHANGE_STEP = 7919; // and no divisor of a size
const FAMILY = 4;
const MIB = 1 << 20;
const NS_PER_US = 1000;
const US_PER_MS = 1000;
const NS_PER_MS = 1e6;
const NOW_MS = 1000;

export async function routeCurves(): Promise<Curve[]> {
  const bytes = new Map<number, Costs>();
  const changes = new Map<number, Costs>();
  const lookups = await curveOf(
    { size: "routes", name: "routes", title: "Routes: an address looked up", unit: "ns" },
    SIZES,
    async (size) => {
      const prefixes = prefixSet(size);
      const node = await openForRoutes(size, KEYS * 8);
      const began = performance.now();
      fillRoutes(node, prefixes);
      const built = performance.now() - began;
      const { forwarding, whole } = routeBytes(node);
      bytes.set(size, { "look-ups read": counted(forwarding / MIB), all: counted(whole / MIB) });
      changes.set(size, {
        build: counted((built * US_PER_MS) / size),
        "remove and set": inUs(measured(CHANGES, changerOf(node, prefixes))),
      });
      const keys = wanted(prefixes, KEYS);
      return { "4096 that return": look(node, keys.slice(0, RUN)), "262,144": look(node, keys) };
    },
  );
  const of = (costs: Map<number, Costs>) => (size: number) => costs.get(size) ?? {};
  return [
    lookups,
    await curveOf(
      { size: "routes", name: "route-changes", title: "Routes: one changed, of many", unit: "us" },
      SIZES,
      of(changes),
    ),
    await curveOf(
      { size: "routes", name: "route-bytes", title: "Routes: memory in use", unit: "MiB" },
      SIZES,
      of(bytes),
    ),
  ];
}

function inUs({ median, min, max }: Costs[string]): Costs[string] {
  return { median: median / NS_PER_US, min: min / NS_PER_US, max: max / NS_PER_US };
}

function look(node: HeddleNode, keys: Uint32Array): Costs[string] {
  const input = node.takeScratch(keys.byteLength);
  const output = node.takeScratch(RUN * 4);
  node.bytes.set(new Uint8Array(keys.buffer), input);
  let at = 0;
  return measured(RUN, () => {
    node.exports.route_lookup_bulk(node.address, input + at * 4, output, RUN);
    at = (at + RUN) % keys.length;
  });
}

/** Takes a thousand routes away and sets them again, others each time. */
function changerOf(node: HeddleNode, set: PrefixSet): () => void {
  const { bytes, view, exports, address } = node;
  const record = node.takeScratch(RouteAt.End);
  let at = 0;
  return () => {
    for (let nth = 0; nth < CHANGES; nth++) {
      at = (at + CHANGE_STEP) % set.count;
      bytes.fill(0, record, record + RouteAt.End);
      view.setUint16(record + RouteAt.Family, FAMILY, true);
      view.setUint16(record + RouteAt.Len, set.lens[at] as number, true);
      view.setUint32(record + RouteAt.Address, set.addresses[at] as number);
      view.setUint32(record + RouteAt.Hop, set.hops[at] as number, true);
      const done = exports.route_remove(address, record, 1);
      if (done + exports.route_set(address, record, 1) !== 2) throw new Error("no such route");
    }
  };
}

export async function stationCurve(): Promise<Curve> {
  return await curveOf(
    { name: "stations", title: "FDB: a station looked up and set", size: "stations", unit: "ns" },
    SIZES,
    async (size) => {
      const node = await openForStations(size);
      const began = performance.now();
      fillStations(node, size);
      const learned = ((performance.now() - began) * NS_PER_MS) / size;
      const keys = layStationKeys(node, wantedStations(size, KEYS));
      const out = node.takeScratch(RUN * 4);
      let at = 0;
      const look = measured(RUN, () => {
        node.exports.fdb_lookup_bulk(node.address, keys + at * 8, out, RUN, NOW_MS);
        at = (at + RUN) % KEYS;
      });
      return { "look-up": look, "set, from a record": counted(learned) };
    },
  );
}
