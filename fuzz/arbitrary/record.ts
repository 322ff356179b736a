// Records of every table, in the form in which the bindings take them.
import fc from "fast-check";
import type {
  DomainInit,
  FdbFlagName,
  FdbInit,
  FloodInit,
  HopFlagName,
  HopInit,
  HopKindName,
  NeighborInit,
  PortFlagName,
  PortInit,
  PortKindName,
  RemoteFlagName,
  RemoteInit,
  RouteInit,
} from "../../bindings/core/index.ts";
import { ipv4Of, macOf, prefix } from "./address.ts";
import { CAST, type Cast } from "./cast.ts";

/** How many there are of what records name by index. */
export interface TableSizes {
  readonly ports: number;
  readonly domains: number;
  readonly remotes: number;
  readonly hops: number;
}

/** A generator for each table. Every field is there. */
export interface Records {
  readonly port: fc.Arbitrary<Required<PortInit>>;
  readonly domain: fc.Arbitrary<Required<DomainInit>>;
  readonly remote: fc.Arbitrary<Required<RemoteInit> & { readonly index: number }>;
  readonly fdb: fc.Arbitrary<Required<FdbInit>>;
  readonly flood: fc.Arbitrary<Required<FloodInit>>;
  readonly hop: fc.Arbitrary<Required<HopInit> & { readonly index: number }>;
  readonly route: fc.Arbitrary<Required<RouteInit>>;
  readonly neighbor: fc.Arbitrary<Required<NeighborInit>>;
}

const word = fc.oneof(fc.constantFrom(0, 1, 0x7fffffff, 0xffffffff), fc.nat(0xffffffff));
const short = fc.nat(0xffff);
const byte = fc.nat(255);
const AGE_S_MAX = 0x8000000;
const vni = fc.oneof(fc.constantFrom(0, 0xffffff), fc.nat(0xffffff));

const PORT_KINDS: readonly PortKindName[] = ["ethernet", "vxlan", "udpTunnel", "ip"];
const PORT_FLAGS: readonly PortFlagName[] = [
  ...(["learn", "flood", "sticky", "arpProxy", "strictPeer", "isolated", "linuxMode"] as const),
  ...(["ecn", "manyVnis", "udpChecksum", "flannelUnreachable"] as const),
  ...(["unreachableFromTarget", "dontFragment"] as const),
];
const REMOTE_FLAGS: readonly RemoteFlagName[] = ["allowed"];
const HOP_KINDS: readonly HopKindName[] = [
  ...(["unicast", "local", "connected"] as const),
  ...(["blackhole", "unreachable", "prohibit"] as const),
];
const HOP_FLAGS: readonly HopFlagName[] = ["onLink"];
const FDB_FLAGS: readonly (readonly FdbFlagName[])[] = [
  ...[[], ["learned"], ["learned", "sticky"], ["static"], ["static", "sticky"]],
  ["permanent"],
] as const;

/** True for what a host can have: no group, no loopback, and nothing that RFC 1122 keeps back. */
function isUnicast(address: string): boolean {
  const [first = 0] = address.split(".").map(Number);
  return first > 0 && first < 224 && first !== 127;
}

function isStation(mac: string): boolean {
  return mac !== "00:00:00:00:00:00" && Number.parseInt(mac.slice(0, 2), 16) % 2 === 0;
}

// Objects as literals are, so that they compare equal to what tables give back.
function plain<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(fields, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ arbitrary, weight: 3 }, { arbitrary: fc.constant(null), weight: 1 });
}

/** Of what `sizes` says that there is: no index lies beyond, and none is left for the core. */
export function records(sizes: TableSizes, cast: Cast = CAST): Records {
  const indexOf = (count: number): fc.Arbitrary<number> => fc.nat(Math.max(0, count - 1));
  const ipv4 = ipv4Of(...cast.hosts, ...cast.vteps);
  const unicast = ipv4.filter(isUnicast);
  const station = macOf(...cast.stations).filter(isStation);
  const own = ipv4.filter((address) => address !== "0.0.0.0");
  const port = indexOf(sizes.ports);
  const remote = indexOf(sizes.remotes);
  const domain = indexOf(sizes.domains);
  const hop = indexOf(sizes.hops);
  return {
    port: portOf(sizes, own, station),
    domain: plain({
      index: domain,
      vni: maybe(vni),
      ageS: fc.oneof(fc.constantFrom(0, 1, AGE_S_MAX), fc.nat(AGE_S_MAX)),
    }),
    remote: plain({
      index: remote,
      address: unicast,
      udpPort: short,
      flags: fc.subarray([...REMOTE_FLAGS]),
      dstMac: maybe(station),
      srcMac: maybe(station),
      ownAddress: maybe(unicast),
      learnLimit: word,
      mtu: short,
    }),
    fdb: plain({
      domain,
      mac: macOf(...cast.stations).filter((mac) => mac !== "00:00:00:00:00:00"),
      port,
      remote: maybe(remote),
      flags: fc.constantFrom(...FDB_FLAGS),
    }),
    flood: plain({ domain, port, remote: maybe(remote) }),
    hop: plain({
      index: hop,
      kind: fc.constantFrom(...HOP_KINDS),
      gateway: maybe(own),
      port: maybe(port),
      remote: maybe(remote),
      mtu: word,
      flags: fc.subarray([...HOP_FLAGS]),
    }),
    route: plain({ prefix, hop, flags: fc.constant([]) }),
    neighbor: plain({
      port,
      address: unicast,
      mac: station,
      state: fc.constantFrom("reachable", "permanent", "stale"),
    }),
  };
}

function portOf(
  sizes: TableSizes,
  own: fc.Arbitrary<string>,
  station: fc.Arbitrary<string>,
): Records["port"] {
  return plain({
    index: fc.nat(Math.max(0, sizes.ports - 1)),
    kind: fc.constantFrom(...PORT_KINDS),
    domain: maybe(fc.nat(Math.max(0, sizes.domains - 1))),
    mac: maybe(station),
    ipv4: maybe(own),
    prefixLen: fc.nat(32),
    mtu: word,
    flags: fc.subarray([...PORT_FLAGS]),
    vni,
    learnLimit: word,
    localIpv4: maybe(own),
    udpPort: short,
    ttl: byte,
    tosMode: fc.constantFrom("fixed", "inherit"),
    tos: byte,
  });
}
