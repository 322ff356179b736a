// A route that swallows what is for the own subnet and for nobody in it, on hosts where no bridge
// has the subnet: else such packets follow the default route, and come back.
//
// flannel's has the metric of any route, and would shadow a bridge's own that comes after it. Ours
// has the last of all metrics: it counts where nothing else does.
import { type Family, familyOf, type Overlay } from "../../../agent/rules.ts";
import { filterTool } from "./error.ts";

const METRIC = 2 ** 32 - 1;

interface ListedRoute {
  readonly dst: string;
  readonly metric?: number;
}

/** Makes the route to be there; true when it was not. Throws FirewallError. */
export async function putBlackhole(overlay: Overlay): Promise<boolean> {
  if (await hasBlackhole(overlay)) return false;
  await changeRoute("replace", overlay);
  return true;
}

/** Takes the route away; true when it was there. Throws FirewallError. */
export async function removeBlackhole(overlay: Overlay): Promise<boolean> {
  if (!(await hasBlackhole(overlay))) return false;
  await changeRoute("delete", overlay);
  return true;
}

async function changeRoute(verb: "replace" | "delete", overlay: Overlay): Promise<void> {
  const words = ["route", verb, "blackhole", overlay.subnet, "metric", String(METRIC)];
  await filterTool("ip", [flag(familyOf(overlay)), ...words]);
}

async function hasBlackhole(overlay: Overlay): Promise<boolean> {
  const words = ["-json", "route", "show", "type", "blackhole", "exact", overlay.subnet];
  const listed = await filterTool("ip", [flag(familyOf(overlay)), ...words]);
  const routes: ListedRoute[] = JSON.parse(listed || "[]");
  return routes.some((route) => route.metric === METRIC);
}

function flag(family: Family): "-4" | "-6" {
  return family === "ipv4" ? "-4" : "-6";
}
