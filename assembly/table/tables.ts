// All tables of a node, behind one another in the order of ABI.md.
import { layDomains } from "./domain";
import { layFdb } from "./fdb";
import { layFlood } from "./flood";
import { layHops } from "./hop";
import { layNeighbors } from "./neighbor";
import { layPorts } from "./port";
import { layRemotes } from "./remote";
import { clearRoutes, layRoutes } from "./route";
import { layRules } from "./rule";
import { layConns } from "./track";

/** Capacities and seeds of a node, 64 bytes. */
export const enum CapsAt {
  Abi = 0, // u16
  Rules = 2, // u16
  Routes = 4,
  RoutePoolBytes = 8,
  Hops = 12,
  Fdb = 16,
  Neighbors = 20,
  Remotes = 24,
  Ports = 28,
  Domains = 32,
  Flood = 36,
  Conns = 40,
  Scratch = 44,
  Slots = 48,
  SlotStride = 52,
  SeedLo = 56,
  SeedHi = 60,
  End = 64,
}

// What keeps the maps of one node from sharing a hash.
const FDB_SALT: u64 = 0x100;
const NEIGHBOR_SALT: u64 = 0x200;
const REMOTE_SALT: u64 = 0x300;
const DOMAIN_SALT: u64 = 0x400;
const FLOOD_SALT: u64 = 0x500;
const CONN_SALT: u64 = 0x600;

/**
 * Writes the headers of all tables, as they lie from `base` on; memory there is left alone.
 * Requires: headers of zeros, capacities within their limits. Returns: the first address behind
 * the tables, a line's beginning.
 */
export function layTables(node: usize, base: usize, caps: usize, seed: u64): usize {
  const poolBytes = load<u32>(caps, CapsAt.RoutePoolBytes);
  base = layRoutes(node, base, load<u32>(caps, CapsAt.Routes), poolBytes);
  base = layHops(node, base, load<u32>(caps, CapsAt.Hops));
  base = layFdb(node, base, load<u32>(caps, CapsAt.Fdb), seed + FDB_SALT);
  base = layNeighbors(node, base, load<u32>(caps, CapsAt.Neighbors), seed + NEIGHBOR_SALT);
  base = layRemotes(node, base, load<u32>(caps, CapsAt.Remotes), seed + REMOTE_SALT);
  base = layPorts(node, base, load<u32>(caps, CapsAt.Ports));
  base = layDomains(node, base, load<u32>(caps, CapsAt.Domains), seed + DOMAIN_SALT);
  base = layFlood(node, base, load<u32>(caps, CapsAt.Flood), seed + FLOOD_SALT);
  base = layConns(node, base, load<u32>(caps, CapsAt.Conns), seed + CONN_SALT);
  return layRules(node, base, load<u16>(caps, CapsAt.Rules));
}

/** Empties tables that layTables laid out from `base` to `end`. */
export function clearTables(node: usize, base: usize, end: usize): void {
  memory.fill(base, 0, end - base);
  clearRoutes(node);
}
