// What the tests of iproute2's driver call inside a namespace.
import type { Change } from "../../../bindings/agent/change.ts";
import type { External } from "../../../bindings/agent/plan.ts";
import { chooseInterface, type InterfaceWish } from "../../../bindings/node/agent/interface.ts";
import { Netcfg } from "../../../bindings/node/agent/netcfg.ts";

const netcfg = new Netcfg();

export async function apply(changes: Change[]): Promise<{ at: number; reason: string }[]> {
  const failures = await netcfg.apply(changes);
  return failures.map(({ change, reason }) => ({ at: changes.indexOf(change), reason }));
}

export async function ip(lines: string[][]): Promise<unknown> {
  return netcfg.ip(lines);
}

export async function show(dev: string): Promise<unknown> {
  return {
    link: await netcfg.link(dev),
    addresses: await netcfg.addresses(dev),
    routes: await netcfg.routes(),
    neighbors: await netcfg.neighbors(dev),
    fdb: await netcfg.fdb(dev),
  };
}

export async function lookUp(addresses: string[]): Promise<unknown> {
  return [...(await netcfg.lookUp(addresses)).values()];
}

export async function choose(wish: InterfaceWish): Promise<External> {
  return chooseInterface(netcfg, wish);
}
