// Ports, domains, remotes and hops, in the core and in the model.
import { strictEqual } from "node:assert";
import fc from "fast-check";
import type { Caps } from "../bindings/core/index.ts";
import { domainLayout } from "../bindings/core/tables/domains.ts";
import { hopLayout } from "../bindings/core/tables/hops.ts";
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
  mtu: fc.constantFrom(0, 576, 1400),
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
  mtu: 0,
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
  const isKnown = one.domain === null || model.domains.has(one.domain);
  const expected = one.index >= TIGHT.ports ? "NoRoom" : isKnown ? 0 : "NotFound";
  if (expected === 0) model.ports.set(one.index, one);
  strictEqual(answer, expected);
}

export function removePort(index: number, model: ModelNode, subject: Subject): void {
  const answer = named(subject.twins.call("port_remove", subject.node, index));
  strictEqual(answer, removed(model.ports, index, model.usesPort(index)));
}

export function setDomain(one: ModelDomain, model: ModelNode, subject: Subject): void {
  const answer = named(subject.one("domain_set", domainLayout, one));
  const holder = one.vni === null ? undefined : model.domainWith(one.vni);
  const isFree = holder === undefined || holder.index === one.index;
  const expected = one.index >= TIGHT.domains ? "NoRoom" : isFree ? 0 : "Exists";
  if (expected === 0) model.domains.set(one.index, one);
  strictEqual(answer, expected);
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
  const index = expectOneOf(answer, placesFor(wish, model));
  if (index !== undefined) model.remotes.set(index, { ...wish, index });
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
  const all = Array.from({ length: TIGHT.hops }, (_, at) => at);
  const places = all.filter((at) =>
    wish.index === null ? !model.hops.has(at) : at === wish.index,
  );
  const expected = !isPort || !isRemote ? "NotFound" : places.length === 0 ? "NoRoom" : places;
  const index = expectOneOf(answer, expected);
  if (index !== undefined) model.hops.set(index, { ...wish, index });
}

/** Expects one of these indexes, and gives it, or a status, and gives nothing. */
export function expectOneOf(
  answer: number | string,
  expected: readonly number[] | string,
): number | undefined {
  if (typeof expected === "string") {
    strictEqual(answer, expected);
    return undefined;
  }
  if (typeof answer === "number" && expected.includes(answer)) return answer;
  throw new Error(`${answer}, not one of ${expected.join(" ")}`);
}

export function removeHop(index: number, model: ModelNode, subject: Subject): void {
  const answer = named(subject.twins.call("hop_remove", subject.node, index));
  strictEqual(answer, removed(model.hops, index, false));
}
