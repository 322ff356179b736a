// Plans against what a kernel holds: what is missing, what is wrong, what is ours and has no lease
// any more. Everything else is somebody else's, and stays as it is.
//
// A route is ours when it could not be told from one that flannel, or this agent in a former life,
// has made: protocol `boot`, no metric, one next hop, inside the network, and either on our device,
// or by way of a gateway on the underlay's, or by its own first address on any device (a device
// that another VNI had). The own subnet's routes are never ours: they belong to the bridge. A
// neighbor or an FDB entry is ours when it is permanent and on our device.
import { network, parseNetwork, parsePrefix } from "../core/address.ts";
import type { Change } from "./change.ts";
import type { ObservedFdb, ObservedNeighbor, ObservedRoute } from "./observed.ts";
import type { FdbPlan, NeighborPlan, PeerPlan, RoutePlan } from "./plan.ts";

/** Where to look, and what belongs to this node. */
export interface Scope {
  /** "10.5.0.0/16". */
  readonly network: string;
  /** "10.5.72.0/24". */
  readonly subnet: string;
  /** null: the backend has none. */
  readonly device: string | null;
  readonly underlay: string;
  /** The device's own. */
  readonly routes: readonly RoutePlan[];
}

/** A route of somebody else where one of ours has to be. */
export interface Conflict {
  readonly subnet: string;
  readonly route: ObservedRoute;
}

export interface Differences {
  /** Of each peer the entries that are missing, or are not as they have to be. */
  readonly lacking: readonly PeerPlan[];
  readonly conflicts: readonly Conflict[];
}

/** What the kernel holds where `Scope` points. */
export interface Observed {
  readonly routes: readonly ObservedRoute[];
  readonly neighbors: readonly ObservedNeighbor[];
}

/** The kernel's part of plans, which is routes and neighbors, against what it holds. */
export function compare(plans: readonly PeerPlan[], observed: Observed): Differences {
  const routesAt = groupBy(observed.routes.filter(isPlain), ({ dst }) => dst);
  const neighborAt = new Map(observed.neighbors.map((one) => [one.address, one]));
  const conflicts: Conflict[] = [];
  const lacking = plans.flatMap((plan): PeerPlan[] => {
    const standing = plan.routes.map((route) => standingAt(route, routesAt.get(route.dst) ?? []));
    const foreign = standing.find((one) => typeof one === "object");
    if (foreign !== undefined) {
      conflicts.push({ subnet: plan.subnet, route: foreign });
      return [];
    }
    const routes = plan.routes.filter((_, at) => standing[at] !== "right");
    const neighbors = plan.neighbors.filter((one) => !isSettled(one, neighborAt.get(one.address)));
    return routes.length + neighbors.length === 0 ? [] : [{ ...plan, routes, neighbors }];
  });
  return { lacking, conflicts };
}

/** What is ours, and no plan wants it. To be removed in this order. */
export function findStale(plans: readonly PeerPlan[], observed: Observed, scope: Scope): Change[] {
  const routes = [...scope.routes, ...plans.flatMap((plan) => plan.routes)];
  const wanted = groupBy(routes, ({ dst }) => dst);
  const isWanted = (route: ObservedRoute): boolean =>
    (wanted.get(route.dst) ?? []).some((plan) => isSameRoute(plan, route));
  const neighbors = new Set(plans.flatMap((plan) => plan.neighbors.map(({ address }) => address)));
  return [
    ...observed.routes
      .filter((route) => isOurs(route, scope) && !isWanted(route))
      .map((route): Change => ({ action: "remove", kind: "route", entry: planOf(route) })),
    ...observed.neighbors
      .filter((one) => one.isPermanent && !neighbors.has(one.address))
      .map(({ dev, address, mac }): Change => {
        return { action: "remove", kind: "neighbor", entry: { dev, address, mac: mac ?? "" } };
      }),
  ];
}

/** What an FDB has to lose and to get, to hold what the plans say and nothing else of ours. */
export function reconcileFdb(
  plans: readonly PeerPlan[],
  observed: readonly ObservedFdb[],
): { missing: FdbPlan[]; stale: FdbPlan[] } {
  const wanted = new Map(plans.flatMap(({ fdb }) => fdb).map((one) => [one.mac, one]));
  const standing = new Set(observed.filter((one) => one.isPermanent).map(fdbText));
  const missing = [...wanted.values()].filter((one) => !standing.has(fdbText(one)));
  const stale = observed
    .filter((one) => one.isPermanent && wanted.get(one.mac)?.dst !== one.dst)
    .map(({ dev, mac, dst }) => ({ dev, mac, dst }));
  return { missing, stale };
}

/** True for the very route that a plan wants, whoever put it. */
export function isSameRoute(plan: RoutePlan, route: ObservedRoute): boolean {
  const isOnlink = plan.onlink ?? false;
  if (plan.dst !== route.dst || (plan.type ?? "unicast") !== route.type) return false;
  const hasGateway = (plan.via ?? null) === route.via && isOnlink === route.isOnlink;
  return isPlain(route) && hasGateway && (plan.dev ?? null) === route.dev;
}

/** True when the address or prefix, host bits or not, lies in the network. */
export function isInside(all: string, prefix: string): boolean {
  const { address, len } = parsePrefix(all);
  const inner = parseNetwork(prefix.includes("/") ? prefix : `${prefix}/32`);
  return inner.len >= len && network({ address: inner.address, len }) === address;
}

function standingAt(
  plan: RoutePlan,
  routes: readonly ObservedRoute[],
): "right" | "absent" | ObservedRoute {
  if (routes.some((route) => isSameRoute(plan, route))) return "right";
  return routes.find((route) => route.protocol !== "boot") ?? "absent";
}

function isSettled(plan: NeighborPlan, standing: ObservedNeighbor | undefined): boolean {
  return standing?.isPermanent === true && standing.mac === plan.mac;
}

function isOurs(route: ObservedRoute, { network: all, subnet, device, underlay }: Scope): boolean {
  if (route.protocol !== "boot" || !isPlain(route) || route.type !== "unicast") return false;
  if (!isInside(all, route.dst) || isInside(subnet, route.dst) || route.dev === null) return false;
  if (route.dev === device) return true;
  if (route.via === null) return false;
  const isByFirstAddress = route.isOnlink && route.dst.startsWith(`${route.via}/`);
  return isByFirstAddress || (route.dev === underlay && !route.isOnlink);
}

/** Ours have no metric, and so do not stand beside others that have one. */
function isPlain(route: ObservedRoute): boolean {
  return route.metric === 0;
}

/** Said as exactly as `ip` can: what is left out would fit any route. */
function planOf({ dst, via, dev, isOnlink, scope }: ObservedRoute): RoutePlan {
  return {
    ...{ dst, scope },
    ...(via === null ? {} : { via }),
    ...(dev === null ? {} : { dev }),
    ...(isOnlink ? { onlink: true } : {}),
  };
}

function fdbText({ mac, dst }: { readonly mac: string; readonly dst: string }): string {
  return `${mac} ${dst}`;
}

function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}
