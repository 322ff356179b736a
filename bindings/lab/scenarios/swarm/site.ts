// Docker Swarm's overlay as libnetwork builds it: per network and node a namespace with a bridge
// and a VXLAN device whose socket stays on the host, and a second way out for every container.
import { dockerMac, overlayNamespace } from "../../control/index.ts";
import type {
  DeviceSpec,
  DockerNetworkSpec,
  HostSpec,
  NamespaceSpec,
  NetworkSpec,
} from "../../spec/network.ts";
import { addressIn, masquerade, networkIn } from "../parts/site.ts";

/** A container of an overlay network. */
export interface Task {
  readonly name: string;
  /** "10.0.1.3/24". */
  readonly address: string;
  /** On docker_gwbridge; left out: a load balancer's endpoint, which has no way out. */
  readonly outside?: string;
  readonly ifindex?: number;
  /** Of the bridge's port. */
  readonly portMac?: string;
  /** docker's; left out: its name. */
  readonly id?: string;
}

export interface Overlay {
  readonly id: string;
  readonly name: string;
  readonly vni: number;
  /** "10.0.1.1/24", the same on every node. */
  readonly gateway: string;
}

export interface SwarmNode {
  readonly name: string;
  /** Of the node, as overlays name their peers; left out: its name. */
  readonly peerId?: string;
  readonly card: string;
  readonly gateway: string;
  /** docker_gwbridge. */
  readonly outside: string;
  readonly tasks: ReadonlyMap<Overlay, readonly Task[]>;
  readonly bridgeMac?: string;
  readonly vxlanIfindex?: number;
}

const PORT = 4789;

/** "1-ysbj86zsjo": what docker calls the namespace, and the node that it is on. */
export function overlayName(node: string, overlay: Overlay): string {
  return `${overlayNamespace(overlay.id)}.${node}`;
}

export function swarmHost(node: SwarmNode, others: readonly SwarmNode[]): HostSpec {
  const overlays = [...node.tasks].map(([overlay, tasks]) => ({ overlay, tasks }));
  return {
    name: node.name,
    docker: overlays.map(({ overlay, tasks }) => dockerNetwork([node, ...others], overlay, tasks)),
    namespaces: [
      ownNamespace(node),
      ...overlays.map(({ overlay, tasks }) => overlayOf(node, others, overlay, tasks)),
      ...overlays.flatMap(({ overlay, tasks }) => tasks.map((task) => taskOf(node, overlay, task))),
    ],
  };
}

/** What docker says of an overlay; peers in the order of their names. */
function dockerNetwork(
  nodes: readonly SwarmNode[],
  overlay: Overlay,
  tasks: readonly Task[],
): DockerNetworkSpec {
  const peers = nodes.filter((node) => node.tasks.has(overlay));
  const inOrder = peers.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return {
    id: overlay.id,
    name: overlay.name,
    driver: "overlay",
    scope: "swarm",
    subnet: networkIn(overlay.gateway),
    gateway: addressIn(overlay.gateway),
    options: { "com.docker.network.driver.overlay.vxlanid_list": String(overlay.vni) },
    containers: Object.fromEntries(tasks.map(({ name, id = name }) => [name, id])),
    peers: Object.fromEntries(inOrder.map(({ name, peerId = name }) => [name, peerId])),
  };
}

function ownNamespace(node: SwarmNode): NamespaceSpec {
  const tasks = [...node.tasks.values()].flat().filter(({ outside }) => outside !== undefined);
  const ports = tasks.map(
    ({ name }): DeviceSpec => ({
      kind: "veth",
      name: `g-${name}`,
      peer: `${name}:eth1`,
      master: "docker_gwbridge",
    }),
  );
  return {
    name: node.name,
    kind: "host",
    devices: [
      { kind: "nic", name: "eth0", addresses: [node.card] },
      {
        kind: "bridge",
        name: "docker_gwbridge",
        addresses: [node.outside],
        mac: dockerMac(addressIn(node.outside)),
      },
      ...ports,
    ],
    routes: [`default via ${node.gateway} dev eth0`],
    rules: [masquerade(networkIn(node.outside), "docker_gwbridge")],
  };
}

function overlayOf(
  node: SwarmNode,
  others: readonly SwarmNode[],
  overlay: Overlay,
  tasks: readonly Task[],
): NamespaceSpec {
  const far = others.flatMap((other) =>
    (other.tasks.get(overlay) ?? []).map((task) => ({
      address: addressIn(task.address),
      node: addressIn(other.card),
    })),
  );
  const { bridgeMac, vxlanIfindex } = node;
  return {
    name: overlayName(node.name, overlay),
    netns: overlayNamespace(overlay.id),
    kind: "overlay",
    devices: [
      {
        ...{ kind: "bridge", name: "br0", mtu: 1450, addresses: [overlay.gateway], ifindex: 2 },
        isSnooping: false, // as the article's kernel lists it
        ...(bridgeMac && { mac: bridgeMac }),
      } as DeviceSpec,
      vxlanOf(node, overlay, bridgeMac, vxlanIfindex),
      ...tasks.map((task, at) => portOf(task, at)),
    ],
    sysctls: { "net.ipv4.ip_forward": 0, "net.ipv6.conf.all.disable_ipv6": 1 },
    neighbors: far.map(
      ({ address }) => `${address} lladdr ${dockerMac(address)} dev vxlan0 nud permanent`,
    ),
    fdb: far.map((each) => `${dockerMac(each.address)} dev vxlan0 dst ${each.node}`),
  };
}

function vxlanOf(
  node: SwarmNode,
  overlay: Overlay,
  mac: string | undefined,
  ifindex: number | undefined,
): DeviceSpec {
  return {
    kind: "vxlan",
    name: "vxlan0",
    vni: overlay.vni,
    port: PORT,
    local: addressIn(node.card),
    lower: "eth0",
    socketIn: node.name,
    master: "br0",
    mtu: 1450,
    isLearning: true,
    isProxy: true,
    hasL2miss: true,
    hasL3miss: true,
    ...(mac && { mac }),
    ...(ifindex !== undefined && { ifindex }),
  };
}

function portOf({ name, ifindex, portMac }: Task, at: number): DeviceSpec {
  return {
    kind: "veth",
    name: `veth${at}`,
    peer: `${name}:eth0`,
    master: "br0",
    mtu: 1450,
    ...(portMac && { mac: portMac }),
    ...(ifindex !== undefined && { ifindex: ifindex + 1 }),
  };
}

function taskOf(node: SwarmNode, overlay: Overlay, task: Task): NamespaceSpec {
  const { name, address, outside, ifindex } = task;
  const inner: DeviceSpec = {
    kind: "veth",
    name: "eth0",
    peer: `${overlayName(node.name, overlay)}:veth${indexOf(node, overlay, task)}`,
    mtu: 1450,
    addresses: [address],
    ...(ifindex !== undefined && { ifindex }),
  };
  if (outside === undefined) return { name, kind: "container", devices: [inner] };
  const outer: DeviceSpec = {
    kind: "veth",
    name: "eth1",
    peer: `${node.name}:g-${name}`,
    addresses: [outside],
    ...(ifindex !== undefined && { ifindex: ifindex + 2 }),
  };
  const routes = [`default via ${addressIn(node.outside)} dev eth1`];
  return { name, kind: "container", devices: [inner, outer], routes };
}

function indexOf(node: SwarmNode, overlay: Overlay, task: Task): number {
  return (node.tasks.get(overlay) ?? []).indexOf(task);
}

/** The nodes, and somebody outside where `internet` gives an address of theirs. */
export function swarm(nodes: readonly SwarmNode[], internet?: string): NetworkSpec {
  const hosts = nodes.map((node) =>
    swarmHost(
      node,
      nodes.filter((other) => other !== node),
    ),
  );
  const [first] = nodes;
  if (first === undefined) throw new Error("a swarm has a node");
  const all = internet === undefined ? hosts : [...hosts, outsideOf(first, internet)];
  const ports = all.map(({ name }) => `${name}:eth0`);
  return { hosts: all, fabrics: [{ name: "sw0", kind: "switch", ports }] };
}

/** Whoever stands at the gateway of the nodes, and has an address elsewhere. */
function outsideOf({ card, gateway }: SwarmNode, internet: string): HostSpec {
  const addresses = [`${gateway}${card.slice(card.indexOf("/"))}`, `${internet}/32`];
  const own: NamespaceSpec = {
    name: "internet",
    kind: "host",
    devices: [{ kind: "nic", name: "eth0", addresses }],
  };
  return { name: "internet", namespaces: [own] };
}
