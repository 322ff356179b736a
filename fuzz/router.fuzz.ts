// The router against its twin: packets and ARP between two links and a TUN device, while routes,
// ports and neighbors change, time passes, and table and output are full.
import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import { NeighborAt, RouteAt, Status, type StatusName } from "../bindings/core/index.ts";
import { hopLayout } from "../bindings/core/tables/hops.ts";
import { neighborLayout } from "../bindings/core/tables/neighbors.ts";
import { portLayout } from "../bindings/core/tables/ports.ts";
import { routeLayout } from "../bindings/core/tables/routes.ts";
import { type ModelNeighbor, NeighborModel } from "../test/model/neighbor.ts";
import { ModelNode, type ModelPort } from "../test/model/node.ts";
import { addressNumber, hexOf } from "../test/model/packet.ts";
import type { Fate } from "../test/model/path.ts";
import { question, route } from "../test/model/router.ts";
import { expectFates } from "./fate.ts";
import { AMPLE, type Feed, HEADROOM_LEN, lay, PACKET_FIRST, run } from "./feed.ts";
import { commands, operation, type Suite } from "./law.ts";
import {
  bare,
  type Entry,
  entry,
  frame,
  HOPS,
  MACS,
  OURS,
  PREFIXES,
  prefix,
  type Sent,
  type Settings,
  settings,
  speech,
} from "./links.ts";
import { expectOk, named, SMALL, Subject } from "./subject.ts";
import { Twins } from "./twins.ts";

const PAGES = 2;
const STEPS = 60;
const NEIGHBORS = 6;
const CAPS = { ...SMALL, neighbors: NEIGHBORS, hops: HOPS.length, routes: 8 };

interface State {
  readonly node: ModelNode;
  readonly neighbors: NeighborModel;
  readonly counted: Map<string, number>;
}

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
  return { name: "router", share: 4, laws: [commands("commands", machine)] };
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
  { port, address, mac, state: as }: Entry,
  { node, neighbors }: State,
  subject: Subject,
): void {
  const nowMs = node.tick();
  const record = { port, address, mac, state: as };
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

function setPort(told: Settings, { node }: State, subject: Subject): void {
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
