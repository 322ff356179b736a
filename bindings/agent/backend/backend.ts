// What a backend is: from the network config and the underlay it says what device a node has, what
// its lease tells the others, and what a lease of another node implies. It does nothing.
import type { Lease, LeaseAttrs } from "../lease.ts";
import type { DevicePlan, OwnNode, PeerAnswer } from "../plan.ts";

/** Whether an underlay address is reached without a gateway. */
export type IsOnLink = (address: string) => boolean;

export interface Backend {
  readonly type: "vxlan" | "udp" | "host-gw" | "alloc";
  /** What containers can send, bytes: FLANNEL_MTU of subnet.env. */
  readonly mtu: number;
  /** null: the backend needs none. */
  readonly device: DevicePlan | null;
  /** Whether plans depend on what is on-link, which may change while leases do not. */
  readonly asksOnLink: boolean;
  /** What this node's lease says; `mac` is its device's, null where there are no frames. */
  attrs(mac: string | null): LeaseAttrs;
  /** What a lease of another node implies. Anything may stand in a lease: it never throws. */
  peer(lease: Lease, own: OwnNode, isOnLink: IsOnLink): PeerAnswer;
}

/** The address of a lease's device, which is the subnet's first: "10.5.72.0/32". */
export function deviceAddress(subnet: string): string {
  return `${subnetBase(subnet)}/32`;
}

/** "10.5.72.0" of "10.5.72.0/24": the device's address, and the gateway of the others. */
export function subnetBase(subnet: string): string {
  return subnet.slice(0, subnet.indexOf("/"));
}

/** What a node publishes that has no data of a backend. */
export function plainAttrs(publicIp: string, backendType: string): LeaseAttrs {
  return { publicIp, publicIpv6: null, backendType };
}
