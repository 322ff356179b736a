// What there is to draw of a host, before anything has a place: which containers hang on which
// bridge, what tunnels, what leaves the host.
import type {
  DevicePlace,
  HostPlace,
  NamespacePlace,
  Places,
  Plane,
} from "../../../lab/trace/trace.ts";

export interface HostShape {
  readonly name: string;
  readonly own: NamespacePlace;
  readonly rows: readonly Row[];
  readonly overlays: readonly Overlay[];
  readonly tunnels: readonly DevicePlace[];
  readonly nics: readonly DevicePlace[];
  /** A program between the kernel and the wire: flanneld. */
  readonly hasUserSpace: boolean;
  readonly hasRouting: boolean;
  /** Programs that have no namespace of their own. */
  readonly processes: readonly string[];
  /** Nothing but two cards: it stands between two wires. */
  readonly isPassage: boolean;
  /** The only one: what it has stands around its middle. */
  readonly isAlone: boolean;
}

/** A bridge, or routing itself where it is null, and the containers that are drawn beside it. */
export interface Row {
  readonly bridge: DevicePlace | null;
  readonly containers: readonly NamespacePlace[];
}

/** A namespace that is kept for a bridge and its VXLAN. */
export interface Overlay {
  readonly namespace: NamespacePlace;
  readonly bridge: DevicePlace | null;
  readonly tunnels: readonly DevicePlace[];
}

const TUNNELS: ReadonlySet<string> = new Set(["vxlan", "tun", "ipip", "weave"]);
const NO_NAMESPACE: NamespacePlace = { name: "", kind: "host", processes: [], devices: [] };

/** The two ends of every link, by the one and by the other. */
export function peersOf({ links }: Places): ReadonlyMap<string, string> {
  return new Map(links.flatMap(([a, b]) => [[a, b] as const, [b, a] as const]));
}

/** `routed`: the namespaces in which a packet was seen to be routed. */
export function shapeOf(places: Places, host: HostPlace, routed: ReadonlySet<string>): HostShape {
  const own = host.namespaces.find(({ kind }) => kind === "host") ?? NO_NAMESPACE;
  const tunnels = own.devices.filter(({ kind }) => TUNNELS.has(kind));
  const nics = own.devices.filter(({ kind }) => kind === "nic");
  const rows = rowsOf(places, host, own);
  const bridgeCount = rows.filter(({ bridge }) => bridge !== null).length;
  const isCrossed = bridgeCount > 0 && nics.length + tunnels.length + bridgeCount > 1;
  const isDirect = rows.some(({ bridge, containers }) => {
    return bridge === null && containers.some((each) => linkedTo(places, each, own).length > 0);
  });
  const overlays = host.namespaces.filter(({ kind }) => kind === "overlay").map(overlayOf);
  const isBare = rows.length + overlays.length + tunnels.length === 0;
  return {
    name: host.name,
    own,
    rows,
    overlays,
    tunnels,
    nics,
    hasUserSpace: tunnels.some(({ kind }) => kind === "tun"),
    hasRouting: routed.has(own.name) || isCrossed || isDirect || nics.length > 1,
    processes: own.processes.filter((name) => name !== own.name && name !== host.name),
    isPassage: isBare && nics.length === 2,
    isAlone: places.hosts.length === 1,
  };
}

/** Planes that have something in them, from the top. */
export function planesOf(shapes: readonly HostShape[]): Plane[] {
  const has: Readonly<Record<Plane, boolean>> = {
    user: shapes.some(({ hasUserSpace }) => hasUserSpace),
    containers: shapes.some(({ rows, processes }) => rows.length + processes.length > 0),
    tunnel: shapes.some(({ tunnels, overlays }) => tunnels.length + overlays.length > 0),
    underlay: shapes.some(({ nics }) => nics.length > 0),
  };
  return (["user", "containers", "tunnel", "underlay"] as const).filter((plane) => has[plane]);
}

// A bridge that a tunnel hangs on comes last, so that its wire down crosses no other bridge.
function rowsOf(places: Places, host: HostPlace, own: NamespacePlace): Row[] {
  const bridges = own.devices.filter(({ kind }) => kind === "bridge");
  const isTunneled = ({ name }: DevicePlace): boolean =>
    own.devices.some((device) => TUNNELS.has(device.kind) && device.master === name);
  const ordered = [
    ...bridges.filter((bridge) => !isTunneled(bridge)),
    ...bridges.filter(isTunneled),
  ];
  const containers = host.namespaces.filter(({ kind }) => kind === "container");
  const home = new Map(containers.map((each) => [each.name, homeOf(places, each, own, ordered)]));
  const at = (name: string | null): NamespacePlace[] =>
    containers.filter((each) => home.get(each.name) === name);
  const rows = ordered.map((bridge) => ({ bridge, containers: at(bridge.name) }));
  const alone = at(null);
  return alone.length === 0 ? rows : [...rows, { bridge: null, containers: alone }];
}

/** The last of the bridges that a container is linked to; null: none. */
function homeOf(
  places: Places,
  container: NamespacePlace,
  own: NamespacePlace,
  bridges: readonly DevicePlace[],
): string | null {
  const masters = linkedTo(places, container, own).map(({ master }) => master);
  return bridges.findLast(({ name }) => masters.includes(name))?.name ?? null;
}

/** Devices of a namespace that a container's devices are linked to. */
function linkedTo(
  places: Places,
  container: NamespacePlace,
  own: NamespacePlace,
): readonly DevicePlace[] {
  const peers = peersOf(places);
  return container.devices.flatMap((device) => {
    const peer = peers.get(`${container.name}:${device.name}`);
    return own.devices.filter(({ name }) => peer === `${own.name}:${name}`);
  });
}

function overlayOf(namespace: NamespacePlace): Overlay {
  return {
    namespace,
    bridge: namespace.devices.find(({ kind }) => kind === "bridge") ?? null,
    tunnels: namespace.devices.filter(({ kind }) => TUNNELS.has(kind)),
  };
}
