// The demo's network as data: two hosts, each with a bridge, a container behind it, and one end of
// a tunnel. They are the nodes of the lab's own scenarios: one capture is right for both.
import { dockerMac } from "../control/mac.ts";
import { type FlannelNode, subnetAddress } from "../scenarios/flannel/site.ts";
import { UDP_NODE1, UDP_NODE2 } from "../scenarios/flannel/udp.ts";
import { NODE1, NODE2 } from "../scenarios/flannel/vxlan.ts";
import { addressIn, networkIn } from "../scenarios/parts/site.ts";
import type { Backend } from "./report.ts";

/** One host of a plan. Addresses are IPv4, dotted; MACs in lower case, with colons. */
export interface HostPlan {
  readonly name: string;
  /** The device towards the other host. */
  readonly underlay: { readonly address: string; readonly mac: string };
  /** The host's share of the overlay. */
  readonly subnet: string;
  readonly bridge: { readonly address: string; readonly mac: string };
  readonly container: { readonly name: string; readonly address: string; readonly mac: string };
  /** The tunnel's device. A TUN device has no MAC: then it is empty. */
  readonly tunnel: { readonly address: string; readonly mac: string };
}

/** A network of two hosts. */
export interface NetworkPlan {
  readonly backend: Backend;
  /** The name of the tunnel's device. */
  readonly device: string;
  readonly network: string;
  /** Of the tunnel's device. */
  readonly mtu: number;
  /** UDP port of the tunnel. */
  readonly port: number;
  /** A station in a subnet of the network that nobody has. */
  readonly nobody: string;
  readonly hosts: readonly [HostPlan, HostPlan];
}

export const UNDERLAY_MTU = 1500;
export const VNI = 1;

const NETWORK_LEN = 16;

interface Kind {
  readonly nodes: readonly [FlannelNode, FlannelNode];
  readonly device: string;
  /** Linux's and flannel's of VXLAN, where IANA's is 4789; flannel's of UDP. */
  readonly port: number;
  /** Bytes of headers outside, and of VXLAN's inner Ethernet header. */
  readonly overheadLen: number;
  readonly nobody: string;
}

const KINDS: Readonly<Record<Backend, Kind>> = {
  vxlan: {
    nodes: [NODE1, NODE2],
    device: "flannel.1",
    port: 8472,
    overheadLen: 50,
    nobody: "10.1.99.9",
  },
  udp: {
    nodes: [UDP_NODE1, UDP_NODE2],
    device: "flannel0",
    port: 8285,
    overheadLen: 28,
    nobody: "100.96.9.9",
  },
};

/** The plan of the demo. */
export function planNetwork(backend: Backend): NetworkPlan {
  const { device, port, overheadLen, nobody } = KINDS[backend];
  const [one, two] = planNodes(backend);
  const network = networkIn(`${addressIn(one.bridge)}/${NETWORK_LEN}`);
  const mtu = UNDERLAY_MTU - overheadLen;
  return { backend, device, network, mtu, port, nobody, hosts: [planHost(one), planHost(two)] };
}

/** The plan's hosts, as the lab builds them: what does not fit the tunnel is told by its host. */
export function planNodes(backend: Backend): readonly [FlannelNode, FlannelNode] {
  const [one, two] = KINDS[backend].nodes;
  return [
    { ...one, name: "host1", mtu: UNDERLAY_MTU },
    { ...two, name: "host2", mtu: UNDERLAY_MTU },
  ];
}

/** The network's config, as flannel has it. */
export function planConfig(
  plan: Pick<NetworkPlan, "network" | "port"> & { readonly backend: Backend | "host-gw" },
): string {
  const { backend, network, port } = plan;
  const options = { vxlan: { VNI, Port: port }, udp: { Port: port }, "host-gw": {} }[backend];
  return JSON.stringify({ Network: network, Backend: { Type: backend, ...options } });
}

function planHost(node: FlannelNode): HostPlan {
  const { name, card, cardMac = "", bridge, bridgeMac, vtepMac = "", containers } = node;
  const [container] = containers;
  if (container === undefined) throw new RangeError(`${name} has no container`);
  return {
    name,
    underlay: { address: addressIn(card), mac: cardMac },
    subnet: networkIn(bridge),
    bridge: { address: addressIn(bridge), mac: bridgeMac ?? dockerMac(addressIn(bridge)) },
    container: stationOf(container),
    tunnel: { address: subnetAddress(bridge), mac: vtepMac },
  };
}

function stationOf({ name, address }: FlannelNode["containers"][number]): HostPlan["container"] {
  return { name, address: addressIn(address), mac: dockerMac(addressIn(address)) };
}
