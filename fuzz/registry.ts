// Ports, domains, remotes and hops, in the core and in the model.
import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import { type Caps, NodeInfoAt } from "../bindings/core/index.ts";
import type { RecordLayout } from "../bindings/core/record.ts";
import { domainLayout } from "../bindings/core/tables/domains.ts";
import { fdbLayout } from "../bindings/core/tables/fdb.ts";
import { floodLayout } from "../bindings/core/tables/flood.ts";
import { hopLayout } from "../bindings/core/tables/hops.ts";
import { neighborLayout } from "../bindings/core/tables/neighbors.ts";
import { portLayout } from "../bindings/core/tables/ports.ts";
import { remoteLayout } from "../bindings/core/tables/remotes.ts";
import {
  type ModelDomain,
  type ModelHop,
  ModelNode,
  type ModelPort,
  type ModelRemote,
} from "../test/model/node.ts";
import { expectOk, named, SMALL, type Subject } from "./subject.ts";
import type { FunctionName } from "./twins.ts";

export const TIGHT: Caps = {
  ...SMALL,
  hops: 3,
  fdb: 6,
  neighbors: 4,
  remotes: 4,
  ports: 4,
  domains: 3,
  flood: 4,
};

export const ADDRESSES: readonly string[] = Array.from({ length: 7 }, (_, at) => `192.0.2.${at}`);

/** Mostly of what is there from the beginning, seldom beyond the capacity. */
export const index: fc.Arbitrary<number> = fc.constantFrom(0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4);
export const indexOrNull: fc.Arbitrary<number | null> = fc.oneof(
  { arbitrary: index, weight: 4 },
  { arbitrary: fc.constant(null), weight: 1 },
);

export const port: fc.Arbitrary<ModelPort> = fc.record({
  index,
  kind: fc.constantFrom("vxlan", "vxlan", "vxlan", "ethernet"),
  domain: fc.constantFrom(null, 0, 0, 1, 1, 2),
  mac: fc.constantFrom("02:00:00:00:00:ff", null),
  ipv4: fc.constantFrom("10.0.0.1", null),
  mtu: fc.constantFrom(0, 1450),
  flags: fc.constantFrom<ModelPort["flags"]>(["learn", "flood"], ["learn", "flood", "sticky"]),
  vni: fc.constantFrom(5, 6),
  learnLimit: fc.constantFrom(0, 0, 1),
  localIpv4: fc.constantFrom("198.51.100.1", null),
  udpPort: fc.constantFrom(8472, 4789),
  ttl: fc.constantFrom(0, 7),
  tosMode: fc.constantFrom("fixed", "inherit"),
  tos: fc.nat(255),
});

export const domain: fc.Arbitrary<ModelDomain> = fc.record({
  index,
  vni: fc.constantFrom(null, 5, 6, 7),
  ageS: fc.constantFrom(0, 300),
});

type RemoteWish = Omit<ModelRemote, "index"> & { readonly index: number | null };

export const remote: fc.Arbitrary<RemoteWish> = fc.record({
  index: indexOrNull,
  address: fc.constantFrom(...ADDRESSES),
  udpPort: fc.constantFrom(0, 4789),
  flags: fc.constantFrom<ModelRemote["flags"]>([], ["allowed"]),
  dstMac: fc.constantFrom(null, "02:00:00:00:ff:02"),
  srcMac: fc.constantFrom(null, "02:00:00:00:ff:01"),
  ownAddress: fc.constantFrom(null, "198.51.100.7"),
  learnLimit: fc.constantFrom(0, 0, 1),
});

type HopWish = Omit<ModelHop, "index"> & { readonly index: number | null };

export const hop: fc.Arbitrary<HopWish> = fc.record({
  index: indexOrNull,
  kind: fc.constantFrom("unicast", "local", "connected", "blackhole", "unreachable", "prohibit"),
  gateway: fc.constantFrom(null, "10.0.0.254"),
  port: indexOrNull,
  remote: indexOrNull,
  mtu: fc.constantFrom(0, 1400),
  flags: fc.constantFrom<ModelHop["flags"]>([], ["onLink"]),
});

const PORT: ModelPort = {
  index: 0,
  kind: "vxlan",
  domain: 0,
  mac: null,
  ipv4: null,
  mtu: 0,
  flags: ["learn", "flood"],
  vni: 5,
  learnLimit: 0,
  localIpv4: null,
  udpPort: 8472,
  ttl: 0,
  tosMode: "fixed",
  tos: 0,
};
const REMOTE: Omit<ModelRemote, "index" | "address"> = {
  udpPort: 0,
  flags: [],
  dstMac: null,
  srcMac: null,
  ownAddress: null,
  learnLimit: 0,
};

/** Where every run begins: two domains, a port in each, and a remote. */
export function newNode(): ModelNode {
  const model = new ModelNode();
  model.fdb.capacity = TIGHT.fdb;
  model.remoteCapacity = TIGHT.remotes;
  for (const at of [0, 1]) {
    model.domains.set(at, { index: at, vni: 5 + at, ageS: 0 });
    model.ports.set(at, { ...PORT, index: at, domain: at, vni: 5 + at });
  }
  model.remotes.set(0, { ...REMOTE, index: 0, address: ADDRESSES[0] ?? "" });
  return model;
}

/** Brings an empty node there. */
export function settle(subject: Subject): void {
  const { domains, ports, remotes } = newNode();
  for (const one of domains.values()) expectOk(subject.one("domain_set", domainLayout, one));
  for (const one of ports.values()) expectOk(subject.one("port_set", portLayout, one));
  for (const one of remotes.values()) expectOk(subject.one("remote_set", remoteLayout, one));
}

export function setPort(one: ModelPort, model: ModelNode, subject: Subject): void {
  const answer = named(subject.one("port_set", portLayout, one));
  if (one.index >= TIGHT.ports) return strictEqual(answer, "NoRoom");
  const isKnown = one.domain === null || model.domains.has(one.domain);
  strictEqual(answer, isKnown ? 0 : "NotFound");
  if (isKnown) model.ports.set(one.index, one);
}

export function removePort(index: number, model: ModelNode, subject: Subject): void {
  const answer = named(subject.twins.call("port_remove", subject.node, index));
  strictEqual(answer, removed(model.ports, index, model.usesPort(index)));
}

export function setDomain(one: ModelDomain, model: ModelNode, subject: Subject): void {
  const answer = named(subject.one("domain_set", domainLayout, one));
  if (one.index >= TIGHT.domains) return strictEqual(answer, "NoRoom");
  const holder = one.vni === null ? undefined : model.domainWith(one.vni);
  const isFree = holder === undefined || holder.index === one.index;
  strictEqual(answer, isFree ? 0 : "Exists");
  if (isFree) model.domains.set(one.index, one);
}

export function removeDomain(index: number, model: ModelNode, subject: Subject): void {
  const answer = named(subject.twins.call("domain_remove", subject.node, index));
  strictEqual(answer, removed(model.domains, index, model.usesDomain(index)));
}

function removed(table: Map<number, unknown>, index: number, isBusy: boolean): number | string {
  if (!table.has(index)) return "NotFound";
  if (isBusy) return "Busy";
  table.delete(index);
  return 0;
}

export function setRemote(wish: RemoteWish, model: ModelNode, subject: Subject): void {
  const answer = named(subject.one("remote_set", remoteLayout, wish));
  const expected = placesFor(wish, model);
  if (typeof expected === "string") return strictEqual(answer, expected);
  const index = Number(answer);
  if (!expected.includes(index)) throw new Error(`${answer}, not one of ${expected.join(" ")}`);
  model.remotes.set(index, { ...wish, index });
}

// The indexes that the remote may get, or why it gets none.
function placesFor({ index, address }: RemoteWish, model: ModelNode): number[] | string {
  const holder = model.remoteWith(address);
  if (index === null) return holder === undefined ? freePlaces(model) : [holder.index];
  if (holder !== undefined) return holder.index === index ? [index] : "Exists";
  if (index >= TIGHT.remotes) return "NoRoom";
  const isLearned = model.remotes.get(index)?.flags.includes("learned") ?? false;
  return isLearned && model.usesRemote(index) ? "Busy" : [index];
}

/** What a new remote may take: what is free, else what was learned and serves nobody. */
export function freePlaces(model: ModelNode): number[] | string {
  const all = Array.from({ length: TIGHT.remotes }, (_, at) => at);
  const free = all.filter((at) => !model.remotes.has(at));
  if (free.length > 0) return free;
  const idle = all.filter((at) => {
    return model.remotes.get(at)?.flags.includes("learned") && !model.usesRemote(at);
  });
  return idle.length > 0 ? idle : "NoRoom";
}

export function removeRemote(
  { index, withEntries }: { readonly index: number; readonly withEntries: boolean },
  model: ModelNode,
  subject: Subject,
): void {
  const { twins, node } = subject;
  const answer = named(twins.call("remote_remove", node, index, withEntries ? 1 : 0));
  if (withEntries && model.remotes.has(index) && !model.hopsTo(index)) {
    model.fdb.flush((one) => one.remote === index);
    model.flood = model.flood.filter((one) => one.remote !== index);
  }
  strictEqual(answer, removed(model.remotes, index, model.usesRemote(index)));
}

export function findRemote(address: string, model: ModelNode, subject: Subject): void {
  const answer = named(subject.one("remote_find", remoteLayout.key("address"), { address }));
  strictEqual(answer, model.remoteWith(address)?.index ?? "NotFound");
}

export function setHop(wish: HopWish, model: ModelNode, subject: Subject): void {
  const answer = named(subject.one("hop_set", hopLayout, wish));
  const isPort = wish.port === null || model.ports.has(wish.port);
  const isRemote = wish.remote === null || model.remotes.has(wish.remote);
  if (!isPort || !isRemote) return strictEqual(answer, "NotFound");
  const isFull = wish.index === null && model.hops.size === TIGHT.hops;
  if (isFull || (wish.index ?? 0) >= TIGHT.hops) return strictEqual(answer, "NoRoom");
  const index = Number(answer);
  if (wish.index !== null) strictEqual(index, wish.index);
  else strictEqual(model.hops.has(index) || index >= TIGHT.hops, false, `hop ${answer}`);
  model.hops.set(index, { ...wish, index });
}

export function removeHop(index: number, model: ModelNode, subject: Subject): void {
  const answer = named(subject.twins.call("hop_remove", subject.node, index));
  strictEqual(answer, removed(model.hops, index, false));
}

/** Every table holds what the model holds. */
export function expectSame(model: ModelNode, subject: Subject): void {
  const learned = model.fdb.learned();
  const learnedAt = (name: "port" | "remote", index: number): number =>
    learned.filter((one) => one[name] === index).length;
  deepStrictEqual(
    rows("port_next", portLayout, subject),
    ordered(model.ports).map((one) => ({ ...one, prefixLen: 0, learned: learnedAt("port", one.index) })),
  );
  deepStrictEqual(rows("domain_next", domainLayout, subject), ordered(model.domains));
  deepStrictEqual(
    rows("remote_next", remoteLayout, subject),
    ordered(model.remotes).map((one) => ({ ...one, learned: learnedAt("remote", one.index) })),
  );
  const hops = ordered(model.hops).map((one) => ({ ...one, users: 0 }));
  deepStrictEqual(rows("hop_next", hopLayout, subject), hops);
  expectSet(entries("fdb_next", fdbLayout, subject), model.fdb.entries());
  expectSet(entries("flood_next", floodLayout, subject), model.flood);
  expectSet(entries("neighbor_next", neighborLayout, subject), model.neighbors);
  expectCounts(model, subject);
}

function ordered<T extends object>(table: Map<number, T>): T[] {
  return [...table].sort(([a], [b]) => a - b).map(([, one]) => ({ ...one }));
}

function expectSet(actual: readonly object[], expected: readonly object[]): void {
  const texts = (all: readonly object[]): string[] =>
    all.map((one) => JSON.stringify(one, Object.keys(one).sort())).sort();
  deepStrictEqual(texts(actual), texts(expected));
}

function rows<T extends { readonly index: number }>(
  name: FunctionName,
  layout: RecordLayout<never, T>,
  subject: Subject,
): T[] {
  const { twins, node, scratch } = subject;
  const found: T[] = [];
  for (let after = -1; ; ) {
    const answer = named(twins.call(name, node, after, scratch));
    if (answer === "NotFound") return found;
    strictEqual(answer, 0);
    const one = subject.told(layout);
    found.push(one);
    after = one.index;
  }
}

function entries<T extends object>(
  name: FunctionName,
  layout: RecordLayout<never, T>,
  subject: Subject,
): T[] {
  const { twins, node, scratch } = subject;
  const found: T[] = [];
  for (let cursor = 0; ; ) {
    cursor = expectOk(twins.call(name, node, cursor, scratch));
    if (cursor === 0) return found;
    found.push(subject.told(layout));
  }
}

function expectCounts(model: ModelNode, { twins, node, scratch }: Subject): void {
  expectOk(twins.call("node_info", node, scratch));
  const read = (at: number): number => twins.view.getUint32(scratch + at, true);
  strictEqual(read(NodeInfoAt.Ports), model.ports.size);
  strictEqual(read(NodeInfoAt.Domains), model.domains.size);
  strictEqual(read(NodeInfoAt.Remotes), model.remotes.size);
  strictEqual(read(NodeInfoAt.Hops), model.hops.size);
  strictEqual(read(NodeInfoAt.Fdb), model.fdb.entries().length);
  strictEqual(read(NodeInfoAt.Flood), model.flood.length);
  strictEqual(read(NodeInfoAt.Neighbors), model.neighbors.length);
}
