// The two nodes that every input of the harness finds, and what the harness has to know of them: an
// image of memory, and two files of C.
import { writeCaps } from "../../bindings/core/caps.ts";
import { ABI_VERSION, type Caps, CapsAt } from "../../bindings/core/index.ts";
import * as layout from "../../bindings/core/layout.ts";
import { domainLayout } from "../../bindings/core/tables/domains.ts";
import { fdbLayout } from "../../bindings/core/tables/fdb.ts";
import { floodLayout } from "../../bindings/core/tables/flood.ts";
import { hopLayout } from "../../bindings/core/tables/hops.ts";
import { neighborLayout } from "../../bindings/core/tables/neighbors.ts";
import { portLayout } from "../../bindings/core/tables/ports.ts";
import { remoteLayout } from "../../bindings/core/tables/remotes.ts";
import { routeLayout } from "../../bindings/core/tables/routes.ts";
import { addressNumber } from "../../test/model/packet.ts";
import { CAST } from "../arbitrary/index.ts";
import { SIGNATURES } from "../signature.ts";
import { expectOk, Subject } from "../subject.ts";
import { type FunctionName, Twins } from "../twins.ts";

const PAGES = 1;
const BURST_AT = 2048; // in scratch

/** First bytes of an input: from these on it is calls, and packets for an element. */
export const COMMANDS = 64;
export const ELEMENT = 96;

const ARGS_MAX = 8;

const SMALL: Caps = {
  routes: 12,
  routePoolBytes: 0,
  hops: 8,
  fdb: 10,
  neighbors: 6,
  remotes: 6,
  ports: 8,
  domains: 3,
  flood: 6,
  conns: 4,
  rules: 4,
  scratch: 6144,
  slots: 4,
  slotStride: 2048,
};

export const VXLAN = 0;
export const TUNNEL = 1;
export const DEVICE = 2;
const IPIP = 6;

/** What the harness is compiled with. */
export interface Harness {
  /** All of memory. */
  readonly image: Uint8Array;
  /** world.h */
  readonly header: string;
  /** calls.c */
  readonly calls: string;
}

export async function describeWorld(): Promise<Harness> {
  const twins = await Twins.open(PAGES);
  const other = new Subject(twins, { ...SMALL, scratch: 4096, slots: 1 }, 2n);
  // The second node ends where memory does: its scratch takes what is left.
  const left = twins.end - other.end - twins.nodeSize({ ...SMALL, scratch: 0 });
  const caps = { ...SMALL, scratch: left };
  const node = new Subject(twins, caps, 1n);
  if (node.end !== twins.end) throw new Error("the second node does not end where memory does");
  for (const subject of [other, node]) settle(subject);
  twins.expectAlike();
  const places = {
    MEMORY_LEN: twins.end,
    CLAIM_LEN: PAGES * 65536 - CapsAt.End,
    FIRST: twins.first,
    OTHER: other.node,
    OTHER_SCRATCH: other.scratch,
    NODE: node.node,
    COUNTERS: node.counters,
    SCRATCH: node.scratch,
    SCRATCH_LEN: node.scratchLen,
    BURST: node.scratch + BURST_AT,
    ARENA: node.arena,
    SLOT_STRIDE: node.slotStride,
    ARGS_MAX,
    COMMANDS,
    ELEMENT,
    PORT_FLAGS: sumOf(layout.PortFlag),
    DESC_FLAGS: sumOf(layout.DescFlag),
    LAYER_KIND_MAX: Math.max(...Object.values(layout.LayerKind)),
  };
  const lists = {
    OTHER_CAPS: capsBytes({ ...SMALL, scratch: 4096, slots: 1 }, 2n),
    NODE_CAPS: capsBytes(caps, 1n),
    PEERS: [...CAST.vteps, "0.0.0.0", "10.1.1.2", "127.0.0.1", "255.255.255.255"].map(
      addressNumber,
    ),
  };
  return { image: twins.read(0, twins.end), header: headerOf(places, lists), calls: callsOf() };
}

/** Ports of every kind, two domains, three peers, and a few entries in each table. */
function settle(subject: Subject): void {
  const [vtep = "", ...peers] = CAST.vteps;
  const [station = "", second = "", third = "", own = ""] = CAST.stations;
  const [host = "", near = "", far = ""] = CAST.hosts;
  for (const index of [0, 1]) {
    expectOk(subject.one("domain_set", domainLayout, { index, vni: 5 + index, ageS: 300 }));
  }
  const common = { localIpv4: vtep, mac: own, ipv4: host, prefixLen: 24 };
  const ports = [
    { index: VXLAN, kind: "vxlan", domain: 0, vni: 5, udpPort: 8472, ...common },
    { index: TUNNEL, kind: "udpTunnel", udpPort: 8285, ...common },
    { index: DEVICE, kind: "ethernet", domain: 0, ...common },
    { index: 3, kind: "ethernet", domain: 0, mac: own },
    { index: 4, kind: "ip", ...common },
    { index: 5, kind: "ethernet", domain: 1, mac: own },
    { index: IPIP, kind: "ipip", ...common },
  ] as const;
  for (const one of ports) expectOk(subject.one("port_set", portLayout, one));
  peers.forEach((address, index) => {
    const macs = { dstMac: second, srcMac: own };
    expectOk(subject.one("remote_set", remoteLayout, { index, address, ...macs }));
  });
  const hops = [
    { index: 0, kind: "unicast", port: TUNNEL, remote: 0 },
    { index: 1, kind: "unicast", port: DEVICE, gateway: near },
    { index: 2, kind: "connected", port: DEVICE },
    { index: 3, kind: "local" },
    { index: 4, kind: "blackhole" },
    { index: 5, kind: "unreachable" },
    { index: 6, kind: "prohibit" },
    { index: 7, kind: "unicast", port: IPIP, remote: 1, mtu: 100 },
  ] as const;
  for (const one of hops) expectOk(subject.one("hop_set", hopLayout, one));
  fill(subject, { station, second, third, host, near, far });
}

function fill(subject: Subject, names: Readonly<Record<string, string>>): void {
  const { station = "", second = "", third = "", host = "", near = "", far = "" } = names;
  const fdb = [
    { domain: 0, mac: station, port: VXLAN, remote: 0 },
    { domain: 0, mac: second, port: DEVICE },
    { domain: 0, mac: third, port: VXLAN, remote: 1, flags: ["permanent"] },
    { domain: 1, mac: station, port: 5, flags: ["static"] },
  ] as const;
  const flood = [
    { domain: 0, port: VXLAN, remote: 1 },
    { domain: 0, port: VXLAN, remote: 2 },
    { domain: 0, port: 3 },
  ];
  const routes = [
    { prefix: "10.1.1.0/24", hop: 2 },
    { prefix: `${host}/32`, hop: 3 },
    { prefix: "10.1.2.0/24", hop: 0 },
    { prefix: "10.2.0.0/16", hop: 1 },
    { prefix: "10.2.3.0/24", hop: 7 },
    { prefix: "10.3.0.0/16", hop: 4 },
    { prefix: "10.4.0.0/16", hop: 5 },
    { prefix: "10.5.0.0/16", hop: 6 },
  ];
  const neighbors = [
    { port: DEVICE, address: near, mac: second },
    { port: VXLAN, address: far, mac: third },
  ];
  const { FdbAt, FloodAt, RouteAt, NeighborAt } = layout;
  const statuses = [
    ...subject.many("fdb_set", fdbLayout, FdbAt.Status, fdb, 0),
    ...subject.many("flood_set", floodLayout, FloodAt.Status, flood),
    ...subject.many("route_set", routeLayout, RouteAt.Status, routes),
    ...subject.many("neighbor_set", neighborLayout, NeighborAt.Status, neighbors, 0),
  ];
  const refused = statuses.find((status) => status !== "Ok");
  if (refused !== undefined) throw new Error(`a table refused a record: ${refused}`);
}

function capsBytes(caps: Caps, seed: bigint): number[] {
  const record = new Uint8Array(CapsAt.End);
  writeCaps(new DataView(record.buffer), 0, ABI_VERSION, caps, seed);
  return [...record];
}

function sumOf(flags: Readonly<Record<string, number>>): number {
  return Object.values(flags).reduce((sum, flag) => sum + flag, 0);
}

function headerOf(
  places: Readonly<Record<string, number>>,
  lists: Readonly<Record<string, readonly number[]>>,
): string {
  const enums = Object.entries(layout).flatMap(([name, members]) =>
    Object.entries(members).map(([member, value]) => `#define ${name}_${member} (${value})`),
  );
  return [
    "#include <stdint.h>",
    ...enums,
    ...Object.entries(places).map(([name, value]) => `#define ${name} (${value}u)`),
    ...Object.entries(lists).map(([name, values]) => `#define ${name} {${values.join(",")}}`),
    "typedef struct {",
    "  const char *name;",
    "  unsigned args, port;",
    "  int tells_hop; /* by Port and Peer of a packet that it takes in */",
    "  int passes_others; /* packets that are not of IPv4, as they are */",
    "  int passes_all; /* packets whatever they are */",
    "  uint32_t flags; /* of a burst, that it knows */",
    "  uint32_t (*run)(const uint32_t *args, double now_ms);",
    "} call_t;",
    "",
  ].join("\n");
}

/** Every function that takes a node, in the order in which inputs name them. */
export const CALLS: readonly FunctionName[] = (Object.keys(SIGNATURES) as FunctionName[]).filter(
  (name) => SIGNATURES[name]?.[0]?.is === "node",
);

/** Those of them that take a burst, in the same order. */
export const ELEMENTS: readonly FunctionName[] = CALLS.filter((name) => name.endsWith("_burst"));

function callsOf(): string {
  const runs = CALLS.map((name) => {
    const kinds = SIGNATURES[name] ?? [];
    const args = kinds.map(({ is }, at) => (is === "now" ? "now" : `a[${at}]`)).join(", ");
    const head = `static uint32_t run_${name}(const uint32_t *a, double now)`;
    return `${head} { (void)now; return Z_coreZ_${name}(&core, ${args}); }`;
  });
  const rows = CALLS.map((name) => {
    const port = name.startsWith("udp") ? TUNNEL : name.startsWith("ipip") ? IPIP : VXLAN;
    const tells = name === "route_burst" || name === "resolve_burst" ? 1 : 0;
    const passes = name === "nat_burst" ? 1 : 0;
    const all = /^(segment|coalesce)_/.test(name) ? 1 : 0;
    const argCount = SIGNATURES[name]?.length ?? 0;
    const told = [argCount, port, tells, passes, all, flagsOf(name)];
    return `  {"${name}", ${told.join(", ")}, run_${name}},`;
  });
  const elements = ELEMENTS.map((name) => CALLS.indexOf(name));
  return [
    '#include "harness.h"',
    ...runs,
    `const call_t CALLS[] = {\n${rows.join("\n")}\n};`,
    `const unsigned CALL_COUNT = ${CALLS.length};`,
    `const unsigned ELEMENTS[] = {${elements.join(", ")}};`,
    `const unsigned ELEMENT_COUNT = ${elements.length};`,
    "",
  ].join("\n");
}

// What it may be told of devices; the other flag is of one element alone, and changes no memory.
function flagsOf(name: FunctionName): number {
  const { Virtio, UdpL4 } = layout.BurstFlag;
  if (/^(segment|vxlan_encap|udp_encap)_burst$/.test(name)) return Virtio;
  return /^(coalesce|vxlan_decap|udp_decap)_burst$/.test(name) ? Virtio | UdpL4 : 0;
}
