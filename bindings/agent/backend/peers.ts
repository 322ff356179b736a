// From all leases to all plans. Each lease is judged for itself, and then against the others: one
// kernel, one FDB has one entry for one key, so of two leases that want different things of it one
// has to go without.
//
// The later write wins. A node that comes back with another underlay address has its MAC still, and
// its former lease lies around for up to a day: what it wrote last is where it is, and flannel, in
// whose FDB the last event stays, agrees. Who can write to the store can take a MAC over this way,
// but then he could as well write to the lease itself. Leases that agree are no conflict: one host
// may have two subnets, so the same PublicIP, or the same MAC at the same PublicIP, is fine.
import type { Lease } from "../lease.ts";
import type { OwnNode, PeerAnswer, PeerPlan } from "../plan.ts";
import type { Backend, IsOnLink } from "./backend.ts";

/** What each of these leases implies beside the others, in their order. The own one is left out. */
export function planPeers(
  backend: Backend,
  leases: Iterable<Lease>,
  own: OwnNode,
  isOnLink: IsOnLink,
): PeerAnswer[] {
  const others = [...leases].filter((lease) => lease.subnet !== own.subnet);
  const held = new Map<string, Claim>();
  const answers = new Map<Lease, PeerAnswer>();
  for (const lease of others.toSorted(latestFirst)) {
    const answer = backend.peer(lease, own, isOnLink);
    answers.set(lease, "reason" in answer ? answer : settle(answer, held));
  }
  return others.flatMap((lease) => answers.get(lease) ?? []);
}

/** Who holds a key, and what stands there. */
interface Claim {
  readonly value: string;
  readonly subnet: string;
}

function settle(plan: PeerPlan, held: Map<string, Claim>): PeerAnswer {
  const wanted = claims(plan);
  for (const [key, value] of wanted) {
    const other = held.get(key);
    if (other === undefined || other.value === value) continue;
    const reason = `${key} is at ${other.value} by the later lease of ${other.subnet}`;
    return { subnet: plan.subnet, reason };
  }
  for (const [key, value] of wanted) {
    if (!held.has(key)) held.set(key, { value, subnet: plan.subnet });
  }
  return plan;
}

function claims(plan: PeerPlan): [key: string, value: string][] {
  return [
    ...plan.neighbors.map(({ address, mac }): [string, string] => [`neighbor ${address}`, mac]),
    ...plan.fdb.map(({ mac, dst }): [string, string] => [`VtepMAC ${mac}`, dst]),
  ];
}

function latestFirst(a: Lease, b: Lease): number {
  if (a.modRevision !== b.modRevision) return a.modRevision > b.modRevision ? -1 : 1;
  return a.key < b.key ? -1 : 1;
}
