// Hosts, namespaces and devices as they are drawn.
import type { NamespaceSpec } from "../spec/network.ts";
import type { DevicePlace, NamespacePlace, Places } from "../trace/trace.ts";
import { printAddress } from "../words/inet.ts";
import type { Device } from "./device.ts";
import type { Lab } from "./lab.ts";

/** Requires: the lab as it was built. */
export function placesOf(lab: Lab): Places {
  const hosts = lab.network.hosts.map(({ name, namespaces }) => ({
    name,
    namespaces: namespaces.map((spec) => namespacePlace(lab, spec)),
  }));
  const fabrics = lab.network.fabrics.map(({ name, kind }) => ({ name, kind }));
  return { hosts, fabrics, links: linksOf(lab) };
}

function namespacePlace(lab: Lab, spec: NamespaceSpec): NamespacePlace {
  const { name, kind, processes = kind === "container" ? [name] : [] } = spec;
  return { name, kind, processes, devices: lab.namespace(name).devices.map(devicePlace) };
}

function devicePlace(device: Device): DevicePlace {
  const { name, kind, plane, ifindex, mac, mtu, master } = device;
  const addresses = kind === "lo" ? ["127.0.0.1/8"] : device.addresses.map(printAddress);
  return { name, kind, plane, ifindex, mac, mtu, addresses, master: master?.name ?? null };
}

/** Pairs once each, then the cables. */
function linksOf(lab: Lab): [string, string][] {
  const devices = [...lab.namespaces.values()].flatMap((namespace) => namespace.devices);
  const pairs = devices.flatMap((device): [string, string][] => {
    if (device.kind !== "veth") return [];
    const peer = lab.peerOf(device);
    const isFirst = devices.indexOf(device) < devices.indexOf(peer);
    return isFirst ? [[device.place, peer.place]] : [];
  });
  const cables = lab.fabrics.flatMap(({ spec, ports }) =>
    ports.map((port): [string, string] => [port.device.place, `${spec.name}:${port.name}`]),
  );
  return [...pairs, ...cables];
}
