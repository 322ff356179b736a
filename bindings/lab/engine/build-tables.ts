// What a namespace knows when the run begins: ports, addresses, and the rows of its spec.
import { parseNetwork, printPrefix } from "../../core/index.ts";
import { parseFdb } from "../words/fdb.ts";
import { type AddressWords, hostOf } from "../words/inet.ts";
import { parseNeighbor } from "../words/neighbor.ts";
import { parseRoute, type RouteWords } from "../words/route.ts";
import type { Device } from "./device.ts";
import { Flanneld } from "./devices/flanneld.ts";
import type { Namespace } from "./namespace.ts";
import { setPort } from "./ports.ts";
import { fillFdb, openSegment, seedBridge } from "./segments.ts";

export function fillTables(namespace: Namespace): void {
  const { devices, spec } = namespace;
  for (const device of devices) if (device.kind === "bridge") openSegment(device);
  for (const device of devices)
    if (device.kind === "vxlan" || device.kind === "weave") openSegment(device);
  for (const device of devices) setPort(device);
  for (const device of devices) if (device.kind === "bridge") seedBridge(device);
  for (const device of devices) for (const each of device.addresses) connect(device, each);
  for (const device of devices) startDaemon(device);
  namespace.openFirewall();
  for (const text of spec.routes ?? []) namespace.routes.add(parseRoute(text), "append");
  namespace.neighbors.fill((spec.neighbors ?? []).map(parseNeighbor));
  fillFdb(namespace, (spec.fdb ?? []).map(parseFdb));
}

function startDaemon(device: Device): void {
  const { spec, namespace, name } = device;
  if (spec?.kind === "tun") namespace.daemons.set(name, new Flanneld(device, spec));
}

/** The local and the connected route of an address. */
export function connect(device: Device, words: AddressWords): void {
  const { routes } = device.namespace;
  routes.addLocal(hostOf(words.address));
  const route = connectedRoute(device, words);
  if (route !== null) routes.add(route, "append");
}

/** The route that the kernel makes for an address: none for a whole one. */
export function connectedRoute(device: Device, words: AddressWords): RouteWords | null {
  const { len } = parseNetwork(words.address);
  if (len === 32 || words.isWithoutRoute || !device.isUp) return null;
  const prefix = printPrefix(parseNetwork(words.address));
  const src = hostOf(words.address);
  return parseRoute(`${prefix} dev ${device.name} proto kernel scope link src ${src}`);
}
