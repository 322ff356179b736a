// From a network as data to one that runs.
import type { Core } from "../../core/index.ts";
import { programsOf } from "../programs/index.ts";
import type { FabricSpec, HostSpec, NamespaceSpec, NetworkSpec } from "../spec/network.ts";
import { buildDevices, type Room } from "./build-devices.ts";
import { openElements } from "./build-node.ts";
import { fillTables } from "./build-tables.ts";
import { Fabric, type FabricPort } from "./fabric.ts";
import { Lab } from "./lab.ts";
import { Ledger } from "./ledger.ts";
import { Namespace } from "./namespace.ts";
import { stackOf } from "./stack-of.ts";
import { Stations } from "./tables/stations.ts";

/** Builds a network. Throws for one that contradicts itself, in the words of the tools. */
export function buildLab(core: Core, network: NetworkSpec, seed: bigint, longestLen: number): Lab {
  const lab = new Lab(core, network, seed);
  const room: Room = { longestLen, ...countsOf(network) };
  for (const host of network.hosts) addHost(lab, host, room);
  for (const fabric of network.fabrics) addFabric(lab, fabric, room);
  for (const namespace of lab.namespaces.values()) joinDevices(lab, namespace);
  for (const namespace of lab.namespaces.values()) fillTables(namespace);
  for (const namespace of lab.namespaces.values()) namespace.routes.refresh();
  for (const namespace of lab.namespaces.values()) {
    namespace.programs = programsOf(stackOf(namespace));
  }
  lab.recorder.begin();
  return lab;
}

// What one namespace may need for the others. A host routes to networks of its own and to hosts.
function countsOf({ hosts }: NetworkSpec): Omit<Room, "longestLen"> {
  const counts = hosts.map(({ namespaces }) => namespaces.length);
  const size = counts.reduce((sum, count) => sum + count, 0);
  return { size, hostCount: hosts.length, networkCount: hosts.length + Math.max(0, ...counts) };
}

function addHost(lab: Lab, host: HostSpec, room: Room): void {
  let ifindex = 2;
  for (const spec of host.namespaces) {
    if (lab.namespaces.has(spec.name)) throw new RangeError(`two namespaces are "${spec.name}"`);
    const namespace = addNamespace(lab, host.name, spec, room);
    ifindex = buildDevices(namespace, ifindex);
  }
}

function addNamespace(lab: Lab, host: string, spec: NamespaceSpec, room: Room): Namespace {
  const own = spec.kind === "host" ? room : { ...room, networkCount: 0 };
  const elements = openElements(lab, own, spec.devices.length * 2 + 2);
  const namespace = new Namespace({ lab, host, spec, elements });
  lab.namespaces.set(spec.name, namespace);
  return namespace;
}

function joinDevices(lab: Lab, namespace: Namespace): void {
  for (const device of namespace.devices) {
    const { spec } = device;
    if (spec?.master !== undefined) device.master = namespace.deviceOr(spec.master);
    if (spec?.kind === "veth") lab.deviceAt(spec.peer);
    if (device.kind === "vxlan") lab.vteps.push(device);
  }
}

function addFabric(lab: Lab, spec: FabricSpec, room: Room): void {
  const ports: FabricPort[] = spec.ports.map((place) => {
    const device = lab.deviceAt(place);
    return { name: portName(lab, spec, place), device };
  });
  if (spec.kind !== "switch") return void lab.fabrics.push(new Fabric(lab, spec, ports, null));
  const elements = openElements(lab, { ...room, size: room.size + 256 }, ports.length + 1);
  const { node } = elements;
  node.domains.set({ index: 0, ageS: 300 });
  ports.forEach((_, index) => {
    node.ports.set({ index, kind: "ethernet", domain: 0, flags: ["learn", "flood", "linuxMode"] });
    node.flood.set({ domain: 0, port: index });
  });
  const table = { namespace: spec.name, kind: "fdb", device: null } as const;
  const stations = new Stations({
    node,
    domain: 0,
    ledger: new Ledger(lab.recorder, table),
    nowMs: () => lab.clock.nowMs,
    print: ({ mac, port }) => `${mac} dev ${ports[port]?.name ?? port}`,
  });
  lab.fabrics.push(new Fabric(lab, spec, ports, { elements, stations }));
}

/** "p-" and the host's name; where a host has several cards here, the card's as well. */
export function portName(lab: Lab, spec: FabricSpec, place: string): string {
  const { namespace, name } = lab.deviceAt(place);
  const isAlone =
    spec.ports.filter((each) => lab.deviceAt(each).namespace.host === namespace.host).length === 1;
  return isAlone ? `p-${namespace.host}` : `p-${namespace.host}-${name}`;
}
