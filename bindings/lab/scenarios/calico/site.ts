// Calico: a /32 to each pod, no bridge, a gateway that is nobody's address.
import type { DeviceSpec, HostSpec, NamespaceSpec } from "../../spec/network.ts";
import { addressIn } from "../parts/site.ts";

const GATEWAY = "169.254.1.1";
const ALL_EE = "ee:ee:ee:ee:ee:ee";

export interface Pod {
  readonly name: string;
  /** "10.92.77.163". */
  readonly address: string;
  /** The host's end of its veth pair. */
  readonly port: string;
}

export interface CalicoNode {
  readonly name: string;
  readonly card: string;
  readonly cardName?: string;
  readonly gateway?: string;
  readonly pods: readonly Pod[];
  readonly routes: readonly string[];
  readonly devices?: readonly DeviceSpec[];
}

export function calicoHost(node: CalicoNode): HostSpec {
  const { name, card, cardName = "eth0", gateway, pods, routes, devices = [] } = node;
  const own: NamespaceSpec = {
    name,
    kind: "host",
    devices: [
      { kind: "nic", name: cardName, addresses: [card] },
      ...devices,
      ...pods.map(
        (pod): DeviceSpec => ({
          kind: "veth",
          name: pod.port,
          peer: `${pod.name}:eth0`,
          mac: ALL_EE,
        }),
      ),
    ],
    routes: [
      ...(gateway ? [`default via ${gateway} dev ${cardName}`] : []),
      ...pods.map((pod) => `${pod.address} dev ${pod.port} scope link`),
      ...routes,
    ],
    sysctls: {
      "net.ipv4.ip_forward": 1,
      ...Object.fromEntries(pods.map((pod) => [`net.ipv4.conf.${pod.port}.proxy_arp`, 1])),
    },
  };
  return { name, namespaces: [own, ...pods.map((pod) => podOf(pod, name))] };
}

function podOf({ name, address, port }: Pod, host: string): NamespaceSpec {
  return {
    name,
    kind: "container",
    devices: [
      { kind: "veth", name: "eth0", peer: `${host}:${port}`, addresses: [`${address}/32`] },
    ],
    routes: [`${GATEWAY} dev eth0 scope link`, `default via ${GATEWAY} dev eth0`],
  };
}

/** An IPIP device, as calico has one on each node. */
export function ipip(card: string, address: string, lower = "eth0"): DeviceSpec {
  return {
    kind: "ipip",
    name: "tunnel0",
    local: addressIn(card),
    lower,
    addresses: [`${address}/32`],
  };
}
