// What a swarm gives out: networks out of its pool, their VNIs, and the addresses in one.
import { parsePrefix, printIpv4, printPrefix } from "../../core/index.ts";

const POOL = "10.0.0.0/8";
const NETWORK_LEN = 24;
const VNI_FIRST = 4096; // of libnetwork's overlay driver
const INGRESS = "ingress";

export interface SwarmNetwork {
  readonly name: string;
  readonly subnet: string;
  readonly vni: number;
}

/** The networks of a swarm in the order of their making: its own, for ingress, is the first. */
export function swarmNetworks(names: readonly string[], pool: string = POOL): SwarmNetwork[] {
  const { address } = parsePrefix(pool);
  return [INGRESS, ...names].map((name, index) => ({
    name,
    subnet: printPrefix({ address: address + index * 2 ** (32 - NETWORK_LEN), len: NETWORK_LEN }),
    vni: VNI_FIRST + index,
  }));
}

/** Who has which address in a network, each as "10.0.1.3/24". */
export interface SwarmAddresses {
  readonly gateway: string;
  /** Of the service. */
  readonly virtual: string;
  readonly tasks: Readonly<Record<string, string>>;
  /** Load-balancer endpoints, by node. */
  readonly endpoints: Readonly<Record<string, string>>;
}

/** One service with its tasks; nodes in the order in which they joined the network. */
export function swarmAddresses(
  subnet: string,
  tasks: readonly string[],
  nodes: readonly string[],
): SwarmAddresses {
  const { address, len } = parsePrefix(subnet);
  const at = (index: number): string => `${printIpv4(address + index)}/${len}`;
  const named = (names: readonly string[], first: number): Record<string, string> =>
    Object.fromEntries(names.map((name, index) => [name, at(first + index)]));
  return {
    gateway: at(1),
    virtual: at(2),
    tasks: named(tasks, 3),
    endpoints: named(nodes, 3 + tasks.length),
  };
}
