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
 * Lays all tables out, empty, from `base` on. Requires: tablesLen(caps) bytes there, whatever they
 * hold. Headers are cleared before their tables open. Returns: the first address behind them.
 */
export function openTables(node: usize, base: usize, caps: usize, seed: u64): usize {
  memory.fill(node + nodeAt.PORT, 0, nodeAt.COUNTERS - nodeAt.PORT);
  base = portsOpen(node, base, load<u32>(caps, CapsAt.Ports));
  base = domainsOpen(node, base, load<u32>(caps, CapsAt.Domains), seed + DOMAIN_SALT);
  base = remotesOpen(node, base, load<u32>(caps, CapsAt.Remotes), seed + REMOTE_SALT);
  base = fdbOpen(node, base, load<u32>(caps, CapsAt.Fdb), seed + FDB_SALT);
  base = floodOpen(node, base, load<u32>(caps, CapsAt.Flood));
  base = hopsOpen(node, base, load<u32>(caps, CapsAt.Hops));
  base = neighborsOpen(node, base, load<u32>(caps, CapsAt.Neighbors), seed + NEIGHBOR_SALT);
  const routes = load<u32>(caps, CapsAt.Routes);
  const poolBytes = load<u32>(caps, CapsAt.RoutePoolBytes);
  routeOpen(node, base, routes, poolBytes);
  return base + <usize>routeLen(routes, poolBytes);
}
