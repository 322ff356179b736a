// Traces that nobody ran: a network as it stands, and tables as they are said to be.
import type {
  DeviceSpec,
  NamespaceSpec,
  NetworkSpec,
} from "../../../../bindings/lab/spec/network.ts";
import type {
  DevicePlace,
  Places,
  Row,
  TableKind,
  TableState,
  Trace,
} from "../../../../bindings/lab/trace/trace.ts";

export type Tables = Readonly<Partial<Record<TableKind, readonly Row[]>>>;

/** A trace without packets. Devices have the MACs that the network gives them, or none. */
export function stage(
  network: NetworkSpec,
  tables: Readonly<Record<string, Tables>> = {},
  more: Partial<Trace> = {},
): Trace {
  return {
    key: "",
    scenario: "stage",
    seed: "1",
    places: placesOf(network),
    network,
    packets: [],
    hops: [],
    bytes: new Uint8Array(),
    tables: Object.entries(tables).flatMap(([namespace, own]) => statesOf(namespace, own)),
    log: [],
    facts: [],
    errata: [],
    outputs: [],
    sightings: [],
    ...more,
  };
}

/** One host of the same name with one namespace, for what needs no other. */
export function alone(namespace: NamespaceSpec): NetworkSpec {
  return { hosts: [{ name: namespace.name, namespaces: [namespace] }], fabrics: [] };
}

function statesOf(namespace: string, tables: Tables): TableState[] {
  return Object.entries(tables).map(([kind, rows]) => ({
    table: { namespace, kind: kind as TableKind, device: null },
    rows,
  }));
}

function placesOf({ hosts, fabrics }: NetworkSpec): Places {
  const namespaces = hosts.flatMap((host) => host.namespaces);
  const pairs = namespaces.flatMap(({ name, devices }) =>
    devices.flatMap((device): [string, string][] =>
      device.kind === "veth" ? [[`${name}:${device.name}`, device.peer]] : [],
    ),
  );
  return {
    hosts: hosts.map((host) => ({
      name: host.name,
      namespaces: host.namespaces.map(({ name, kind, processes = [], devices }) => {
        return { name, kind, processes, devices: devices.map(placeOf) };
      }),
    })),
    fabrics: fabrics.map(({ name, kind }) => ({ name, kind })),
    links: pairs.filter(([end], at) => pairs.findIndex(([, far]) => far === end) > at),
  };
}

function placeOf(device: DeviceSpec, at: number): DevicePlace {
  const { name, kind, ifindex = at + 2, mac = null, mtu = 1500, addresses = [] } = device;
  return {
    name,
    kind,
    ifindex,
    mac,
    mtu,
    addresses,
    plane: "containers",
    master: device.master ?? null,
  };
}
