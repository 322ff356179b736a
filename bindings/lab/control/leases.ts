// Nodes that ask for a subnet, one after another, by flannel's rules.
import { parseNetworkConfig } from "../../agent/index.ts";
import { type Core, HeddleError, type LeaseInit, LeaseRules } from "../../core/index.ts";
import type { Dice } from "../dice.ts";

export interface NodeLease {
  readonly node: string;
  readonly publicIp: string;
  /** Null: there was none left. */
  readonly subnet: string | null;
  /** What flanneld says where there is none: "out of subnets". */
  readonly refusal: string | null;
}

/** `nodes` are public addresses by name. The config is JSON, as it lies in the store. */
export function acquireLeases(
  core: Core,
  config: string,
  nodes: Readonly<Record<string, string>>,
  dice: Dice,
): NodeLease[] {
  const rules = new LeaseRules(core);
  const { network, subnetLen, subnetMin, subnetMax } = parseNetworkConfig(config, rules);
  const range = { network, subnetLen, subnetMin, subnetMax };
  const held: LeaseInit[] = [];
  return Object.entries(nodes).map(([node, publicIp]) => {
    try {
      const { subnet } = rules.pick(range, held, dice.u32());
      held.push({ subnet, publicIp });
      return { node, publicIp, subnet, refusal: null };
    } catch (error) {
      if (!(error instanceof HeddleError) || error.code !== "OutOfSubnets") throw error;
      return { node, publicIp, subnet: null, refusal: "out of subnets" };
    }
  });
}
