// `docker network ls` and `docker network inspect`. What docker draws anew for each network and no
// packet depends on, its time of birth and the ids of endpoints, is left out of the latter.
import type { DockerNetworkSpec } from "../spec/network.ts";
import type { DevicePlace, NamespacePlace, Places } from "../trace/trace.ts";
import { isInPrefix } from "./prefix.ts";
import type { NamespaceView } from "./view.ts";

const COLUMN_LEN_MIN = 10;
const GAP_LEN = 3;

/** The networks of the namespace's host. */
export function dockerNetworkLs(view: NamespaceView): string {
  const head = ["NETWORK ID", "NAME", "DRIVER", "SCOPE"];
  const rows = networksOf(view).map(({ id, name, driver, scope }) => {
    return [id.slice(0, 12), name, driver, scope];
  });
  const table = [head, ...rows];
  const widths = head.map((_, at) => {
    const longest = Math.max(...table.map((row) => row[at]?.length ?? 0));
    return Math.max(COLUMN_LEN_MIN, longest + GAP_LEN);
  });
  return table
    .map((row) => row.map((word, at) => (at === 3 ? word : word.padEnd(widths[at] ?? 0))).join(""))
    .map((line) => `${line}\n`)
    .join("");
}

/** By name, or by the beginning of the id. Of a network that is not there, docker's words. */
export function dockerNetworkInspect(view: NamespaceView, name: string): string {
  const network = networksOf(view).find((each) => each.name === name || each.id.startsWith(name));
  if (network === undefined) return `[]\nError response from daemon: network ${name} not found\n`;
  return `${JSON.stringify([documentOf(view, network)], null, 4)}\n`;
}

/** In docker's order of names. */
function networksOf({ world }: NamespaceView): DockerNetworkSpec[] {
  const networks = world.hostSpec?.docker ?? [];
  return [...networks].sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

function documentOf(view: NamespaceView, network: DockerNetworkSpec): object {
  const { id, name, scope, driver, subnet, gateway, options = {}, peers } = network;
  const config =
    subnet === undefined ? [] : [{ Subnet: subnet, ...(gateway && { Gateway: gateway }) }];
  return {
    Name: name,
    Id: id,
    Scope: scope,
    Driver: driver,
    EnableIPv6: false,
    IPAM: { Driver: "default", Options: null, Config: config },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: "" },
    ConfigOnly: false,
    Containers: containersOf(view, network),
    Options: options,
    Labels: {},
    ...(peers && { Peers: peersOf(view.world.places, peers) }),
  };
}

function containersOf({ host }: NamespaceView, network: DockerNetworkSpec): object {
  const { containers = {}, subnet } = network;
  const entries = Object.entries(containers).map(([name, id]) => {
    const endpoint = endpointOf(host.namespaces, name, subnet);
    const member = {
      Name: name,
      MacAddress: endpoint?.mac ?? "",
      IPv4Address: endpoint?.address ?? "",
      IPv6Address: "",
    };
    return [id, member] as const;
  });
  return Object.fromEntries(entries);
}

/** A container is found by its namespace's name, or as one of the processes there. */
function endpointOf(
  namespaces: readonly NamespacePlace[],
  name: string,
  subnet: string | undefined,
): { mac: string; address: string } | undefined {
  const own = namespaces.filter((each) => each.name === name || each.processes.includes(name));
  const devices = own.flatMap(({ devices }) => devices);
  for (const { mac, addresses } of devices) {
    const address = addresses.map(firstWord).find((each) => !subnet || isInPrefix(each, subnet));
    if (address !== undefined && mac !== null) return { mac, address };
  }
  return undefined;
}

/** Names of hosts with their ids, as docker's gossip knows them: by the address of their card. */
function peersOf(places: Places, peers: Readonly<Record<string, string>>): object[] {
  return Object.entries(peers).map(([hostName, id]) => {
    const host = places.hosts.find(({ name }) => name === hostName);
    const devices = host?.namespaces.find(({ kind }) => kind === "host")?.devices ?? [];
    return { Name: id, IP: cardAddress(devices) };
  });
}

function cardAddress(devices: readonly DevicePlace[]): string {
  const card = devices.find(({ kind, addresses }) => kind === "nic" && addresses.length > 0);
  return firstWord(card?.addresses[0] ?? "").split("/")[0] ?? "";
}

function firstWord(text: string): string {
  return text.split(" ")[0] ?? "";
}
