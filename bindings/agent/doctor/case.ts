// The facts put together: who this node is, what its config and the leases imply, what there is.
import { parseNetwork } from "../../core/address.ts";
import { HeddleError } from "../../core/status.ts";
import type { Backend } from "../backend/index.ts";
import type { NetworkConfig } from "../config.ts";
import type { Lease } from "../lease.ts";
import type { ObservedRoute } from "../observed.ts";
import type { DevicePlan, External, PeerPlan, PeerRefusal } from "../plan.ts";
import { isInside } from "../reconcile.ts";
import { parseVxlanData } from "../value.ts";
import type { HostFacts, LinkFact, StoreFacts } from "./facts.ts";
import { quote } from "./finding.ts";

/** A lease, and the seconds that it has left; null for a reservation. */
export interface TimedLease extends Lease {
  readonly ttlS: number | null;
}

export interface Case {
  readonly host: HostFacts;
  readonly store: StoreFacts;
  readonly config: NetworkConfig;
  readonly backend: Backend;
  readonly external: External;
  readonly own: TimedLease;
  readonly peers: readonly PeerPlan[];
  readonly refusals: readonly PeerRefusal[];
}

/** The device that the backend wants, and what there is by that name. */
export function deviceOf({
  backend,
  host,
}: Case): [plan: DevicePlan, link: LinkFact | null] | null {
  if (backend.device === null) return null;
  return [backend.device, linkNamed(host, backend.device.name)];
}

export function linkNamed(host: HostFacts, name: string): LinkFact | null {
  return host.links.find((link) => link.name === name) ?? null;
}

/** The MAC that a lease names, null where it names none. */
export function publishedMac({ attrs }: Lease): string | null {
  try {
    return parseVxlanData(attrs.backendData).vtepMac;
  } catch (error) {
    if (error instanceof HeddleError) return null;
    throw error;
  }
}

/** Addresses of a device, without their lengths. */
export function addressesOf(link: LinkFact): string[] {
  return link.addresses.map((address) => address.slice(0, address.indexOf("/")));
}

/** Where the main table leads: the route with the longest prefix, undefined where none does. */
export function lookUp(
  routes: readonly ObservedRoute[],
  address: string,
): ObservedRoute | undefined {
  const matching = routes.filter(({ dst }) => isInside(dst, address));
  return matching.sort((a, b) => parseNetwork(b.dst).len - parseNetwork(a.dst).len)[0];
}

/** Whether an address is reached without a gateway. */
export function isOnLink(routes: readonly ObservedRoute[], address: string): boolean {
  const route = lookUp(routes, address);
  return route !== undefined && route.type === "unicast" && route.via === null;
}

/** The line that deletes keys of the store; none where the store has no tool. */
export function deleteKey({ tool }: StoreFacts, key: string): string[] {
  return tool === null ? [] : [shellLine([...tool, "del", "--", key])];
}

/** The line that writes a key of the store. */
export function putKey({ tool }: StoreFacts, key: string, value: string): string[] {
  return tool === null ? [] : [shellLine([...tool, "put", "--", key, value])];
}

function shellLine(words: readonly string[]): string {
  return words.map(quote).join(" ");
}
