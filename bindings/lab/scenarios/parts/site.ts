// Pieces that networks of containers are made of: a container, a machine with docker on it, the
// switch between machines. Whatever follows from an address is derived from it here.
import { parseNetwork, printPrefix } from "../../../core/index.ts";
import type {
  DeviceSpec,
  DockerNetworkSpec,
  HostSpec,
  ListenerSpec,
  NamespaceSpec,
} from "../../spec/network.ts";

/** A container with one device on a bridge of its host. */
export interface ContainerInit {
  readonly name: string;
  /** "172.17.0.2/16". */
  readonly address: string;
  /** The host's end of its veth pair. */
  readonly port: string;
  readonly portMac?: string;
  /** Left out: eth0. */
  readonly device?: string;
  readonly ifindex?: number;
  readonly portIfindex?: number;
  readonly mtu?: number;
  readonly listeners?: readonly ListenerSpec[];
  readonly processes?: readonly string[];
  readonly flavour?: NamespaceSpec["flavour"];
  readonly names?: Readonly<Record<string, string>>;
}

/** A machine whose containers sit on one bridge. */
export interface MachineInit {
  readonly name: string;
  /** Its network card: "10.168.0.2/24". Left out: it has none. */
  readonly card?: CardInit;
  /** Left out: docker0. */
  readonly bridge?: string;
  readonly bridgeMac?: string;
  readonly bridgeIfindex?: number;
  /** "172.17.0.1/16". */
  readonly bridgeAddress: string;
  readonly mtu?: number;
  readonly containers: readonly ContainerInit[];
  /** Tunnel devices and whatever else the machine has. */
  readonly devices?: readonly DeviceSpec[];
  readonly routes?: readonly string[];
  readonly neighbors?: readonly string[];
  readonly fdb?: readonly string[];
  readonly rules?: readonly string[];
  readonly sysctls?: Readonly<Record<string, number>>;
  readonly docker?: readonly DockerNetworkSpec[];
  readonly flavour?: NamespaceSpec["flavour"];
}

export interface CardInit {
  readonly address: string;
  /** Left out: eth0. */
  readonly name?: string;
  readonly mac?: string;
  readonly ifindex?: number;
  /** Of the default route. */
  readonly gateway?: string;
}

/** The namespace of a container; its default route leads to the bridge at `gateway`. */
export function container(init: ContainerInit, host: string, gateway: string): NamespaceSpec {
  const { name, device = "eth0", address, ifindex, mtu } = init;
  return {
    name,
    kind: "container",
    ...(init.flavour && { flavour: init.flavour }),
    ...(init.processes && { processes: init.processes }),
    ...(init.listeners && { listeners: init.listeners }),
    ...(init.names && { names: init.names }),
    devices: [
      {
        kind: "veth",
        name: device,
        peer: `${host}:${init.port}`,
        addresses: [`${address} brd +`],
        ...(ifindex !== undefined && { ifindex }),
        ...(mtu !== undefined && { mtu }),
      },
    ],
    routes: [`default via ${gateway} dev ${device}`],
  };
}

/** A machine, its bridge and its containers. */
export function machine(init: MachineInit): HostSpec {
  const gateway = addressIn(init.bridgeAddress);
  const containers = init.containers.map((each) =>
    container(init.mtu === undefined ? each : { mtu: init.mtu, ...each }, init.name, gateway),
  );
  return {
    name: init.name,
    namespaces: [ownNamespace(init), ...containers],
    ...(init.docker && { docker: init.docker }),
  };
}

function ownNamespace(init: MachineInit): NamespaceSpec {
  const { card, routes = [] } = init;
  const uplink = card?.gateway;
  const way = uplink === undefined ? [] : [`default via ${uplink} dev ${card?.name ?? "eth0"}`];
  return {
    name: init.name,
    kind: "host",
    ...(init.flavour && { flavour: init.flavour }),
    devices: [
      ...(card ? [cardOf(card)] : []),
      bridgeOf(init),
      ...portsOf(init),
      ...devicesOf(init),
    ],
    routes: [...way, ...routes],
    ...(init.neighbors && { neighbors: init.neighbors }),
    ...(init.fdb && { fdb: init.fdb }),
    ...(init.rules && { rules: init.rules }),
    ...(init.sysctls && { sysctls: init.sysctls }),
  };
}

function devicesOf(init: MachineInit): readonly DeviceSpec[] {
  return init.devices ?? [];
}

function cardOf({ name = "eth0", address, mac, ifindex }: CardInit): DeviceSpec {
  return {
    kind: "nic",
    name,
    addresses: [`${address} brd +`],
    ...(mac && { mac }),
    ...(ifindex !== undefined && { ifindex }),
  };
}

function bridgeOf(init: MachineInit): DeviceSpec {
  const { bridge = "docker0", bridgeAddress, bridgeMac, bridgeIfindex, mtu } = init;
  return {
    kind: "bridge",
    name: bridge,
    addresses: [`${bridgeAddress} brd +`],
    ...(bridgeMac && { mac: bridgeMac }),
    ...(bridgeIfindex !== undefined && { ifindex: bridgeIfindex }),
    ...(mtu !== undefined && { mtu }),
  };
}

function portsOf({ containers, bridge = "docker0", mtu }: MachineInit): readonly DeviceSpec[] {
  return containers.map(({ name, device = "eth0", port, portMac, portIfindex }) => ({
    kind: "veth",
    name: port,
    peer: `${name}:${device}`,
    master: bridge,
    ...(portMac && { mac: portMac }),
    ...(portIfindex !== undefined && { ifindex: portIfindex }),
    ...(mtu !== undefined && { mtu }),
  }));
}

/** "172.17.0.1" of "172.17.0.1/16". */
export function addressIn(prefixed: string): string {
  return prefixed.slice(0, prefixed.indexOf("/"));
}

/** "172.17.0.0/16" of "172.17.0.1/16". */
export function networkIn(prefixed: string): string {
  return printPrefix(parseNetwork(prefixed));
}

/** What docker translates on the way out of a bridge. */
export function masquerade(subnet: string, bridge = "docker0"): string {
  return `-t nat -A POSTROUTING -s ${subnet} ! -o ${bridge} -j MASQUERADE`;
}
