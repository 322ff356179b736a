// The routing table, as `ip route` of two programs, and as `route` of two others.
import { parseIpv4 } from "../../core/index.ts";
import { parseRouteRow, printRoute, printTarget, type RouteWords } from "../words/index.ts";
import { maskOf } from "./ifconfig.ts";
import { rowsIn } from "./rows.ts";
import type { NamespaceView } from "./view.ts";

const HEAD = "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface";

/** The main table, as the kernel lists it. */
export function routesOf(view: NamespaceView): RouteWords[] {
  const routes = rowsIn(view.tables, "route").map(parseRouteRow);
  return routes.sort(inKernelOrder).map((route) => ({ ...route, isLinkDown: isDown(view, route) }));
}

export function ipRoute(view: NamespaceView, device?: string): string {
  const isBusybox = view.flavour !== "iproute2";
  return routesOf(view)
    .filter((route) => device === undefined || route.device === device)
    .map((route) => (isBusybox ? busyboxRow(route, device) : iprouteRow(route, device)))
    .join("");
}

/** `route -n`; without numbers, names where there are any: `default`, and busybox's `*`. */
export function routeTable(view: NamespaceView, isNumeric: boolean): string {
  const isBusybox = view.flavour !== "iproute2";
  const none = isBusybox && !isNumeric ? "*" : "0.0.0.0";
  const rows = routesOf(view).map((route) => {
    const [address = "", len = "0"] = route.prefix.split("/");
    const isDefault = route.prefix === "0.0.0.0/0";
    const columns = [
      isDefault && !isNumeric ? "default" : address,
      route.gateway ?? none,
      maskOf(Number(len)),
    ];
    const counts = `${String(route.metric ?? 0).padEnd(6)} 0        0`;
    const words = columns.map((column) => column.padEnd(15)).join(" ");
    return `${words} ${flagsOf(route, len).padEnd(5)} ${counts} ${route.device ?? "*"}\n`;
  });
  return `Kernel IP routing table\n${HEAD}\n${rows.join("")}`;
}

function iprouteRow(route: RouteWords, device: string | undefined): string {
  return `${printRoute(route, device !== undefined)} \n`;
}

/** busybox knows no protocols, and not whether a link is down. */
function busyboxRow(route: RouteWords, device: string | undefined): string {
  const { prefix, gateway, scope, src, metric } = route;
  const words = [
    `${printTarget(prefix)} `,
    gateway === null ? "" : `via ${gateway} `,
    device === undefined ? `dev ${route.device} ` : "",
    scope === null || scope === "global" ? "" : `scope ${scope} `,
    src === null ? "" : ` src ${src} `,
    metric === null ? "" : ` metric ${metric} `,
    route.isOnLink ? "onlink " : "",
  ];
  return `${words.join("")}\n`;
}

function flagsOf({ type, gateway }: RouteWords, len: string): string {
  const isRefusing = type === "unreachable" || type === "blackhole" || type === "prohibit";
  return `${isRefusing ? "!" : "U"}${gateway === null ? "" : "G"}${len === "32" ? "H" : ""}`;
}

function isDown({ devices }: NamespaceView, route: RouteWords): boolean {
  const device = devices.find(({ name }) => name === route.device);
  return device?.isUp === true && !device.hasCarrier;
}

/** A trie walked from the left: by address, the longer prefix of one address first. */
function inKernelOrder(a: RouteWords, b: RouteWords): number {
  const [aKey, bKey] = [sortKey(a), sortKey(b)];
  return aKey.address - bKey.address || bKey.len - aKey.len || aKey.metric - bKey.metric;
}

function sortKey({ prefix, metric }: RouteWords): { address: number; len: number; metric: number } {
  const [address = "0.0.0.0", len = "0"] = prefix.split("/");
  return { address: parseIpv4(address), len: Number(len), metric: metric ?? 0 };
}
