// All tables of a node, behind one another in the order of ABI.md.
import { nodeAt } from "../base/node";
import { domainsLen, domainsOpen } from "./domain";
import { fdbLen, fdbOpen } from "./fdb";
import { floodLen, floodOpen } from "./flood";
import { hopsLen, hopsOpen } from "./hop";
import { neighborsLen, neighborsOpen } from "./neighbor";
import { portsLen, portsOpen } from "./port";
import { remotesLen, remotesOpen } from "./remote";
import { routeLen, routeOpen } from "./route";

/** Capacities and seeds of a node, 64 bytes. */
export const enum CapsAt {
  Abi = 0,
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

/** Bytes of the tables. Requires: capacities within their limits. */
export function tablesLen(caps: usize): u64 {
  const routes = routeLen(load<u32>(caps, CapsAt.Routes), load<u32>(caps, CapsAt.RoutePoolBytes));
  const some =
    portsLen(load<u32>(caps, CapsAt.Ports)) +
    domainsLen(load<u32>(caps, CapsAt.Domains)) +
    remotesLen(load<u32>(caps, CapsAt.Remotes)) +
    fdbLen(load<u32>(caps, CapsAt.Fdb));
  const others =
    floodLen(load<u32>(caps, CapsAt.Flood)) +
    hopsLen(load<u32>(caps, CapsAt.Hops)) +
    neighborsLen(load<u32>(caps, CapsAt.Neighbors));
  return some + others + routes;
}

/**
 * Lays all tables out, empty, from `base` on. Requires: tablesLen(caps) bytes there; what they
 * hold does not matter. A header is cleared before its table opens.
 */
export function openTables(node: usize, base: usize, caps: usize, seed: u64): void {
  memory.fill(node + nodeAt.PORT, 0, nodeAt.COUNTERS - nodeAt.PORT);
  const ports = load<u32>(caps, CapsAt.Ports);
  portsOpen(node, base, ports);
  base += <usize>portsLen(ports);
  const domains = load<u32>(caps, CapsAt.Domains);
  domainsOpen(node, base, domains, seed + DOMAIN_SALT);
  base += <usize>domainsLen(domains);
  const remotes = load<u32>(caps, CapsAt.Remotes);
  remotesOpen(node, base, remotes, seed + REMOTE_SALT);
  base += <usize>remotesLen(remotes);
  const fdb = load<u32>(caps, CapsAt.Fdb);
  fdbOpen(node, base, fdb, seed + FDB_SALT);
  base += <usize>fdbLen(fdb);
  const flood = load<u32>(caps, CapsAt.Flood);
  floodOpen(node, base, flood);
  base += <usize>floodLen(flood);
  const hops = load<u32>(caps, CapsAt.Hops);
  hopsOpen(node, base, hops);
  base += <usize>hopsLen(hops);
  const neighbors = load<u32>(caps, CapsAt.Neighbors);
  neighborsOpen(node, base, neighbors, seed + NEIGHBOR_SALT);
  base += <usize>neighborsLen(neighbors);
  routeOpen(node, base, load<u32>(caps, CapsAt.Routes), load<u32>(caps, CapsAt.RoutePoolBytes));
}
