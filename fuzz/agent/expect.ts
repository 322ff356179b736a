// What peers there must be, by the leases that stand in a store.
import { deepStrictEqual, ok } from "node:assert";
import {
  type Lease,
  parseLeaseAttrs,
  parseSubnetKey,
  printLeaseAttrs,
  type StoreEntry,
} from "../../bindings/agent/index.ts";
import type { Member } from "./member.ts";

// A key that holds nonsense now may have been read before, or not: either is right.
export function expectPeers({ peers }: Member, own: Lease, entries: readonly StoreEntry[]): void {
  const keys = new Map(entries.map((entry) => [entry.key, entry]));
  const sure = [...peers.values()].filter(({ key }) => leaseOf(keys.get(key) ?? null) !== null);
  for (const { key } of peers.values()) ok(keys.has(key), `a peer that is gone: ${key}`);
  const expected = new Map<string, { lease: Lease; age: bigint }>();
  for (const entry of entries) {
    const lease = leaseOf(entry);
    if (lease === null || lease.subnet === own.subnet) continue;
    const age = entry.createRevision;
    const rival = expected.get(lease.subnet);
    if (rival === undefined || age < rival.age) expected.set(lease.subnet, { lease, age });
  }
  const vague = new Set([...peers.values()].filter((one) => !sure.includes(one)).map(bySubnet));
  const texts = [...expected.values()].map(({ lease }) => lease);
  const wanted = texts.filter((lease) => !vague.has(lease.subnet)).map(textOf);
  deepStrictEqual(sure.map(textOf).sort(), wanted.sort());
}

function bySubnet({ subnet }: Lease): string {
  return subnet;
}

function textOf({ key, attrs, modRevision, leaseId }: Lease): string {
  return `${key} ${modRevision} ${leaseId} ${printLeaseAttrs(attrs)}`;
}

export function leaseOf(entry: StoreEntry | null): Lease | null {
  if (entry === null) return null;
  try {
    const { key, value, modRevision, leaseId } = entry;
    return { key, ...parseSubnetKey(key), attrs: parseLeaseAttrs(value), modRevision, leaseId };
  } catch {
    return null;
  }
}

export function subnetsOf(key: string): { subnet: string }[] {
  try {
    return [{ subnet: parseSubnetKey(key).subnet }];
  } catch {
    return [];
  }
}
