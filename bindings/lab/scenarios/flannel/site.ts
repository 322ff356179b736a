// Two machines of a flannel network, in the modes that flannel has. What one machine knows of the
// other follows from the other's subnet, address and VTEP.
import type { DeviceSpec, HostSpec, NetworkSpec } from "../../spec/network.ts";
import { addressIn, type ContainerInit, machine, masquerade, networkIn } from "../parts/site.ts";

/** A node of a flannel network. */
export interface FlannelNode {
  readonly name: string;
  /** "10.168.0.2/24". */
  readonly card: string;
  readonly cardName?: string;
  readonly cardMac?: string;
  readonly gateway?: string;
  /** The bridge's address in the lease: "10.1.15.1/24". */
  readonly bridge: string;
  readonly bridgeMac?: string;
  readonly bridgeName?: string;
  readonly vtepMac?: string;
  readonly containers: readonly ContainerInit[];
  /** dockerd's own translation, which is on unless it is told otherwise. */
  readonly isMasquerading?: boolean;
  readonly rules?: readonly string[];
  /** Of bridge and containers; left out: what the tunnel leaves. */
  readonly mtu?: number;
}

/** "10.1.15.0" of "10.1.15.1/24": what flannel's device is called by. */
export function subnetAddress(bridge: string): string {
  return addressIn(networkIn(bridge));
}

/** The third generation: nothing is asked, everything is pushed. */
export function vxlanHost(node: FlannelNode, others: readonly FlannelNode[]): HostSpec {
  const { cardName = "eth0" } = node;
  const device: DeviceSpec = {
    kind: "vxlan",
    name: "flannel.1",
    vni: 1,
    local: addressIn(node.card),
    lower: cardName,
    addresses: [`${subnetAddress(node.bridge)}/32`],
    ...(node.vtepMac && { mac: node.vtepMac }),
  };
  return hostOf(node, 1450, {
    devices: [device],
    neighbors: others.map(
      (each) => `${subnetAddress(each.bridge)} lladdr ${vtepOf(each)} dev flannel.1 nud permanent`,
    ),
    fdb: others.map((each) => `${vtepOf(each)} dev flannel.1 dst ${addressIn(each.card)}`),
    routes: others.map(
      (each) => `${networkIn(each.bridge)} via ${subnetAddress(each.bridge)} dev flannel.1 onlink`,
    ),
  });
}

function vtepOf(node: FlannelNode): string {
  if (node.vtepMac === undefined) throw new Error(`${node.name} has no VTEP`);
  return node.vtepMac;
}

/** The UDP backend: a TUN, and flanneld behind it. `whole` is the network of all subnets. */
export function udpHost(
  node: FlannelNode,
  others: readonly FlannelNode[],
  whole: string,
): HostSpec {
  const { cardName = "eth0" } = node;
  const device: DeviceSpec = {
    kind: "tun",
    name: "flannel0",
    lower: cardName,
    local: addressIn(node.card),
    addresses: [`${subnetAddress(node.bridge)}/${whole.slice(whole.indexOf("/") + 1)}`],
    leases: others.map((each) => `${networkIn(each.bridge)} ${addressIn(each.card)}`),
  };
  return hostOf(node, 1472, { devices: [device] });
}

/** Plain routes between machines of one link. */
export function gatewayHost(node: FlannelNode, others: readonly FlannelNode[]): HostSpec {
  const { cardName = "eth0" } = node;
  return hostOf(node, undefined, {
    routes: others.map(
      (each) => `${networkIn(each.bridge)} via ${addressIn(each.card)} dev ${cardName}`,
    ),
  });
}

interface Tunnel {
  readonly devices?: readonly DeviceSpec[];
  readonly routes?: readonly string[];
  readonly neighbors?: readonly string[];
  readonly fdb?: readonly string[];
}

function hostOf(node: FlannelNode, mtu: number | undefined, tunnel: Tunnel): HostSpec {
  const { bridgeName = "docker0", isMasquerading = false, rules = [] } = node;
  const own = isMasquerading ? [masquerade(networkIn(node.bridge), bridgeName)] : [];
  return machine({
    name: node.name,
    card: {
      address: node.card,
      ...(node.cardName && { name: node.cardName }),
      ...(node.cardMac && { mac: node.cardMac }),
      ...(node.gateway && { gateway: node.gateway }),
    },
    bridge: bridgeName,
    bridgeAddress: node.bridge,
    ...(node.bridgeMac && { bridgeMac: node.bridgeMac }),
    ...(node.mtu !== undefined ? { mtu: node.mtu } : mtu !== undefined && { mtu }),
    containers: node.containers,
    rules: [...own, ...rules],
    ...tunnel,
  });
}

/** Machines and the switch between them. */
export function joined(hosts: readonly HostSpec[], card = "eth0"): NetworkSpec {
  const ports = hosts.map(({ name }) => `${name}:${card}`);
  return { hosts, fabrics: [{ name: "sw0", kind: "switch", ports }] };
}
