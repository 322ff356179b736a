// The micro items: all hot calls of the core, on tables of sizes that are laid in seconds. What
// counts instructions and what compares branches takes them from here.

import { bulkItems } from "./bulk.ts";
import { natCases } from "./flows.ts";
import { leaseCases } from "./leases.ts";
import type { Item } from "./measure.ts";
import { offloadItems } from "./offloads.ts";
import {
  bridgeCases,
  decodeCases,
  ipipCases,
  resolveCases,
  routerCases,
  udpCases,
} from "./paths.ts";
import { fdbCases, floodCases, neighborCases, routeCases } from "./tables.ts";
import { vxlanCases } from "./vtep.ts";

// From 65,536 routes on there are spans, which look-ups read.
const SMALL = [1000];
const BOTH = [...SMALL, 100_000];

/** In the order of running. */
const SECTIONS: Readonly<Record<string, () => AsyncGenerator<Item>>> = {
  vxlan: vxlanCases,
  udp: udpCases,
  ipip: ipipCases,
  offload: offloadItems,
  bridge: bridgeCases,
  router: routerCases,
  resolve: resolveCases,
  nat: natCases,
  decode: decodeCases,
  bulk: bulkItems,
  fdb: () => fdbCases(BOTH),
  neighbor: () => neighborCases(SMALL),
  route: () => routeCases(BOTH),
  flood: () => floodCases(SMALL),
  lease: leaseCases,
};

export const MICRO_SECTIONS: readonly string[] = Object.keys(SECTIONS);

/** Each is to be used before the next one is asked for: some share their packets. */
export async function* microItems(only: readonly string[] = MICRO_SECTIONS): AsyncGenerator<Item> {
  for (const [name, items] of Object.entries(SECTIONS)) if (only.includes(name)) yield* items();
}
