// Which network docker takes for a new bridge, and the names of its namespaces.
import { network, parseNetwork, parsePrefix, printIpv4, printPrefix } from "../../core/index.ts";

/** libnetwork's local pools: blocks, and how long a network in them is. */
const POOLS: readonly { readonly block: string; readonly len: number }[] = [
  { block: "172.17.0.0/16", len: 16 },
  { block: "172.18.0.0/16", len: 16 },
  { block: "172.19.0.0/16", len: 16 },
  { block: "172.20.0.0/14", len: 16 },
  { block: "172.24.0.0/14", len: 16 },
  { block: "172.28.0.0/14", len: 16 },
  { block: "192.168.0.0/16", len: 20 },
];

/**
 * The first network that overlaps none of docker's own, and no link-scope route of the host: those
 * that a device of its own has. Null: all are in use.
 */
export function nextDockerNetwork(
  own: readonly string[],
  linkRoutes: readonly string[],
): string | null {
  const taken = [...own, ...linkRoutes];
  for (const free of networks()) {
    if (!taken.some((each) => overlaps(each, free))) return free;
  }
  return null;
}

/** The gateway that docker gives a network: its first address. */
export function gatewayOf(subnet: string): string {
  const { address, len } = parsePrefix(subnet);
  return `${printIpv4(address + 1)}/${len}`;
}

function* networks(): Generator<string> {
  for (const { block, len } of POOLS) {
    const { address, len: blockLen } = parsePrefix(block);
    const count = 2 ** (len - blockLen);
    for (let index = 0; index < count; index++) {
      yield printPrefix({ address: address + index * 2 ** (32 - len), len });
    }
  }
}

function overlaps(a: string, b: string): boolean {
  const [one, other] = [parseNetwork(a), parseNetwork(b)];
  const len = Math.min(one.len, other.len);
  return network({ ...one, len }) === network({ ...other, len });
}

const SANDBOX_NAME_LEN = 12;
const ID_LEN_OF_BALANCER = 9;

/** The namespace of an overlay network on a node, in /run/docker/netns. */
export function overlayNamespace(networkId: string): string {
  return `1-${networkId}`.slice(0, SANDBOX_NAME_LEN);
}

/** That of its load balancer. */
export function balancerNamespace(networkId: string): string {
  return `lb_${networkId.slice(0, ID_LEN_OF_BALANCER)}`;
}
