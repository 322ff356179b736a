// What iproute2 prints with `-j`: its key names, in its order, on one line.
import { type FdbWords, printTarget, type RouteWords } from "../words/index.ts";
import type { AddressView } from "./addresses.ts";
import type { DeviceView } from "./device.ts";
import { type FdbQuery, fdbOf } from "./fdb.ts";
import { neighborsOf } from "./neighbors.ts";
import { routesOf } from "./routes.ts";
import type { NamespaceView } from "./view.ts";

const FOREVER_S = 0xffffffff;

/** `ip -j route`. */
export function ipRouteJson(view: NamespaceView, device?: string): string {
  const routes = routesOf(view).filter((each) => device === undefined || each.device === device);
  return lineOf(routes.map(routeDocument));
}

/** `ip -j neigh`. */
export function ipNeighJson(view: NamespaceView, device?: string): string {
  const shown = neighborsOf(view).filter((neighbor) => {
    const isShown = !neighbor.isProxy && neighbor.state !== "none" && neighbor.state !== "noarp";
    return isShown && (device === undefined || neighbor.device === device);
  });
  const documents = shown.map(({ address, device: dev, mac, state }) => ({
    dst: address,
    dev,
    ...(mac !== null && { lladdr: mac }),
    state: [state.toUpperCase()],
  }));
  return lineOf(documents);
}

/** `bridge -j fdb`. */
export function bridgeFdbJson(view: NamespaceView, query: FdbQuery = {}): string {
  return lineOf(fdbOf(view, query).map(fdbDocument));
}

/** `ip -j addr`. */
export function ipAddrJson(view: NamespaceView, device?: string): string {
  return lineOf(
    chosen(view, device).map((each) => ({
      ...linkDocument(each, {}),
      addr_info: each.addresses.map((address) => addressDocument(address, each.name)),
    })),
  );
}

/** `ip -j link`. */
export function ipLinkJson(view: NamespaceView, device?: string): string {
  return lineOf(chosen(view, device).map((each) => linkDocument(each, { linkmode: "DEFAULT" })));
}

function lineOf(documents: readonly object[]): string {
  return `${JSON.stringify(documents)}\n`;
}

function chosen({ devices }: NamespaceView, device: string | undefined): readonly DeviceView[] {
  return devices.filter(({ name }) => device === undefined || name === device);
}

function routeDocument(route: RouteWords): object {
  const { type, prefix, gateway, device, proto, scope, src, metric } = route;
  return {
    ...(type !== "unicast" && { type }),
    dst: printTarget(prefix),
    ...(gateway !== null && { gateway }),
    ...(device !== null && { dev: device }),
    ...(proto !== null && proto !== "boot" && { protocol: proto }),
    ...(scope !== null && scope !== "global" && { scope }),
    ...(src !== null && { prefsrc: src }),
    ...(metric !== null && { metric }),
    flags: [...(route.isOnLink ? ["onlink"] : []), ...(route.isLinkDown ? ["linkdown"] : [])],
  };
}

function fdbDocument(entry: FdbWords): object {
  const { mac, device, dst, port, vni, via, nsid, bridge, state, isExternLearn } = entry;
  return {
    mac,
    ifname: device,
    ...(dst !== null && { dst }),
    ...(port !== null && { port }),
    ...(vni !== null && { vni }),
    ...(via !== null && { viaIf: via }),
    ...(nsid !== null && { linkNetNsId: nsid }),
    flags: [...(entry.of === "self" ? ["self"] : []), ...(isExternLearn ? ["extern_learn"] : [])],
    ...(entry.of === "master" && bridge !== null && { master: bridge }),
    state: state === "dynamic" ? "" : state,
  };
}

function linkDocument(device: DeviceView, mode: object): object {
  const { ifindex, name, flags, mtu, qdisc, master, operstate, queueLen, linkType, end } = device;
  return {
    ifindex,
    ...endDocument(device),
    ifname: name,
    flags,
    mtu,
    qdisc,
    ...(master !== null && { master }),
    operstate,
    ...mode,
    group: "default",
    ...(queueLen > 0 && { txqlen: queueLen }),
    link_type: linkType,
    ...hardwareDocument(device),
    ...(end?.netnsid != null && { link_netnsid: end.netnsid }),
  };
}

function endDocument({ end }: DeviceView): object {
  if (end === null) return {};
  if (end.ifindex === 0) return { link: null };
  return end.name === null ? { link_index: end.ifindex } : { link: end.name };
}

function hardwareDocument({ linkType, mac, spec }: DeviceView): object {
  if (linkType === "none") return {};
  if (linkType === "loopback") return { address: mac, broadcast: mac };
  if (linkType === "ether") return { address: mac, broadcast: "ff:ff:ff:ff:ff:ff" };
  const address = spec !== null && "local" in spec ? spec.local : "0.0.0.0";
  return { address, broadcast: "0.0.0.0" };
}

function addressDocument(address: AddressView, device: string): object {
  const { family, local, prefixLen, broadcast, scope, validS, preferredS } = address;
  return {
    family,
    local,
    prefixlen: prefixLen,
    ...(broadcast !== null && { broadcast }),
    scope,
    ...(validS !== null && { dynamic: true }),
    ...(address.isWithoutRoute && { noprefixroute: true }),
    ...(family === "inet" && { label: device }),
    valid_life_time: validS ?? FOREVER_S,
    preferred_life_time: preferredS ?? validS ?? FOREVER_S,
  };
}
