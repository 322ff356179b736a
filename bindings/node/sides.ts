// What heddle is compared with: a second and a third network between the same two containers.
import { UNDERLAY_MTU } from "../lab/overlay/plan.ts";

/** Whose tunnel a host has. */
export type Peer = "heddle" | "kernel";

export interface SidePlan {
  readonly name: "kernel VXLAN" | "plain veth";
  /** The first two octets; the rest is the overlay's own. */
  readonly prefix: "10.2" | "10.3";
  /** Over a VXLAN device of the kernel, or routed over the underlay as it is. */
  readonly isTunnel: boolean;
}

export const SIDES: readonly SidePlan[] = [
  { name: "kernel VXLAN", prefix: "10.2", isTunnel: true },
  { name: "plain veth", prefix: "10.3", isTunnel: false },
];

export const SIDE_DEVICE = "kernel.2";
export const SIDE_VNI = 2;
export const SIDE_PORT = 4789; // not the overlay's, so that neither takes the other's packets
export const SIDE_MTU: number = UNDERLAY_MTU - 50; // of both, so that both carry the same segments

/** The same station in a side network: 10.1.15.2 is 10.2.15.2 there. */
export function sideAddress(side: SidePlan, address: string): string {
  return [side.prefix, ...address.split(".").slice(2)].join(".");
}
