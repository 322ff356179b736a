// A change as a line for iproute2's `-batch -`.
import type { Change } from "../../agent/change.ts";
import type { FdbPlan, NeighborPlan, RoutePlan } from "../../agent/plan.ts";

export type Program = "ip" | "bridge";

/** Which program knows such entries. */
export function programOf({ kind }: Change): Program {
  return kind === "fdb" ? "bridge" : "ip";
}

/** The words of the line. */
export function lineOf(change: Change): string[] {
  const isPut = change.action === "put";
  switch (change.kind) {
    case "neighbor":
      return neighborLine(isPut, change.entry);
    case "fdb":
      return fdbLine(isPut, change.entry);
    case "route":
      return routeLine(isPut, change.entry);
  }
}

/** True when something could not be removed, or shown, because it is not there. */
export function isGone(reason: string): boolean {
  return /No such (process|file or directory)|Cannot find device|does not exist/.test(reason);
}

function neighborLine(isPut: boolean, { dev, address, mac }: NeighborPlan): string[] {
  const state = isPut ? ["lladdr", mac, "nud", "permanent"] : [];
  return ["neighbor", isPut ? "replace" : "del", address, ...state, "dev", dev];
}

function fdbLine(isPut: boolean, { dev, mac, dst }: FdbPlan): string[] {
  const state = isPut ? ["permanent"] : [];
  return ["fdb", isPut ? "replace" : "del", mac, "dev", dev, "dst", dst, "self", ...state];
}

/** Routes of other protocols than ours are not removed: `proto` is part of what has to fit. */
function routeLine(isPut: boolean, route: RoutePlan): string[] {
  const { dst, via, dev, onlink = false, scope, type = "unicast" } = route;
  return [
    ...["route", isPut ? "replace" : "del", type, dst, "proto", "boot"],
    ...(via === undefined ? [] : ["via", via]),
    ...(dev === undefined ? [] : ["dev", dev]),
    ...(onlink ? ["onlink"] : []),
    ...(scope === undefined ? [] : ["scope", scope]),
    ...["table", "main"],
  ];
}
