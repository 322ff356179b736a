// The tables that name each other: nothing goes while something names it, nothing is named that is
// not there, and learned remotes make room when nobody needs them.
import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import {
  FdbAt,
  type FdbInit,
  FloodAt,
  type FloodInit,
  NeighborAt,
  type NeighborInit,
} from "../bindings/core/index.ts";
import { fdbLayout } from "../bindings/core/tables/fdb.ts";
import { floodLayout } from "../bindings/core/tables/flood.ts";
import { neighborLayout } from "../bindings/core/tables/neighbors.ts";
import type { ModelNode } from "../test/model/node.ts";
import { expectSame } from "./census.ts";
import { commands, operation, type Suite } from "./law.ts";
import * as registry from "./registry.ts";
import { named, Subject } from "./subject.ts";
import { learn, send } from "./talk.ts";
import { Twins } from "./twins.ts";

const PAGES = 2;
const STEPS = 60;

const address = fc.constantFrom(...registry.ADDRESSES);
const mac = fc.constantFrom("02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03");

function some<T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(one, { minLength: 1, maxLength: 3, size: "max" });
}

const entry = fc.record({
  domain: registry.index,
  mac,
  port: registry.index,
  remote: registry.indexOrNull,
  flags: fc.constantFrom<Required<FdbInit>["flags"]>(["learned"], ["static"], ["permanent"]),
});
const flood = fc.record({
  domain: registry.index,
  port: registry.index,
  remote: registry.indexOrNull,
});
const neighbor = fc.record({
  port: registry.index,
  address,
  mac,
  state: fc.constant("permanent"),
});

const OPERATIONS = {
  setPort: operation(4, registry.port, registry.setPort),
  removePort: operation(2, registry.index, registry.removePort),
  setDomain: operation(3, registry.domain, registry.setDomain),
  removeDomain: operation(2, registry.index, registry.removeDomain),
  setRemote: operation(4, registry.remote, registry.setRemote),
  removeRemote: operation(
    2,
    fc.record({ index: registry.index, withEntries: fc.boolean() }),
    registry.removeRemote,
  ),
  findRemote: operation(1, address, registry.findRemote),
  setHop: operation(2, registry.hop, registry.setHop),
  removeHop: operation(2, registry.index, registry.removeHop),
  setFdb: operation(2, some(entry), setFdb),
  removeFdb: operation(1, fc.record({ domain: registry.index, mac }), removeFdb),
  setFlood: operation(3, some(flood), setFlood),
  removeFlood: operation(2, some(flood), removeFlood),
  setNeighbors: operation(2, some(neighbor), setNeighbors),
  removeNeighbors: operation(1, some(neighbor), removeNeighbors),
  findNeighbors: operation(1, some(fc.record({ port: registry.index, address })), findNeighbors),
  learn: operation(5, fc.record({ port: registry.index, peer: address, mac }), learn),
  send: operation(2, fc.record({ port: registry.index, mac }), send),
};

export async function openTables(): Promise<Suite> {
  const twins = await Twins.open(PAGES);
  const subject = new Subject(twins, registry.TIGHT, 0x5eedn);
  registry.settle(subject);
  twins.keep();
  const begin = (): { model: ModelNode; real: Subject } => {
    twins.back();
    return { model: registry.newNode(), real: subject };
  };
  const end = (model: ModelNode): void => {
    expectSame(model, subject);
    twins.expectAlike();
  };
  const machine = { operations: OPERATIONS, steps: STEPS, begin, end };
  return { name: "tables", share: 1.5, laws: [commands("commands", machine)] };
}

function isRemote(model: ModelNode, at: number | null): boolean {
  return at === null || model.remotes.has(at);
}

function setFdb(entries: readonly Required<FdbInit>[], model: ModelNode, subject: Subject): void {
  const statuses = subject.many("fdb_set", fdbLayout, FdbAt.Status, entries, 0);
  const expected = entries.map((one) => {
    const isKnown = model.domains.has(one.domain) && model.ports.has(one.port);
    if (!isKnown || !isRemote(model, one.remote)) return "NotFound";
    return model.fdb.set(one) ? "Ok" : "NoRoom";
  });
  deepStrictEqual(statuses, expected);
}

function removeFdb(
  key: { readonly domain: number; readonly mac: string },
  model: ModelNode,
  subject: Subject,
): void {
  const byKey = fdbLayout.key("domain", "mac");
  const [status] = subject.many("fdb_remove", byKey, FdbAt.Status, [key]);
  strictEqual(status, model.fdb.remove(key.domain, key.mac) ? "Ok" : "NotFound");
}

type Flooded = Required<FloodInit>;

function isSame(a: Flooded, b: Flooded): boolean {
  return a.domain === b.domain && a.port === b.port && a.remote === b.remote;
}

function setFlood(entries: readonly Flooded[], model: ModelNode, subject: Subject): void {
  const statuses = subject.many("flood_set", floodLayout, FloodAt.Status, entries);
  const expected = entries.map((one) => {
    const isKnown = model.domains.has(one.domain) && model.ports.has(one.port);
    if (!isKnown || !isRemote(model, one.remote)) return "NotFound";
    if (model.flood.some((other) => isSame(one, other))) return "Ok";
    if (model.flood.length === registry.TIGHT.flood) return "NoRoom";
    model.flood.push(one);
    return "Ok";
  });
  deepStrictEqual(statuses, expected);
}

function removeFlood(entries: readonly Flooded[], model: ModelNode, subject: Subject): void {
  const statuses = subject.many("flood_remove", floodLayout, FloodAt.Status, entries);
  const expected = entries.map((one) => {
    const before = model.flood.length;
    model.flood = model.flood.filter((other) => !isSame(one, other));
    return model.flood.length < before ? "Ok" : "NotFound";
  });
  deepStrictEqual(statuses, expected);
}

type Neighbor = Required<NeighborInit>;

function setNeighbors(entries: readonly Neighbor[], model: ModelNode, subject: Subject): void {
  const statuses = subject.many("neighbor_set", neighborLayout, NeighborAt.Status, entries, 0);
  const expected = entries.map((one) => {
    if (!model.ports.has(one.port)) return "NotFound";
    const isThere = model.neighborAt(one.port, one.address) !== undefined;
    if (!isThere && model.neighbors.length === registry.TIGHT.neighbors) return "NoRoom";
    forget(model, one);
    model.neighbors.push(one);
    return "Ok";
  });
  deepStrictEqual(statuses, expected);
}

function removeNeighbors(entries: readonly Neighbor[], model: ModelNode, subject: Subject): void {
  const byKey = neighborLayout.key("port", "address");
  const statuses = subject.many("neighbor_remove", byKey, NeighborAt.Status, entries);
  const expected = entries.map((one) => (forget(model, one) ? "Ok" : "NotFound"));
  deepStrictEqual(statuses, expected);
}

function forget(model: ModelNode, one: Pick<Neighbor, "port" | "address">): boolean {
  const known = model.neighborAt(one.port, one.address);
  model.neighbors = model.neighbors.filter((other) => other !== known);
  return known !== undefined;
}

function findNeighbors(
  keys: readonly Pick<Neighbor, "port" | "address">[],
  model: ModelNode,
  subject: Subject,
): void {
  for (const key of keys) {
    const byKey = neighborLayout.key("port", "address");
    const answer = named(subject.one("neighbor_get", byKey, key, 0));
    const known = model.neighborAt(key.port, key.address);
    strictEqual(answer, known === undefined ? "NotFound" : 0);
    if (known !== undefined) deepStrictEqual(subject.told(neighborLayout), { ...known, ageS: 0 });
  }
}
