// The leases as they lie in the store: each for itself, and against the others.
import { parseNetwork } from "../../core/address.ts";
import { HeddleError } from "../../core/status.ts";
import type { NetworkConfig } from "../config.ts";
import { parseSubnetKey } from "../key.ts";
import { isInside } from "../reconcile.ts";
import { parseLeaseAttrs, parseVxlanData } from "../value.ts";
import { deleteKey, publishedMac, type TimedLease } from "./case.ts";
import type { StoreFacts, TimedEntry } from "./facts.ts";
import { type Finding, warning, wrong } from "./finding.ts";

export interface LeaseReading {
  readonly leases: readonly TimedLease[];
  readonly findings: readonly Finding[];
}

/** Reads what can be read, and names the rest. */
export function readLeases(store: StoreFacts): LeaseReading {
  const leases: TimedLease[] = [];
  const findings: Finding[] = [];
  for (const entry of store.entries) {
    try {
      leases.push(leaseOf(entry));
    } catch (error) {
      if (!(error instanceof HeddleError)) throw error;
      const message = `${entry.key} is no lease: ${error.message}`;
      findings.push(wrong("lease-malformed", entry.key, message, ...deleteKey(store, entry.key)));
    }
  }
  return { leases, findings };
}

function leaseOf({ key, value, modRevision, leaseId, ttlS }: TimedEntry): TimedLease {
  const attrs = parseLeaseAttrs(value);
  return { ...parseSubnetKey(key), key, attrs, modRevision, leaseId, ttlS };
}

/** Leases that contradict the config or one another. */
export function leaseFindings(
  store: StoreFacts,
  config: NetworkConfig,
  leases: readonly TimedLease[],
): Finding[] {
  return [
    ...leases.flatMap((lease) => [
      ...placeFindings(store, config, lease),
      ...backendFindings(store, config, lease),
    ]),
    ...clashFindings(store, leases),
  ];
}

function placeFindings(
  store: StoreFacts,
  { network, subnetLen }: NetworkConfig,
  { key, subnet }: TimedLease,
): Finding[] {
  const { len } = parseNetwork(subnet);
  if (!isInside(network, subnet)) {
    const message = `${subnet} is leased, and lies outside of ${network}`;
    return [wrong("lease-outside", subnet, message, ...deleteKey(store, key))];
  }
  if (len === subnetLen) return [];
  const message = `${subnet} is leased, and the config's subnets have ${subnetLen} bits`;
  return [warning("lease-outside", subnet, message, ...deleteKey(store, key))];
}

function backendFindings(store: StoreFacts, config: NetworkConfig, lease: TimedLease): Finding[] {
  const { backend } = config;
  const { attrs, key, subnet } = lease;
  if (backend.type !== "vxlan" || attrs.backendType !== "vxlan") return [];
  try {
    const { vni } = parseVxlanData(attrs.backendData);
    if (vni === null || vni === backend.vni) return [];
    const message = `${subnet} at ${attrs.publicIp} has VNI ${vni}; the config says ${backend.vni}`;
    return [wrong("lease-vni", subnet, message)];
  } catch (error) {
    if (!(error instanceof HeddleError)) throw error;
    const message = `the lease of ${subnet} is malformed: ${error.message}`;
    return [wrong("lease-malformed", subnet, message, ...deleteKey(store, key))];
  }
}

/** Two of them with one address, of a node, of a device or of a container: the older has to go. */
function clashFindings(store: StoreFacts, leases: readonly TimedLease[]): Finding[] {
  const latestFirst = leases.toSorted((a, b) => (a.modRevision > b.modRevision ? -1 : 1));
  const clash = (code: string, what: string, [older, newer]: Pair): Finding => {
    const message = `${older.subnet} and, by a later lease, ${newer.subnet} have ${what}`;
    return wrong(code, older.subnet, message, ...deleteKey(store, older.key));
  };
  return [
    ...overlaps(latestFirst).map((pair) => clash("lease-overlap", "addresses in common", pair)),
    ...twins(latestFirst, publicIpOf).map((pair) =>
      clash("lease-public-ip", `one PublicIP, ${pair[0].attrs.publicIp}`, pair),
    ),
    ...twins(latestFirst, publishedMac)
      .filter(([older, newer]) => publicIpOf(older) !== publicIpOf(newer))
      .map((pair) => clash("lease-mac", `one VtepMAC, ${publishedMac(pair[0])}`, pair)),
  ];
}

type Pair = readonly [older: TimedLease, newer: TimedLease];

/** Leases that say the same word as a later one. */
function twins(
  latestFirst: readonly TimedLease[],
  wordOf: (lease: TimedLease) => string | null,
): Pair[] {
  const latest = new Map<string, TimedLease>();
  return latestFirst.flatMap((lease): Pair[] => {
    const word = wordOf(lease);
    if (word === null) return [];
    const newer = latest.get(word);
    if (newer !== undefined) return [[lease, newer]];
    latest.set(word, lease);
    return [];
  });
}

/** Prefixes in order: one that overlaps others comes right before them. */
function overlaps(leases: readonly TimedLease[]): Pair[] {
  const widestFirst = leases.toSorted((a, b) => {
    const [one, other] = [parseNetwork(a.subnet), parseNetwork(b.subnet)];
    return one.address - other.address || one.len - other.len;
  });
  let outer: TimedLease | undefined;
  return widestFirst.flatMap((lease): Pair[] => {
    if (outer !== undefined && isInside(outer.subnet, lease.subnet)) {
      return [outer.modRevision < lease.modRevision ? [outer, lease] : [lease, outer]];
    }
    outer = lease;
    return [];
  });
}

function publicIpOf({ attrs }: TimedLease): string | null {
  return attrs.publicIp === "0.0.0.0" ? null : attrs.publicIp;
}
