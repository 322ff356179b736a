// Builds a plan: nodes and their tables, hosts and containers, the cables between them.

import { applyJournal, HeddleError, type HeddleNode, type JournalEntry } from "../core/index.ts";
import { MICROSECOND } from "./clock.ts";
import type { Container } from "./container.ts";
import type { Engine } from "./engine.ts";
import { type Host, PORT } from "./host.ts";
import { delayed } from "./link.ts";
import { type HostPlan, type NetworkPlan, SUBNET_LEN } from "./plan.ts";
import { FLANNELD_PORT, flanneldTables, hostTables } from "./tables.ts";
import { Tunnel } from "./tunnel.ts";

/** A host and the container on it. */
export interface Site {
  readonly host: Host;
  readonly container: Container;
}

const VETH_NS = 2 * MICROSECOND;
const UNDERLAY_NS = 20 * MICROSECOND;

const CAPS = { slots: 256 }; // what a bulk transfer has in flight, and the spare bytes

/** Adds the hosts of `plan` to a lab, joined and with full tables. Throws HeddleError. */
export function buildNetwork(engine: Engine, plan: NetworkPlan): readonly [Site, Site] {
  const [one, two] = plan.hosts;
  const sites = [buildSite(engine, plan, one, two), buildSite(engine, plan, two, one)] as const;
  engine.link(sites[0].host.eth0, sites[1].host.eth0, delayed(UNDERLAY_NS));
  return sites;
}

function buildSite(engine: Engine, plan: NetworkPlan, mine: HostPlan, other: HostPlan): Site {
  const node = openNode(engine, hostTables(plan, mine, other));
  const tunnel = openTunnel(engine, plan, node, flanneldTables(plan, mine, other));
  const host = engine.addHost({ name: mine.name, node, tunnel, mouth: plan.device });
  const { name, address, mac } = mine.container;
  const gateway = mine.bridge.address;
  const station = { name, mac, ipv4: address, prefixLen: SUBNET_LEN, gateway };
  const container = engine.addContainer(station);
  engine.link(container.eth0, host.bridge, delayed(VETH_NS));
  return { host, container };
}

/** A VXLAN device is part of the host's namespace; flanneld has a node of its own. */
function openTunnel(
  engine: Engine,
  plan: NetworkPlan,
  node: HeddleNode,
  flanneld: readonly JournalEntry[],
): Tunnel {
  const { clock } = engine;
  if (plan.backend === "vxlan") return new Tunnel(clock, "vxlan", node, PORT.mouth);
  return new Tunnel(clock, "udp", openNode(engine, flanneld), FLANNELD_PORT);
}

function openNode(engine: Engine, journal: readonly JournalEntry[]): HeddleNode {
  const node = engine.core.openNode({ ...CAPS, seed: engine.dice.u64() });
  applyJournal(node, journal, engine.clock.nowMs).forEach((result, at) => {
    if (result.code !== "Ok") throw new HeddleError(result.code, journal[at], result.expected);
  });
  return node;
}
