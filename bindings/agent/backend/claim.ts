// What a lease may claim at all, whatever the backend: whoever can write to the store must not be
// able to bend routes that are none of the overlay's, nor to send this node's packets to itself.
import { network, type Prefix, parseIpv4, parsePrefix } from "../../core/address.ts";
import type { Lease } from "../lease.ts";
import type { External } from "../plan.ts";

/** Why a lease cannot be a peer's, or null. */
export function claimFault(
  lease: Lease,
  own: { readonly subnet: string; readonly network: string },
  external: External,
): string | null {
  const subnet = prefixOf(lease.subnet);
  const all = parsePrefix(own.network);
  if (subnet === null) return `"${lease.subnet}" is no IPv4 subnet`;
  if (subnet.len < all.len || !contains(all, subnet.address)) {
    return `${lease.subnet} is not inside of ${own.network}`;
  }
  if (overlaps(subnet, parsePrefix(own.subnet))) {
    return `${lease.subnet} overlaps this node's own ${own.subnet}`;
  }
  return remoteFault(lease.attrs.publicIp, all, external);
}

function remoteFault(publicIp: string, all: Prefix, external: External): string | null {
  const address = addressOf(publicIp);
  if (address === null || !isHost(address)) return `PublicIP ${publicIp} is no host's address`;
  if (publicIp === external.publicIp || publicIp === external.address) {
    return `PublicIP ${publicIp} is this node's own`;
  }
  if (contains(all, address)) {
    return `PublicIP ${publicIp} is inside of the overlay: its packets would carry themselves`;
  }
  return null;
}

/** Neither 0/8 nor loopback, nor multicast or above. */
function isHost(address: number): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && first < 224;
}

function overlaps(a: Prefix, b: Prefix): boolean {
  return a.len < b.len ? contains(a, b.address) : contains(b, a.address);
}

function contains(prefix: Prefix, address: number): boolean {
  return network({ address, len: prefix.len }) === prefix.address;
}

function prefixOf(text: string): Prefix | null {
  try {
    return parsePrefix(text);
  } catch {
    return null;
  }
}

function addressOf(text: string): number | null {
  try {
    return parseIpv4(text);
  } catch {
    return null;
  }
}
