// What every device of the overlay needs, whoever made it: MTU, MAC, the lease's address and no
// older one, no router advertisements, up, and the routes that are there as long as it is. Only
// what differs is changed, so it can be done again at will.
import { writeFile } from "node:fs/promises";
import type { Link, ObservedAddress, ObservedRoute } from "../../agent/observed.ts";
import type { DevicePlan, RoutePlan } from "../../agent/plan.ts";
import { isInside, isSameRoute } from "../../agent/reconcile.ts";
import { NetworkError } from "../netns.ts";
import type { Netcfg } from "./netcfg.ts";
import { lineOf } from "./netcfg-line.ts";

export interface DeviceSetup {
  readonly plan: DevicePlan;
  /** As the kernel has it. */
  readonly name: string;
  /** The lease's, as "10.5.72.0/32". */
  readonly address: string;
  /** null: the device has none, or keeps what it has. */
  readonly mac: string | null;
}

/** Requires: the device exists. Throws NetworkError, having done what could be done. */
export async function setUpDevice(netcfg: Netcfg, setup: DeviceSetup): Promise<void> {
  const { name, plan } = setup;
  const link = await netcfg.link(name);
  if (link === null) throw new NetworkError(`${name}: no such device`);
  await forbidAdvertisements(name);
  const addresses = await netcfg.addresses(name);
  await carryOut(netcfg, name, [...linkLines(link, setup), ...addressLines(addresses, setup)]);
  // Not before the device is up: the kernel takes no routes of one that is down.
  if (plan.routes.length === 0) return;
  await carryOut(netcfg, name, routeLines(await netcfg.routes(), setup));
}

function linkLines(link: Link, { plan, name, mac }: DeviceSetup): string[][] {
  const set = ["link", "set", "dev", name];
  return [
    ...(link.mtu === plan.mtu ? [] : [[...set, "mtu", String(plan.mtu)]]),
    ...(mac === null || link.mac === mac ? [] : [[...set, "address", mac]]),
    ...(link.isUp ? [] : [[...set, "up"]]),
  ];
}

function addressLines(
  addresses: readonly ObservedAddress[],
  { plan, name, address }: DeviceSetup,
): string[][] {
  const stale = addresses.filter(
    (one) => one.address !== address && isInside(plan.network, one.address),
  );
  const isThere = addresses.some((one) => one.address === address);
  return [
    ...stale.map((one) => ["address", "del", one.address, "dev", name]),
    ...(isThere ? [] : [["address", "add", address, "dev", name]]),
  ];
}

function routeLines(routes: readonly ObservedRoute[], { plan, name }: DeviceSetup): string[][] {
  const wanted = plan.routes.map((route): RoutePlan => ({ ...route, dev: name }));
  return wanted
    .filter((route) => !routes.some((one) => isSameRoute(route, one)))
    .map((entry) => lineOf({ action: "put", kind: "route", entry }));
}

async function carryOut(netcfg: Netcfg, name: string, lines: string[][]): Promise<void> {
  const failures = await netcfg.ip(lines);
  if (failures.length === 0) return;
  const said = failures.map(({ index, reason }) => `ip ${lines[index]?.join(" ")}: ${reason}`);
  throw new NetworkError(`${name}: ${said.join("; ")}`);
}

/** A pod that plays router would get the host's IPv6 traffic. A kernel without IPv6 needs none. */
async function forbidAdvertisements(name: string): Promise<void> {
  await writeFile(`/proc/sys/net/ipv6/conf/${name}/accept_ra`, "0").catch(() => {});
}
