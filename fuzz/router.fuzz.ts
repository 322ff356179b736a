// The router against its twin: packets and ARP between three links and a TUN device, while routes,
// ports and neighbors change, time passes, the table of neighbors is full, and so is what comes out.
import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import {
  type DescFlagName,
  type HopInit,
  NeighborAt,
  RouteAt,
  Status,
  type StatusName,
} from "../bindings/core/index.ts";
import { hopLayout } from "../bindings/core/tables/hops.ts";
import { neighborLayout } from "../bindings/core/tables/neighbors.ts";
import { portLayout } from "../bindings/core/tables/ports.ts";
import { routeLayout } from "../bindings/core/tables/routes.ts";
import { type ModelNeighbor, NeighborModel, type NeighborState } from "../test/model/neighbor.ts";
import { ModelNode, type ModelPort, type PortFlag } from "../test/model/node.ts";
import { addressNumber, arp, ethernet, hexOf, ipv4, join } from "../test/model/packet.ts";
import type { Fate } from "../test/model/path.ts";
import { question, route } from "../test/model/router.ts";
import { expectFates } from "./fate.ts";
import { AMPLE, type Feed, HEADROOM_LEN, lay, PACKET_FIRST, run } from "./feed.ts";
import { commands, operation, type Suite } from "./law.ts";
import { expectOk, named, SMALL, Subject } from "./subject.ts";
import { Twins } from "./twins.ts";

const PAGES = 2;
const STEPS = 60;
const NEIGHBORS = 6;
const HOPS: readonly HopInit[] = [
  { index: 0, kind: "connected", port: 0 },
  { index: 1, kind: "connected", port: 1 },
  { index: 2, kind: "connected", port: 2 },
  { index: 3, kind: "unicast", port: 1, gateway: "10.0.1.4" },
  { index: 4, kind: "unicast", port: 0, gateway: "10.0.0.4", mtu: 68 },
  { index: 5, kind: "local" },
  { index: 6, kind: "blackhole" },
  { index: 7, kind: "unreachable" },
  { index: 8, kind: "prohibit" },
  { index: 9, kind: "unicast", port: 1 },
  { index: 10, kind: "unicast" },
];
const CAPS = { ...SMALL, neighbors: NEIGHBORS, hops: HOPS.length, routes: 8 };
const PREFIXES = ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24", "0.0.0.0/0", "192.0.2.0/24"];
const MORE_PREFIXES = ["10.0.1.2/32", "192.0.2.8/29", "224.0.0.0/4", "10.0.1.1/32"];

const MACS = ["02:00:00:00:00:a0", "02:00:00:00:00:a1"]; // of ports 0 and 1
const STATIONS = ["02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03"];
const HOSTS = [0, 1].flatMap((net) => [2, 3, 4, 5, 6].map((host) => `10.0.${net}.${host}`));
const OURS = ["10.0.0.1", "10.0.1.1", "10.0.2.1"];
const ODD = ["0.0.0.0", "127.0.0.1", "224.0.0.9", "255.255.255.255", "10.0.0.255", "10.0.1.255"];
const FAR = ["192.0.2.1", "192.0.2.9", "10.0.2.7", "8.8.8.8"];

interface State {
  readonly node: ModelNode;
  readonly neighbors: NeighborModel;
  readonly counted: Map<string, number>;
}

interface Sent {
  readonly bytes: Uint8Array;
  readonly isArp: boolean;
  readonly port: number | null;
  readonly flags: readonly DescFlagName[];
  readonly outs: number;
}

const anyAddress = fc.oneof(
  { arbitrary: fc.constantFrom(...HOSTS), weight: 6 },
  { arbitrary: fc.constantFrom(...OURS), weight: 1 },
  { arbitrary: fc.constantFrom(...FAR), weight: 2 },
  { arbitrary: fc.constantFrom(...ODD), weight: 1 },
);
const host = fc.constantFrom(...HOSTS);
const station = fc.constantFrom(...STATIONS);
const portIndex = fc.constantFrom(0, 0, 0, 1, 1);
const destination = fc.oneof(
  { arbitrary: fc.constant("ours"), weight: 8 },
  fc.constantFrom("ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:09", ...STATIONS),
);
const OPTIONS = [
  ...[...Array<string>(24).fill(""), "01010101", "94040000", "9404000007070400000000" + "01"],
  ...["8307040000000000", "0189070400000000", "44050000", "44000000", "0083070000000000"],
].map((hex) => Buffer.from(hex, "hex"));

const ipPacket = fc
  .record({
    src: fc.oneof({ arbitrary: host, weight: 8 }, anyAddress),
    dst: anyAddress,
    ttl: fc.constantFrom(64, 64, 64, 64, 64, 64, 64, 2, 1, 0),
    protocol: fc.constantFrom(17, 17, 6, 1),
    fragment: fc.constantFrom(0, 0, 0, 0x4000, 0x2000, 0x2001, 0x0007, 0x8000, 0x3fff),
    id: fc.nat(0xffff),
    options: fc.constantFrom(...OPTIONS),
    payloadLen: fc.oneof(fc.nat(40), fc.nat(300)),
    type: fc.nat(18),
    fault: fc.oneof(
      { arbitrary: fc.constant(null), weight: 30 },
      fc.record({ at: fc.nat(40), to: fc.nat(255) }),
    ),
    trailer: fc.constantFrom(0, 0, 9),
  })
  .map(({ payloadLen, type, fault, trailer, ...fields }) => {
    const payload = Uint8Array.from({ length: payloadLen }, (_, at) => (at === 0 ? type : at));
    const bytes = join(ipv4(fields, payload), new Uint8Array(trailer));
    if (fault !== null && fault.at < bytes.length) bytes[fault.at] = fault.to;
    return bytes;
  });

const arpPacket = fc
  .record({
    operation: fc.constantFrom(1, 1, 1, 1, 2, 2, 2, 2, 2, 3),
    senderMac: fc.oneof({ arbitrary: station, weight: 9 }, fc.constantFrom(...MACS)),
    senderAddress: fc.oneof({ arbitrary: host, weight: 8 }, anyAddress),
    targetMac: fc.constantFrom("00:00:00:00:00:00", ...MACS),
    targetAddress: fc.oneof(anyAddress, fc.constantFrom(...OURS)),
    cut: fc.constantFrom(28, 28, 28, 28, 28, 28, 28, 28, 28, 46, 27),
  })
  .map(({ cut, ...fields }) => join(arp(fields), new Uint8Array(18)).subarray(0, cut));

const framed = (etherTypes: readonly number[], payload: fc.Arbitrary<Uint8Array>) =>
  fc
    .record({
      port: portIndex,
      dst: destination,
      src: station,
      etherType: fc.constantFrom(...etherTypes),
      payload,
    })
    .map(({ port, dst, payload: inner, ...rest }) => {
      const to = dst === "ours" ? (MACS[port] ?? "") : dst;
      return { port, bytes: ethernet({ ...rest, dst: to }, inner) };
    });

const outs = fc.constantFrom(AMPLE.outs, AMPLE.outs, AMPLE.outs, AMPLE.outs, 0, 1, 2);
const flags = fc.constantFrom<DescFlagName[]>([], [], [], ["shared"], ["decapped"]);
const IPV4 = [...Array.from({ length: 12 }, () => 0x0800), 0x86dd];

const frame = fc
  .tuple(framed(IPV4, ipPacket), flags, outs)
  .map(([one, also, most]): Sent => ({ ...one, isArp: false, flags: also, outs: most }));
const bare = fc
  .tuple(ipPacket, fc.constantFrom(2, 2, 2, null, 0, 9), flags, outs)
  .map(([bytes, port, also, most]): Sent => {
    return { bytes, port, isArp: false, flags: ["l3", ...also], outs: most };
  });
const speech = fc
  .tuple(framed([0x0806], arpPacket), fc.boolean(), outs)
  .map(([one, isArp, most]): Sent => ({ ...one, isArp, flags: [], outs: most }));

const entry = fc.record({
  port: fc.constantFrom(0, 1),
  address: host,
  mac: station,
  state: fc.constantFrom("reachable", "permanent", "stale", "stale"),
});
const prefix = fc.constantFrom(...PREFIXES, ...MORE_PREFIXES);
const settings = fc.record({
  index: portIndex,
  mtu: fc.constantFrom(0, 1500, 68, 40, 27),
  flags: fc.constantFrom<PortFlag[]>([], [], [], ["arpProxy"], ["arpInspect"], ["arpProxy"]),
  isUnnumbered: fc.constantFrom(false, false, false, true),
});

const OPERATIONS = {
  frame: operation(9, frame, send),
  bare: operation(3, bare, send),
  speech: operation(8, speech, send),
  setNeighbor: operation(3, entry, setNeighbor),
  removeNeighbor: operation(1, entry, removeNeighbor),
  setRoute: operation(3, fc.record({ prefix, hop: fc.nat(HOPS.length - 1) }), setRoute),
  removeRoute: operation(1, prefix, removeRoute),
  setPort: operation(2, settings, setPort),
  tick: operation(5, fc.constantFrom(0, 8, 500, 1000, 1000, 5000), tick),
  wait: operation(2, fc.constantFrom(1, 7, 999, 1000, 2992, 3000, 4999, 30_000, 1_200_000), wait),
};

export async function openRouter(): Promise<Suite> {
  const twins = await Twins.open(PAGES);
  const subject = new Subject(twins, CAPS, 0x5eedn);
  settle(subject);
  twins.keep();
  const begin = (): { model: State; real: Subject } => {
    twins.back();
    const neighbors = new NeighborModel(NEIGHBORS);
    const model = { node: newNode(), neighbors, counted: new Map() };
    neighbors.lost = (candidates) => candidates.find((one) => !isThere(one, subject));
    return { model, real: subject };
  };
  const end = (state: State): void => {
    expectNeighbors(state, subject);
    for (const name of Object.keys(Status) as StatusName[]) {
      strictEqual(Number(subject.counted(Status[name])), state.counted.get(name) ?? 0, name);
    }
    twins.expectAlike();
  };
  const machine = { operations: OPERATIONS, steps: STEPS, begin, end };
  return { name: "router", share: 2, laws: [commands("commands", machine)] };
}

function portOf(index: number, changes: Partial<ModelPort> = {}): ModelPort {
  const none = { domain: null, localIpv4: null, udpPort: 0, ttl: 0, tos: 0, learnLimit: 0, vni: 0 };
  const kind = index === 2 ? "ip" : index === 1 ? "vxlan" : "ethernet";
  const place = { mac: MACS[index] ?? null, ipv4: OURS[index] ?? null, prefixLen: 24 };
  return { index, ...none, tosMode: "fixed", mtu: 1500, flags: [], kind, ...place, ...changes };
}

function newNode(): ModelNode {
  const node = new ModelNode();
  for (const index of [0, 1, 2]) node.ports.set(index, portOf(index));
  for (const one of HOPS) {
    const { index, kind, gateway = null, port = null, mtu = 0 } = one;
    node.hops.set(index ?? 0, {
      index: index ?? 0,
      kind,
      gateway,
      port,
      remote: null,
      mtu,
      flags: [],
    });
  }
  PREFIXES.slice(0, 4).forEach((one, hop) => {
    addRoute(node, one, hop);
  });
  return node;
}

function addRoute(node: ModelNode, text: string, hop: number): void {
  const [address = "", len] = text.split("/");
  node.routes.set(addressNumber(address), Number(len), hop);
}

function settle(subject: Subject): void {
  for (const one of newNode().ports.values()) expectOk(subject.one("port_set", portLayout, one));
  for (const one of HOPS) expectOk(subject.one("hop_set", hopLayout, one));
  const routes = PREFIXES.slice(0, 4).map((text, hop) => ({ prefix: text, hop }));
  subject.many("route_set", routeLayout, RouteAt.Status, routes);
}

function isThere({ port, address }: ModelNeighbor, subject: Subject): boolean {
  const byKey = neighborLayout.key("port", "address");
  return subject.one("neighbor_get", byKey, { port, address }, 0) === Status.Ok;
}

function send(told: Sent, state: State, subject: Subject): void {
  const { node, neighbors } = state;
  const { bytes, isArp, outs: most, ...rest } = told;
  const nowMs = node.tick();
  const ptr = subject.slot(PACKET_FIRST) + HEADROOM_LEN;
  const fields = { remote: 3, peer: null, vni: 0, tos: 0, gsoSize: 0, ...rest };
  const feed: Feed = {
    ...{ element: isArp ? "resolve_burst" : "route_burst", port: 77, nowMs },
    ...{ packets: [{ ...fields, ptr, len: bytes.length }], limits: { ...AMPLE, outs: most } },
  };
  subject.twins.write(ptr, bytes);
  lay(subject, feed);
  const fed = run(subject, feed);
  const packet = { ...fields, bytes, isInside: () => true };
  const fate = route({ node, neighbors, room: most }, packet, isArp);
  expectFates(fed, [fate]);
  const [after] = fed.ins;
  deepStrictEqual([after?.port, after?.peer], [fate.port, fate.peer]);
  const isKept = fate.verdict !== "consumed" && fate.verdict !== "NoRoom";
  if (isKept) strictEqual(hexOf(subject.twins.read(ptr, bytes.length)), hexOf(bytes));
  account(fate, state);
}

function account({ verdict, events }: Fate, { counted }: State): void {
  const isPassed = ["consumed", "forUs", "waiting"].includes(verdict);
  for (const name of [isPassed ? "Ok" : verdict, ...events]) {
    counted.set(name, (counted.get(name) ?? 0) + 1);
  }
}

function setNeighbor(
  {
    port,
    address,
    mac,
    state: as,
  }: { port: number; address: string; mac: string; state: NeighborState },
  { node, neighbors }: State,
  subject: Subject,
): void {
  const nowMs = node.tick();
  const record = { port, address, mac, state: as as "stale" };
  const [status] = subject.many("neighbor_set", neighborLayout, NeighborAt.Status, [record], nowMs);
  strictEqual(status, neighbors.set(port, address, mac, as, node.nowMs) ? "Ok" : "NoRoom");
}

function removeNeighbor(
  { port, address }: { port: number; address: string },
  { neighbors }: State,
  subject: Subject,
): void {
  const byKey = neighborLayout.key("port", "address");
  const [status] = subject.many("neighbor_remove", byKey, NeighborAt.Status, [{ port, address }]);
  strictEqual(status, neighbors.remove(port, address) ? "Ok" : "NotFound");
}

function setRoute(one: { prefix: string; hop: number }, { node }: State, subject: Subject): void {
  const [status] = subject.many("route_set", routeLayout, RouteAt.Status, [one]);
  if (status === "Ok") addRoute(node, one.prefix, one.hop);
  else strictEqual(status, "NoRoom");
}

function removeRoute(text: string, { node }: State, subject: Subject): void {
  const byKey = routeLayout.key("prefix");
  const [status] = subject.many("route_remove", byKey, RouteAt.Status, [{ prefix: text }]);
  const [address = "", len] = text.split("/");
  const wasThere = node.routes.remove(addressNumber(address), Number(len));
  strictEqual(status, wasThere ? "Ok" : "NotFound");
}

function setPort(
  told: Pick<ModelPort, "index" | "mtu" | "flags"> & { readonly isUnnumbered: boolean },
  { node }: State,
  subject: Subject,
): void {
  const { index, mtu, flags: given, isUnnumbered } = told;
  const none = isUnnumbered ? { ipv4: null, prefixLen: 0 } : {};
  const one = portOf(index, { mtu, flags: given, ...none });
  node.ports.set(index, one);
  expectOk(subject.one("port_set", portLayout, one));
}

function tick(ms: number, state: State, subject: Subject): void {
  const { node, neighbors } = state;
  node.clockMs += ms;
  const nowMs = node.tick();
  const feed: Feed = { element: "neighbor_tick", port: 0, nowMs, packets: [] };
  lay(subject, feed);
  const fed = run(subject, feed);
  const { asked, failed } = neighbors.tick(node.nowMs);
  const expected = asked.map(({ port, address, mac, state: as }) => {
    const to = as === "probe" && mac !== null ? mac : "ff:ff:ff:ff:ff:ff";
    const out = question(node.ports.get(port) as ModelPort, address, to);
    return `${port} ${hexOf(out.bytes({ id: 0, srcPort: 0 }))}`;
  });
  const actual = fed.outs.map(({ desc, bytes }) => `${desc.port} ${hexOf(bytes)}`);
  deepStrictEqual(actual.sort(), expected.sort());
  for (let at = 0; at < failed; at++) {
    state.counted.set("NeighborFailed", (state.counted.get("NeighborFailed") ?? 0) + 1);
  }
  expectNeighbors(state, subject);
}

// Every entry is as the model says, at the latest time that the core was given.
function expectNeighbors({ node, neighbors }: State, subject: Subject): void {
  const found: string[] = [];
  for (let cursor = 0; ; ) {
    const answer = named(
      subject.twins.call("neighbor_next", subject.node, cursor, subject.scratch),
    );
    if (answer === 0) break;
    cursor = Number(answer);
    found.push(text(subject.told(neighborLayout)));
  }
  const told = neighbors.entries.map((one) => text(neighbors.told(one, node.nowMs)));
  deepStrictEqual(found.sort(), told.sort());
}

function text(one: object): string {
  return JSON.stringify(one, Object.keys(one).sort());
}

function wait(ms: number, { node }: State): void {
  node.clockMs += ms;
}
