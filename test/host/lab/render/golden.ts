// The networks in which test/vectors were captured, as data, and what their tools printed.
import { readFileSync } from "node:fs";
import { parseNetwork, printPrefix } from "../../../../bindings/core/index.ts";
import type {
  DeviceSpec,
  NamespaceSpec,
  NetworkSpec,
} from "../../../../bindings/lab/spec/network.ts";
import type { Tables } from "./stage.ts";

const ROOT = new URL("../../../../../test/vectors/", import.meta.url); // tests run in dist/

/** A namespace, a command, and its text. */
export interface Golden {
  readonly namespace: string;
  readonly command: string;
  readonly text: string;
}

export function readGolden(name: string): Golden[] {
  const text = readFileSync(new URL(`${name}.tables.txt`, ROOT), "ascii");
  return text
    .split(/^--- /m)
    .slice(1)
    .flatMap((section) => {
      const [head = "", ...commands] = section.split(/^\$ /m);
      return commands.map((each) => {
        const end = each.indexOf("\n");
        return { namespace: head.trim(), command: each.slice(0, end), text: each.slice(end + 1) };
      });
    });
}

/** A container behind a port of its host's bridge. */
interface Pod {
  readonly name: string;
  readonly address: string;
  readonly mac: string;
  /** Name, index and MAC of the port; the other end has the next index. */
  readonly port: readonly [name: string, ifindex: number, mac: string];
}

interface Site {
  readonly name: string;
  readonly bridge: readonly [address: string, mac: string];
  /** Address, MAC and index; its other end is a port of the switch. */
  readonly card: readonly [address: string, mac: string, ifindex: number];
  /** MAC of that port. */
  readonly cable: string;
  readonly tunnel?: DeviceSpec;
  readonly pods: readonly Pod[];
}

/** Sites around a switch that is a namespace as well. */
export function networkOf(sites: readonly Site[]): NetworkSpec {
  const ports = sites.map(({ name, card, cable }) => {
    const [, , ifindex] = card;
    const at = { name: `p-${name.slice(3)}`, peer: `${name}:eth0`, ifindex: ifindex - 1 };
    return { kind: "veth", ...at, mac: cable, master: "sw0" } as const;
  });
  const lowest = ports.map(({ mac }) => mac).toSorted()[0] ?? "";
  const sw0: DeviceSpec = { kind: "bridge", name: "sw0", ifindex: 2, mac: lowest };
  const inside: NamespaceSpec = { name: "sd-sw", kind: "host", devices: [sw0, ...ports] };
  const all = [...sites.flatMap(namespacesOf), inside];
  return { hosts: [{ name: "machine", namespaces: all }], fabrics: [] };
}

function namespacesOf({ name, bridge, card, tunnel, pods }: Site): NamespaceSpec[] {
  const [address, mac] = bridge;
  const peer = `sd-sw:p-${name.slice(3)}`;
  const isBridged = address !== "";
  const devices: DeviceSpec[] = [
    ...(isBridged
      ? [{ kind: "bridge", name: "docker0", ifindex: 2, mac, addresses: [address] } as const]
      : []),
    ...(tunnel ? [{ ...tunnel, ifindex: 3 }] : []),
    { kind: "veth", name: "eth0", ifindex: card[2], mac: card[1], addresses: [card[0]], peer },
    ...pods.map(({ name, port }) => {
      const end = { name: port[0], ifindex: port[1], mac: port[2], peer: `${name}:eth0` };
      return { kind: "veth", ...end, master: "docker0" } as const;
    }),
  ];
  const containers = pods.map((pod): NamespaceSpec => {
    const end = { ifindex: pod.port[1] + 1, mac: pod.mac, peer: `${name}:${pod.port[0]}` };
    const eth0 = { kind: "veth", name: "eth0", ...end, addresses: [pod.address] } as const;
    return { name: pod.name, kind: "container", flavour: "iproute2", devices: [eth0] };
  });
  return [...containers, { name, kind: "host", devices }];
}

/** What the kernel adds for each address, from the back to the front, and what others say. */
export function tablesOf(
  network: NetworkSpec,
  said: Readonly<Record<string, Tables>>,
): Record<string, Tables> {
  const namespaces = network.hosts.flatMap((host) => host.namespaces);
  return Object.fromEntries(
    namespaces.map(({ name, devices }) => {
      const { route = [], ...others } = said[name] ?? {};
      return [name, { ...others, route: [...route, ...devices.flatMap(connected)].reverse() }];
    }),
  );
}

function connected({ name, addresses = [] }: DeviceSpec): string[] {
  return addresses
    .filter((address) => !address.endsWith("/32"))
    .map((address) => {
      const net = printPrefix(parseNetwork(address));
      return `${net} dev ${name} proto kernel scope link src ${address.split("/")[0]}`;
    });
}
