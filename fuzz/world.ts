// A small network, the same in the core and in the model: a port of each kind, three peers, two
// broadcast domains, and whatever the tables are drawn to hold.
import fc from "fast-check";
import {
  FdbAt,
  type FdbInit,
  FloodAt,
  type FloodInit,
  type HopInit,
  NeighborAt,
  type NeighborInit,
  RouteAt,
} from "../bindings/core/index.ts";
import { domainLayout } from "../bindings/core/tables/domains.ts";
import { fdbLayout } from "../bindings/core/tables/fdb.ts";
import { floodLayout } from "../bindings/core/tables/flood.ts";
import { hopLayout } from "../bindings/core/tables/hops.ts";
import { neighborLayout } from "../bindings/core/tables/neighbors.ts";
import { portLayout } from "../bindings/core/tables/ports.ts";
import { remoteLayout } from "../bindings/core/tables/remotes.ts";
import { routeLayout } from "../bindings/core/tables/routes.ts";
import {
  type ModelHop,
  ModelNode,
  type ModelPort,
  type ModelRemote,
  type PortFlag,
} from "../test/model/node.ts";
import { addressNumber } from "../test/model/packet.ts";
import { type Cast, prefixOf } from "./arbitrary/index.ts";
import { expectOk, SMALL, type Subject } from "./subject.ts";

export const VXLAN = 0;
export const TUNNEL = 1;
export const DEVICE = 2;
export const IPIP = 3;
export const ANOTHER = 4; // device, the second

const OWN_MAC = "02:00:00:00:00:ff";

export const CAST: Cast = {
  stations: ["02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03", OWN_MAC],
  hosts: ["10.1.1.1", "10.1.1.2", "10.1.2.1", "10.2.0.1"],
  vteps: ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"],
  vnis: [5, 6, 7],
  udpPorts: [8472, 4789, 8285],
};

/** The same, of flannel's UDP backend. */
export const TUNNEL_CAST: Cast = { ...CAST, udpPorts: [8285, 8472] };

const [LOCAL = "", ...PEERS] = CAST.vteps;

const DOMAINS = [
  { index: 0, vni: 5, ageS: 10 },
  { index: 1, vni: 6, ageS: 0 },
];

const HOPS: readonly HopInit[] = [
  { index: 0, kind: "unicast", remote: 0 },
  { index: 1, kind: "unicast", port: TUNNEL, remote: 1 },
  { index: 2, kind: "blackhole" },
  { index: 3, kind: "prohibit" },
  { index: 4, kind: "unreachable" },
  { index: 5, kind: "unicast", port: TUNNEL, gateway: "10.1.1.1" },
  { index: 6, kind: "connected", port: DEVICE },
  { index: 7, kind: "unicast", remote: 2, mtu: 60 },
  { index: 8, kind: "local" },
];

type Settings = Omit<ModelPort, "index" | "kind">;

export interface World {
  readonly vxlan: Settings;
  readonly tunnel: Settings;
  readonly ipip: Settings;
  /** DEVICE and ANOTHER. */
  readonly devices: readonly Settings[];
  readonly remotes: readonly Omit<ModelRemote, "index" | "address">[];
  readonly fdb: readonly Required<FdbInit>[];
  readonly flood: readonly Required<FloodInit>[];
  readonly routes: readonly { readonly prefix: string; readonly hop: number }[];
  readonly neighbors: readonly Required<NeighborInit>[];
}

const VXLAN_FLAGS: readonly PortFlag[] = [
  "learn",
  "flood",
  "sticky",
  "arpProxy",
  "strictPeer",
  "linuxMode",
  "ecn",
  "manyVnis",
  "udpChecksum",
  "dontFragment",
  "gbp",
  "splitHorizon",
  "mssClamp",
];

const TUNNEL_FLAGS: readonly PortFlag[] = [
  "strictPeer",
  "linuxMode",
  "ecn",
  "udpChecksum",
  "flannelUnreachable",
  "unreachableFromTarget",
  "dontFragment",
  "splitHorizon",
  "mssClamp",
];

const DEVICE_FLAGS: readonly PortFlag[] = [
  "learn",
  "flood",
  "sticky",
  "isolated",
  "linuxMode",
  "manyVnis",
];

function settings(port: Partial<Settings>, flags: readonly PortFlag[]): fc.Arbitrary<Settings> {
  return fc.record({
    domain: fc.constantFrom(0, 0, 0, null),
    mac: fc.constantFrom(OWN_MAC, OWN_MAC, null),
    ipv4: fc.constantFrom("10.1.1.1", null),
    mtu: fc.constantFrom(0, 1450, 1400, 60, 1),
    flags: fc.subarray([...flags]),
    vni: fc.constant(5),
    learnLimit: fc.constantFrom(0, 0, 1, 2),
    localIpv4: fc.constantFrom(LOCAL, LOCAL, LOCAL, null),
    udpPort: fc.constant(port.udpPort ?? 0),
    ttl: fc.constantFrom(0, 1, 255),
    tosMode: fc.constantFrom("fixed", "inherit"),
    tos: fc.nat(255),
  });
}

const remote = fc.record({
  udpPort: fc.constantFrom(0, 4789),
  flags: fc.constantFrom<ModelRemote["flags"]>([], ["allowed"]),
  dstMac: fc.constantFrom("02:00:00:00:ff:02", null),
  srcMac: fc.constantFrom("02:00:00:00:ff:01", null),
  ownAddress: fc.constantFrom(null, null, "198.51.100.1"),
  learnLimit: fc.constantFrom(0, 0, 1),
  mtu: fc.constantFrom(0, 0, 0, 1, 89, 97, 119, 120, 1400),
});

const peer = fc.constantFrom(0, 1, 2, null);
const domain = fc.constantFrom(0, 0, 1);
const station = fc.constantFrom(...CAST.stations, "01:00:5e:00:00:01");
const host = fc.constantFrom(...CAST.hosts);

/** What the tables hold. */
export const world: fc.Arbitrary<World> = fc.record({
  vxlan: settings({ udpPort: 8472 }, VXLAN_FLAGS),
  tunnel: settings({ udpPort: 8285 }, TUNNEL_FLAGS),
  ipip: settings({}, TUNNEL_FLAGS),
  devices: fc.tuple(settings({}, DEVICE_FLAGS), settings({}, DEVICE_FLAGS)),
  remotes: fc.tuple(remote, remote, remote),
  fdb: fc.array(
    fc.record({
      domain,
      mac: station,
      port: fc.constantFrom(VXLAN, VXLAN, VXLAN, DEVICE, ANOTHER, IPIP),
      remote: peer,
      flags: fc.constantFrom<Required<FdbInit>["flags"]>(
        ["learned"],
        ["learned", "sticky"],
        ["static"],
        ["static", "sticky"],
        ["permanent"],
      ),
    }),
    { maxLength: 5 },
  ),
  flood: fc.array(
    fc.record({
      domain,
      port: fc.constantFrom(VXLAN, VXLAN, VXLAN, DEVICE, ANOTHER, IPIP),
      remote: peer,
    }),
    { maxLength: 6 },
  ),
  routes: fc.array(
    fc.record({
      prefix: fc
        .tuple(host, fc.constantFrom(0, 8, 16, 24, 31, 32))
        .map(([a, len]) => prefixOf(a, len)),
      hop: fc.nat(HOPS.length - 1),
    }),
    { maxLength: 4 },
  ),
  neighbors: fc.array(
    fc.record({
      port: fc.constant(VXLAN),
      address: host,
      mac: fc.constantFrom(...CAST.stations),
      state: fc.constantFrom("reachable", "permanent"),
    }),
    { maxLength: 2 },
  ),
});

/** What is the same in every world. */
export function settle(subject: Subject): void {
  for (const one of DOMAINS) expectOk(subject.one("domain_set", domainLayout, one));
  const ports = [
    { index: VXLAN, kind: "vxlan" },
    { index: TUNNEL, kind: "udpTunnel" },
    { index: DEVICE, kind: "ethernet" },
    { index: IPIP, kind: "ipip" },
    { index: ANOTHER, kind: "ethernet" },
  ] as const;
  for (const one of ports) expectOk(subject.one("port_set", portLayout, one));
  PEERS.forEach((address, index) => {
    expectOk(subject.one("remote_set", remoteLayout, { index, address }));
  });
  for (const one of HOPS) expectOk(subject.one("hop_set", hopLayout, one));
}

/** Brings a settled node into the state of a world. */
export function build(subject: Subject, world: World): void {
  const { ports, remotes } = modelOf(world);
  for (const one of ports.values()) expectOk(subject.one("port_set", portLayout, one));
  for (const one of remotes.values()) expectOk(subject.one("remote_set", remoteLayout, one));
  const { fdb, flood, routes, neighbors } = world;
  const all = [
    ...subject.many("fdb_set", fdbLayout, FdbAt.Status, fdb, 0),
    ...subject.many("flood_set", floodLayout, FloodAt.Status, flood),
    ...subject.many("route_set", routeLayout, RouteAt.Status, routes),
    ...subject.many("neighbor_set", neighborLayout, NeighborAt.Status, neighbors, 0),
  ];
  const refused = all.find((status) => status !== "Ok");
  if (refused !== undefined) throw new Error(`a table refused a record: ${refused}`);
}

/** The same as a model. */
export function modelOf(world: World): ModelNode {
  const model = new ModelNode();
  model.remoteCapacity = SMALL.remotes;
  model.fdb.capacity = SMALL.fdb;
  for (const one of DOMAINS) model.domains.set(one.index, one);
  model.ports.set(VXLAN, { ...world.vxlan, index: VXLAN, kind: "vxlan" });
  model.ports.set(TUNNEL, { ...world.tunnel, index: TUNNEL, kind: "udpTunnel" });
  model.ports.set(IPIP, { ...world.ipip, index: IPIP, kind: "ipip" });
  [DEVICE, ANOTHER].forEach((index, at) => {
    const device = world.devices[at];
    if (device !== undefined) model.ports.set(index, { ...device, index, kind: "ethernet" });
  });
  world.remotes.forEach((one, index) => {
    model.remotes.set(index, { ...one, index, address: PEERS[index] ?? "" });
  });
  for (const one of HOPS) model.hops.set(one.index ?? 0, hopOf(one));
  for (const one of world.fdb) model.fdb.set(one);
  for (const one of world.flood) {
    const isThere = model.flood.some(
      (other) =>
        other.domain === one.domain && other.port === one.port && other.remote === one.remote,
    );
    if (!isThere) model.flood.push(one);
  }
  for (const { prefix, hop } of world.routes) {
    const [address = "", len] = prefix.split("/");
    model.routes.set(addressNumber(address), Number(len), hop);
  }
  for (const one of world.neighbors) {
    model.neighbors = model.neighbors.filter((other) => other.address !== one.address);
    model.neighbors.push(one);
  }
  return model;
}

function hopOf(init: HopInit): ModelHop {
  const { index, kind, gateway = null, port = null, remote: to = null, mtu = 0 } = init;
  return { index: index ?? 0, kind, gateway, port, remote: to, mtu, flags: [] };
}
