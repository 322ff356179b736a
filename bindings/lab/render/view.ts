// A namespace as it was at one moment of a run: all that the tools in it could print.
import type { Flavour, HostSpec, NamespaceSpec, StoreSpec } from "../spec/network.ts";
import type { HostPlace, NamespacePlace, Places, TableState, Trace } from "../trace/trace.ts";
import { countersAt } from "./counters.ts";
import { type DeviceState, type DeviceView, devicesOf } from "./device.ts";
import { linkRowOf } from "./link-row.ts";
import { type Happening, happenedBy, type Moment, timeOf } from "./moment.ts";
import { tablesAt } from "./rows.ts";

const FABRIC_MTU = 1500;

/** A namespace at a moment. */
export interface NamespaceView {
  readonly name: string;
  readonly kind: NamespacePlace["kind"];
  readonly flavour: Flavour;
  readonly host: HostPlace;
  /** By their index, `lo` first. */
  readonly devices: readonly DeviceView[];
  /** Of this namespace. */
  readonly tables: readonly TableState[];
  readonly sysctls: Readonly<Record<string, number>>;
  /** Everything else, for what tools say of other namespaces. */
  readonly world: World;
}

/** What a namespace's tools can know of the rest. */
export interface World {
  readonly places: Places;
  /** null: the trace does not say what it ran on. */
  readonly hostSpec: HostSpec | null;
  readonly store: StoreSpec | null;
  /** Nanoseconds since a port heard from a MAC; null: it never did. */
  quietNs(device: string, mac: string): number | null;
}

/**
 * A namespace by its name or by that of a process in it, or a fabric with a table. Throws
 * RangeError where the trace has none such, or no such hop.
 */
export function viewAt(trace: Trace, name: string, at: Moment = "end"): NamespaceView {
  const { host, place } = placeOf(trace.places, name);
  const hasHappened = happenedBy(trace, at);
  const hostSpec = trace.network?.hosts.find((each) => each.name === host.name) ?? null;
  const spec = specOf(trace, place.name);
  const tables = tablesAt(trace, place.name, hasHappened);
  const counters = countersAt(trace, place.name, hasHappened);
  const sysctls = spec?.sysctls ?? {};
  const stateOf = statesAt(trace, hasHappened);
  return {
    name: place.name,
    kind: place.kind,
    flavour: spec?.flavour ?? (place.kind === "container" ? "busybox" : "iproute2"),
    host,
    devices: devicesOf({ trace, place, tables, sysctls, counters: counters.of, stateOf }),
    tables,
    sysctls,
    world: {
      places: trace.places,
      hostSpec,
      store: trace.network?.store ?? null,
      quietNs: (device, mac) => {
        const heardNs = counters.heardNs(device, mac);
        return heardNs === null ? null : timeOf(trace, at) - heardNs;
      },
    },
  };
}

function specOf({ network }: Trace, namespace: string): NamespaceSpec | null {
  const all = network?.hosts.flatMap(({ namespaces }) => namespaces) ?? [];
  return all.find(({ name }) => name === namespace) ?? null;
}

/** States of devices anywhere: a link has two ends, and the other may be in another namespace. */
function statesAt(
  trace: Trace,
  hasHappened: (what: Happening) => boolean,
): (namespace: string, device: string) => DeviceState {
  const known = new Map<string, readonly TableState[]>();
  return (namespace, device) => {
    const tables = known.get(namespace) ?? tablesAt(trace, namespace, hasHappened);
    known.set(namespace, tables);
    const specs = specOf(trace, namespace)?.devices ?? [];
    const spec = specs.find(({ name }) => name === device) ?? null;
    return { spec, ...linkRowOf(tables, device) };
  };
}

function placeOf(places: Places, name: string): { host: HostPlace; place: NamespacePlace } {
  for (const isMeant of [isNamed(name), isHomeOf(name)]) {
    for (const host of places.hosts) {
      const place = host.namespaces.find(isMeant);
      if (place !== undefined) return { host, place };
    }
  }
  const fabric = fabricPlace(places, name);
  if (fabric !== null) return { host: { name, namespaces: [fabric] }, place: fabric };
  const names = places.hosts.flatMap(({ namespaces }) => namespaces.map((each) => each.name));
  throw new RangeError(`no namespace ${name}; there are ${names.join(", ")}`);
}

function isNamed(name: string): (place: NamespacePlace) => boolean {
  return (place) => place.name === name;
}

function isHomeOf(program: string): (place: NamespacePlace) => boolean {
  return ({ processes }) => processes.includes(program);
}

/** A switch that nobody logs in to: a bridge, and a port for each cable. */
function fabricPlace({ fabrics, links }: Places, name: string): NamespacePlace | null {
  if (!fabrics.some((fabric) => fabric.name === name)) return null;
  const prefix = `${name}:`;
  const ports = links.flat().filter((end) => end.startsWith(prefix));
  const device = { plane: "underlay", mac: null, mtu: FABRIC_MTU, addresses: [] } as const;
  return {
    name,
    kind: "host",
    processes: [],
    devices: [
      { ...device, name, kind: "bridge", ifindex: 2, master: null },
      ...ports.map((end, at) => {
        const port = { name: end.slice(prefix.length), ifindex: 3 + at };
        return { ...device, ...port, kind: "port", master: name };
      }),
    ],
  };
}
