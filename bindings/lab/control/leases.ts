// Nodes that ask for a subnet, one after another, by flannel's rules.
import { parseNetworkConfig } from "../../agent/index.ts";
import { type Core, HeddleError, LeaseRules } from "../../core/index.ts";
import type { Dice } from "../dice.ts";

export interface NodeLease {
  readonly node: string;
  readonly publicIp: string;
  /** Null: there was none left. */
  readonly subnet: string | null;
}

/** A lease that somebody has. */
export interface HeldLease {
  readonly subnet: string;
  readonly publicIp: string;
}

/**
 * The subnet of a node: the one that it has already, else a free one, else none. The config is
 * JSON, as it lies in the store.
 */
export function acquireLease(
  core: Core,
  config: string,
  held: readonly HeldLease[],
  publicIp: string,
  dice: Dice,
): string | null {
  const rules = new LeaseRules(core);
  const { network, subnetLen, subnetMin, subnetMax } = parseNetworkConfig(config, rules);
  const range = { network, subnetLen, subnetMin, subnetMax };
  const own = held[rules.own(range, held, publicIp) ?? -1]?.subnet;
  if (own !== undefined && rules.isCompatible(range, own)) return own;
  try {
    return rules.pick(range, held, dice.u32()).subnet;
  } catch (error) {
    if (error instanceof HeddleError && error.code === "OutOfSubnets") return null;
    throw error;
  }
}

/** What a config and the card of a node come to. */
export interface LeaseTerms {
  readonly network: string;
  readonly backendType: string;
  readonly mtu: number;
}

/** What each backend takes of the card's MTU; others take nothing. */
const OVERHEADS: Readonly<Record<string, number>> = { vxlan: 50, udp: 28, ipip: 20 };

export function leaseTerms(core: Core, config: string, cardMtu: number): LeaseTerms {
  const { network, backend } = parseNetworkConfig(config, new LeaseRules(core));
  const { type: backendType } = backend;
  return { network, backendType, mtu: cardMtu - (OVERHEADS[backendType] ?? 0) };
}

/** Nodes that come one after another; `nodes` are public addresses by name. */
export function acquireLeases(
  core: Core,
  config: string,
  nodes: Readonly<Record<string, string>>,
  dice: Dice,
): NodeLease[] {
  const held: HeldLease[] = [];
  return Object.entries(nodes).map(([node, publicIp]) => {
    const subnet = acquireLease(core, config, held, publicIp, dice);
    if (subnet !== null) held.push({ subnet, publicIp });
    return { node, publicIp, subnet };
  });
}
