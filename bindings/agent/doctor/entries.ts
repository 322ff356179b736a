// Routes, neighbors and FDB entries that lead to peers: what the plans ask for against what the
// kernel holds.
import type { ObservedRoute } from "../observed.ts";
import type { FdbPlan, NeighborPlan, PeerPlan, RoutePlan } from "../plan.ts";
import { isInside, isSameRoute } from "../reconcile.ts";
import { type Case, deviceOf } from "./case.ts";
import type { HostFacts } from "./facts.ts";
import { type Finding, warning, wrong } from "./finding.ts";

export function peerFindings(it: Case): Finding[] {
  return [
    ...it.refusals.map(({ subnet, reason }) =>
      wrong("peer-refused", subnet, `there is no way to ${subnet}: ${reason}`),
    ),
    ...it.peers.flatMap((peer) => entryFindings(it, peer)),
    ...staleRoutes(it),
    ...staleEntries(it),
  ];
}

/** What puts all entries of a peer, in an order in which nobody ever asks by ARP. */
export function peerCommands(peer: PeerPlan): string[] {
  return [
    ...peer.neighbors.map(neighborCommand),
    ...peer.fdb.map(fdbCommand),
    ...peer.routes.map(routeCommand),
  ];
}

function entryFindings(it: Case, peer: PeerPlan): Finding[] {
  const { host } = it;
  return [
    ...peer.neighbors.flatMap((plan) => neighborFinding(host, plan)),
    ...(hasKernelFdb(it) ? peer.fdb.flatMap((plan) => fdbFinding(host, plan)) : []),
    ...peer.routes.flatMap((plan) => [...routeFinding(host, plan), ...shadows(host, plan)]),
  ];
}

/** A TAP device of heddle's has none: its entries are the core's. */
function hasKernelFdb(it: Case): boolean {
  return deviceOf(it)?.[1]?.kind !== "tun";
}

function neighborFinding(host: HostFacts, plan: NeighborPlan): Finding[] {
  const { dev, address, mac } = plan;
  const known = host.neighbors.find((entry) => entry.dev === dev && entry.address === address);
  if (known?.mac === mac && known.isPermanent) return [];
  if (known === undefined || known.mac === null) {
    return [
      wrong(
        "neighbor-missing",
        address,
        `${dev} has no neighbor ${address}`,
        neighborCommand(plan),
      ),
    ];
  }
  const lifetime = known.isPermanent ? "" : " for a while";
  const message = `${dev} has ${address} at ${known.mac}${lifetime}; the lease says ${mac}`;
  return [wrong("neighbor-wrong", address, message, neighborCommand(plan))];
}

function fdbFinding(host: HostFacts, plan: FdbPlan): Finding[] {
  const { dev, mac, dst } = plan;
  const entries = host.fdb.filter((entry) => entry.dev === dev && entry.mac === mac);
  if (entries.length === 1 && entries[0]?.dst === dst) return [];
  if (entries.length === 0) {
    const message = `the FDB of ${dev} has no ${mac}, which is behind ${dst}`;
    return [wrong("fdb-missing", mac, message, fdbCommand(plan))];
  }
  const others = entries.map((entry) => entry.dst).join(" and ");
  const message = `the FDB of ${dev} has ${mac} behind ${others}; the lease says ${dst}`;
  return [wrong("fdb-wrong", mac, message, fdbCommand(plan))];
}

function routeFinding({ routes }: HostFacts, plan: RoutePlan): Finding[] {
  const known = routes.find(({ dst }) => dst === plan.dst);
  if (known !== undefined && isSameRoute(plan, known)) return [];
  if (known === undefined) {
    return [
      wrong("route-missing", plan.dst, `there is no route to ${plan.dst}`, routeCommand(plan)),
    ];
  }
  const message = `the route is "${routeText(known)}"; the lease implies "${routeText(plan)}"`;
  return [wrong("route-wrong", plan.dst, message, routeCommand(plan))];
}

/** Longer prefixes inside of a peer's subnet win over the route to it. */
function shadows({ routes }: HostFacts, plan: RoutePlan): Finding[] {
  return routes
    .filter(({ dst }) => isNarrower(dst, plan.dst))
    .map((route) => {
      const message = `"${routeText(route)}" takes packets that are for ${plan.dst}`;
      return wrong("route-stale", route.dst, message, deleteCommand(route));
    });
}

function isNarrower(inner: string, outer: string): boolean {
  return inner !== outer && isInside(outer, inner);
}

/** Routes of a device of ours, or by another node's gateway, that no lease asks for. */
function staleRoutes(it: Case): Finding[] {
  const device = deviceOf(it)?.[0] ?? null;
  const wanted = new Set([
    ...it.peers.flatMap(({ routes }) => routes.map(({ dst }) => dst)),
    ...(device?.routes.map(({ dst }) => dst) ?? []),
  ]);
  return it.host.routes
    .filter((route) => !wanted.has(route.dst) && isOurs(it, route, device?.name))
    .map((route) => {
      const message = `no lease asks for "${routeText(route)}"`;
      return wrong("route-stale", route.dst, message, deleteCommand(route));
    });
}

/** What an agent makes: by its device, or, inside of the network, by a gateway. */
function isOurs({ config }: Case, route: ObservedRoute, device: string | undefined): boolean {
  if (route.type !== "unicast") return false;
  if (route.dev === device) return true;
  return route.via !== null && isInside(config.network, route.dst);
}

/** No route leads to them, so they do no harm. */
function staleEntries(it: Case): Finding[] {
  const found = deviceOf(it);
  if (found === null || found[1] === null) return [];
  const { name } = found[1];
  const neighbors = new Set(it.peers.flatMap((peer) => peer.neighbors.map((n) => n.address)));
  const macs = new Set(it.peers.flatMap((peer) => peer.fdb.map(({ mac }) => mac)));
  return [
    ...it.host.neighbors
      .filter(({ dev, address, isPermanent }) => {
        return dev === name && isPermanent && !neighbors.has(address);
      })
      .map(({ address, mac }) => {
        const message = `no lease asks for neighbor ${address} at ${mac} of ${name}`;
        return warning(
          "neighbor-stale",
          address,
          message,
          `ip neighbor del ${address} dev ${name}`,
        );
      }),
    ...it.host.fdb
      .filter(({ dev, mac }) => dev === name && !macs.has(mac))
      .map(({ mac, dst }) => {
        const message = `no lease asks for ${mac} behind ${dst} in the FDB of ${name}`;
        return warning(
          "fdb-stale",
          mac,
          message,
          `bridge fdb del ${mac} dev ${name} dst ${dst} self`,
        );
      }),
  ];
}

export function neighborCommand({ dev, address, mac }: NeighborPlan): string {
  return `ip neighbor replace ${address} lladdr ${mac} nud permanent dev ${dev}`;
}

function fdbCommand({ dev, mac, dst }: FdbPlan): string {
  return `bridge fdb replace ${mac} dev ${dev} dst ${dst} self permanent`;
}

function routeCommand(plan: RoutePlan): string {
  return `ip route replace ${routeText(plan)}`;
}

function deleteCommand(route: ObservedRoute): string {
  return `ip route del ${routeText(route)}`;
}

function routeText(route: RoutePlan | ObservedRoute): string {
  const { dst, via, dev, type } = route;
  const isOnlink = "isOnlink" in route ? route.isOnlink : (route.onlink ?? false);
  const metric = "metric" in route ? route.metric : 0;
  return [
    type === undefined || type === "unicast" ? dst : `${type} ${dst}`,
    via ? `via ${via}` : "",
    dev ? `dev ${dev}` : "",
    isOnlink ? "onlink" : "",
    metric === 0 ? "" : `metric ${metric}`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}
