// Takes away what an agent has left in the kernel: routes that could not be told from its own, and
// its device, with which the device's routes, neighbors and FDB go.
import { findStale, type Scope } from "../../agent/reconcile.ts";
import type { Netcfg } from "./netcfg.ts";

/** Gives what could not be removed, and why. What is not there is no failure. */
export async function removeOurs(netcfg: Netcfg, scope: Scope): Promise<string[]> {
  const observed = { routes: await netcfg.routes(), neighbors: [] };
  const stale = findStale([], observed, { ...scope, routes: [] });
  const failures = await netcfg.apply(stale);
  const left = failures.map(({ change, reason }) => `${change.kind}: ${reason}`);
  const { device } = scope;
  if (device === null || (await netcfg.link(device)) === null) return left;
  const [failure] = await netcfg.ip([["link", "del", "dev", device]]);
  return failure === undefined ? left : [...left, `${device}: ${failure.reason}`];
}
