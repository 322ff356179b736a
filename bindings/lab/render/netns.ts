// The files below /run/docker/netns: each a namespace of the host, by docker's own names.
import type { NamespaceView } from "./view.ts";

const NAME_LEN = 12;
const LOAD_BALANCER_LEN = 9;

/** Of an overlay network: "1-" and its id, cut. */
export function overlayNetns(networkId: string): string {
  return `1-${networkId}`.slice(0, NAME_LEN);
}

/** Of an overlay network's load balancer. */
export function loadBalancerNetns(networkId: string): string {
  return `lb_${networkId.slice(0, LOAD_BALANCER_LEN)}`;
}

/** `ls /run/docker/netns`. */
export function dockerNetns({ host, world }: NamespaceView): string {
  const specs = world.hostSpec?.namespaces ?? [];
  const names = host.namespaces
    .filter(({ kind }) => kind !== "host")
    .map(({ name }) => specs.find((spec) => spec.name === name)?.netns ?? name);
  return names
    .sort()
    .map((name) => `${name}\n`)
    .join("");
}
