// What one peer claims of the tunnel's tables, read out of its plan. A plan comes from the store,
// so what it says is checked here, before any of it is an entry.
import type { PeerPlan } from "../../agent/plan.ts";
import {
  type JournalEntry,
  parseIpv4,
  parseMac,
  parsePrefix,
  printIpv4,
  printMac,
  printPrefix,
} from "../../core/index.ts";
import { TUNNEL_PORT } from "../ports.ts";

/** The one broadcast domain of a VXLAN. */
export const DOMAIN = 0;

/** What leads to a remote: "fdb 02:42:ac:11:00:02", "routes 10.5.72.0/24". */
export type Key = `${"fdb" | "routes"} ${string}`;

export interface Claim {
  readonly subnet: string;
  /** The one underlay address that the peer may send from; null: nothing is claimed. */
  readonly remote: string | null;
  /** The MACs that live behind the remote, the subnets that lead to it and are its own. */
  readonly keys: readonly Key[];
}

/** Throws HeddleError for what is no address, MAC or prefix, Error for a plan against itself. */
export function claimOf(plan: PeerPlan): Claim {
  const remote = printIpv4(parseIpv4(plan.remote));
  const keys = new Set<Key>();
  for (const { mac, dst } of plan.fdb) {
    checkSame(remote, dst);
    keys.add(stationKey(mac));
  }
  for (const { dst, remote: end } of plan.tunnelRoutes) {
    checkSame(remote, end);
    keys.add(prefixKey(dst));
  }
  // A peer on the link gets no packets by the tunnel; it may still send some.
  if (keys.size > 0) keys.add(prefixKey(plan.subnet));
  return { subnet: plan.subnet, remote, keys: [...keys] };
}

/** The claim of a peer that is gone. */
export function noClaim(subnet: string): Claim {
  return { subnet, remote: null, keys: [] };
}

export function stationKey(mac: string): Key {
  return `fdb ${printMac(parseMac(mac))}`;
}

export function prefixKey(prefix: string): Key {
  return `routes ${printPrefix(parsePrefix(prefix))}`;
}

/** The entry that leads `key` to the remote at `index`, whose hop has the same index. */
export function setEntry(key: Key, index: number): JournalEntry {
  const [table, name] = partsOf(key);
  if (table === "routes") return { table, op: "set", record: { prefix: name, hop: index } };
  const place = { domain: DOMAIN, port: TUNNEL_PORT, remote: index };
  return { table, op: "set", record: { ...place, mac: name, flags: ["permanent"] } };
}

export function removeEntry(key: Key): JournalEntry {
  const [table, name] = partsOf(key);
  if (table === "routes") return { table, op: "remove", record: { prefix: name } };
  return { table, op: "remove", record: { domain: DOMAIN, mac: name } };
}

function partsOf(key: Key): ["fdb" | "routes", string] {
  const at = key.indexOf(" ");
  return [key.slice(0, at) as "fdb" | "routes", key.slice(at + 1)];
}

function checkSame(remote: string, end: string): void {
  if (printIpv4(parseIpv4(end)) === remote) return;
  throw new Error(`an entry leads to ${end}, but the peer is ${remote}`);
}
