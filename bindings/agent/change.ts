// One step from what a kernel holds to what plans want of it.
import type { FdbPlan, NeighborPlan, RoutePlan } from "./plan.ts";

/**
 * Both kinds of step can be made twice: what stands already is put again, what is not there is
 * removed. A put replaces what has the same key: a route's destination, a neighbor's address, an
 * FDB entry's MAC.
 */
export type Change = { readonly action: "put" | "remove" } & Entry;

export type Entry =
  | { readonly kind: "neighbor"; readonly entry: NeighborPlan }
  | { readonly kind: "fdb"; readonly entry: FdbPlan }
  | { readonly kind: "route"; readonly entry: RoutePlan };
