// The forwarding database against a Map: set, learned, moved, aged, flushed, and full.
import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import { FdbAt, FdbFlag, type FdbInit, fdbKey, NodeInfoAt, NONE } from "../bindings/core/index.ts";
import { domainLayout } from "../bindings/core/tables/domains.ts";
import { fdbLayout } from "../bindings/core/tables/fdb.ts";
import { portLayout } from "../bindings/core/tables/ports.ts";
import { remoteLayout } from "../bindings/core/tables/remotes.ts";
import type { ModelStation } from "../test/model/fdb.ts";
import { ModelNode, type ModelPort } from "../test/model/node.ts";
import { ethernet, vxlan } from "../test/model/packet.ts";
import { macOf } from "./arbitrary/index.ts";
import { HEADROOM_LEN, lay, run } from "./feed.ts";
import { commands, type Machine, type Suite } from "./law.ts";
import { expectOk, named, SMALL, Subject } from "./subject.ts";
import { Twins } from "./twins.ts";

const PAGES = 2;
const BUDGET_ALL = 0xffffffff;
const STATIONS = Array.from({ length: 20 }, (_, at) => `02:00:00:00:00:${(at + 16).toString(16)}`);
const DOMAINS = [
  { index: 0, vni: 5, ageS: 10 },
  { index: 1, vni: 6, ageS: 0 },
];
const REMOTES = [
  { index: 0, address: "192.0.2.10", learnLimit: 0 },
  { index: 1, address: "192.0.2.11", learnLimit: 2 },
  { index: 2, address: "192.0.2.12", learnLimit: 0 },
];

type Key = Pick<FdbInit, "domain" | "mac">;

type Op =
  | { readonly do: "set"; readonly entries: readonly Required<FdbInit>[] }
  | { readonly do: "remove" | "look"; readonly keys: readonly Key[] }
  | { readonly do: "get"; readonly key: Key }
  | { readonly do: "learn"; readonly port: number; readonly remote: number; readonly mac: string }
  | { readonly do: "age"; readonly budget: number }
  | {
      readonly do: "flush";
      readonly domain: number | null;
      readonly port: number | null;
      readonly remote: number | null;
      readonly flags: readonly "static"[];
    }
  | { readonly do: "limit"; readonly port: number; readonly limit: number; readonly sticky: boolean }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "reset" };

const mac = macOf(...STATIONS);
const domain = fc.constantFrom(0, 0, 0, 1, 1, 2);
const port = fc.constantFrom(0, 0, 1, 2, 3);
const remote = fc.constantFrom(0, 1, 2, null, 3);
const key = fc.record({ domain, mac });
const flags = fc.constantFrom<Required<FdbInit>["flags"]>(
  [],
  ["learned"],
  ["learned", "sticky"],
  ["static"],
  ["static", "sticky"],
  ["permanent"],
  ["sticky"],
);
const entry = fc.record({ domain, mac, port, remote, flags });
const orAny = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof(fc.constant(null), one);

const op: fc.Arbitrary<Op> = fc.oneof(
  { arbitrary: fc.record({ do: fc.constant("set"), entries: some(entry) }), weight: 4 },
  { arbitrary: fc.record({ do: fc.constantFrom("remove", "look"), keys: some(key) }), weight: 3 },
  { arbitrary: fc.record({ do: fc.constant("get"), key }), weight: 2 },
  {
    arbitrary: fc.record({
      do: fc.constant("learn"),
      port: fc.constantFrom(0, 1),
      remote: fc.constantFrom(0, 1, 2),
      mac: fc.constantFrom(...STATIONS),
    }),
    weight: 8,
  },
  {
    arbitrary: fc.record({ do: fc.constant("age"), budget: fc.constantFrom(0, 1, 3, BUDGET_ALL) }),
    weight: 1,
  },
  {
    arbitrary: fc.record({
      do: fc.constant("flush"),
      domain: orAny(domain),
      port: orAny(port),
      remote: orAny(fc.constantFrom(0, 1, 2, 3)),
      flags: fc.constantFrom<readonly "static"[]>([], ["static"]),
    }),
    weight: 1,
  },
  {
    arbitrary: fc.record({
      do: fc.constant("limit"),
      port: fc.constantFrom(0, 1),
      limit: fc.nat(4),
      sticky: fc.boolean(),
    }),
    weight: 1,
  },
  {
    arbitrary: fc.record({
      do: fc.constant("wait"),
      ms: fc.constantFrom(1, 999, 1000, 4000, 9999, 10000),
    }),
    weight: 2,
  },
  { arbitrary: fc.record({ do: fc.constant("reset") }), weight: 1 },
);

function some<T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(one, { minLength: 1, maxLength: 4, size: "max" });
}

export async function openFdb(): Promise<Suite> {
  const twins = await Twins.open(PAGES);
  const subject = new Subject(twins, SMALL, 0x5eedn);
  settle(subject, new ModelNode());
  twins.keep();
  const machine: Machine<Op, ModelNode, Subject> = {
    op,
    steps: 60,
    begin: () => {
      twins.back();
      const model = new ModelNode();
      describe(model);
      return { model, real: subject };
    },
    step,
    end: (model) => {
      deepStrictEqual(walk(subject), model.fdb.entries().sort(inOrder));
      expectCounts(model, subject);
      twins.expectAlike();
    },
  };
  return { name: "fdb", laws: [commands("commands", machine)] };
}

// The tables around the FDB, in the core and in the model.
function settle(subject: Subject, model: ModelNode): void {
  describe(model);
  for (const one of DOMAINS) expectOk(subject.one("domain_set", domainLayout, one));
  for (const one of model.ports.values()) expectOk(subject.one("port_set", portLayout, one));
  for (const one of REMOTES) expectOk(subject.one("remote_set", remoteLayout, one));
}

function describe(model: ModelNode): void {
  for (const one of DOMAINS) model.domains.set(one.index, one);
  for (const one of REMOTES) {
    const rest = { udpPort: 0, flags: [], dstMac: null, srcMac: null, ownAddress: null };
    model.remotes.set(one.index, { ...rest, ...one });
  }
  for (const index of [0, 1, 2]) model.ports.set(index, portOf(index, 0, false));
  model.fdb.capacity = SMALL.fdb;
}

function portOf(index: number, learnLimit: number, sticky: boolean): ModelPort {
  return {
    index,
    kind: index === 2 ? "ethernet" : "vxlan",
    domain: index === 1 ? 1 : 0,
    mac: null,
    ipv4: null,
    mtu: 0,
    flags: sticky ? ["learn", "sticky"] : ["learn"],
    vni: index === 1 ? 6 : 5,
    learnLimit,
    localIpv4: null,
    udpPort: 8472,
    ttl: 0,
    tosMode: "fixed",
    tos: 0,
  };
}

function step(op: Op, model: ModelNode, subject: Subject): void {
  switch (op.do) {
    case "set":
      return set(op.entries, model, subject);
    case "remove": {
      const statuses = subject.many("fdb_remove", fdbLayout.key("domain", "mac"), FdbAt.Status, op.keys);
      return deepStrictEqual(
        statuses,
        op.keys.map((one) => {
          if (one.mac === "00:00:00:00:00:00") return "BadArgument";
          return model.fdb.remove(one.domain, one.mac) ? "Ok" : "NotFound";
        }),
      );
    }
    case "look":
      return look(op.keys, model, subject);
    case "get":
      return get(op.key, model, subject);
    case "learn":
      return learn(op, model, subject);
    case "age":
      return age(op.budget, model, subject);
    case "flush":
      return flush(op, model, subject);
    case "limit": {
      const port = portOf(op.port, op.limit, op.sticky);
      model.ports.set(op.port, port);
      return strictEqual(subject.one("port_set", portLayout, port), 0);
    }
    case "wait":
      return model.advance(model.nowMs + op.ms);
    case "reset":
      strictEqual(subject.twins.call("node_reset", subject.node), 0);
      model.fdb.flush(() => true);
      model.nowMs = 0;
      model.ports.clear();
      return settle(subject, model);
  }
}

function set(entries: readonly Required<FdbInit>[], model: ModelNode, subject: Subject): void {
  const statuses = subject.many("fdb_set", fdbLayout, FdbAt.Status, entries, model.nowMs);
  const expected = entries.map((one) => {
    const remote = one.remote ?? null;
    if (one.mac === "00:00:00:00:00:00") return "BadArgument";
    const isKnown = model.domains.has(one.domain) && model.ports.has(one.port);
    if (!isKnown || (remote !== null && !model.remotes.has(remote))) return "NotFound";
    return model.fdb.set({ ...one, remote }) ? "Ok" : "NoRoom";
  });
  deepStrictEqual(statuses, expected);
}

function look(keys: readonly Key[], model: ModelNode, subject: Subject): void {
  const { twins, scratch } = subject;
  const bytes = new Uint8Array(BigUint64Array.from(keys, (one) => fdbKey(one.domain, one.mac)).buffer);
  twins.write(scratch, bytes);
  const out = scratch + bytes.length;
  const hits = twins.call("fdb_lookup_bulk", subject.node, scratch, out, keys.length, model.nowMs);
  const found = keys.map((_, at) => twins.view.getUint32(out + at * 4, true));
  const expected = keys.map((one) => {
    const station = model.fdb.get(one.domain, one.mac);
    return station === undefined ? 0xffffffff : station.port + (station.remote ?? 0xffff) * 65536;
  });
  deepStrictEqual(found, expected);
  strictEqual(hits, expected.filter((place) => place !== 0xffffffff).length);
}

function get(key: Key, model: ModelNode, subject: Subject): void {
  const byKey = fdbLayout.key("domain", "mac");
  const answer = named(subject.one("fdb_get", byKey, key, model.nowMs));
  if (key.mac === "00:00:00:00:00:00") return strictEqual(answer, "BadArgument");
  const station = model.fdb.get(key.domain, key.mac);
  strictEqual(answer, station === undefined ? "NotFound" : 0);
  if (station !== undefined) deepStrictEqual(subject.told(fdbLayout), station);
}

// A frame from `mac` comes out of the tunnel.
function learn(op: Extract<Op, { do: "learn" }>, model: ModelNode, subject: Subject): void {
  const port = model.ports.get(op.port);
  const peer = model.remotes.get(op.remote)?.address ?? null;
  const frame = ethernet({ dst: "ff:ff:ff:ff:ff:ff", src: op.mac, etherType: 0x88cc }, new Uint8Array(4));
  const bytes = vxlan({ vni: port?.vni ?? 0 }, frame);
  const ptr = subject.slot(0) + HEADROOM_LEN;
  subject.twins.write(ptr, bytes);
  const packets = [{ ptr, len: bytes.length, peer }];
  const feed = { element: "vxlan_decap_burst", port: op.port, nowMs: model.nowMs, packets } as const;
  lay(subject, feed);
  const fed = run(subject, feed);
  const place = { port: op.port, remote: op.remote };
  const learned = model.fdb.learn(port?.domain ?? 0, op.mac, place);
  strictEqual(fed.ins[0]?.verdict, learned === "Exists" ? "Pinned" : "consumed");
}

// With a small budget, which ones go first is the core's affair; that they had expired is not.
function age(budget: number, model: ModelNode, subject: Subject): void {
  const removed = subject.twins.call("fdb_age", subject.node, budget, model.nowMs);
  if (budget === BUDGET_ALL) return strictEqual(removed, model.fdb.age());
  const left = new Set(walk(subject).map((one) => `${one.domain} ${one.mac}`));
  const gone = model.fdb.flush(
    (one) =>
      !left.has(`${one.domain} ${one.mac}`) && model.fdb.get(one.domain, one.mac) === undefined,
  );
  strictEqual(removed, gone);
}

function flush(op: Extract<Op, { do: "flush" }>, model: ModelNode, subject: Subject): void {
  const { twins, node, scratch } = subject;
  const record = new Uint8Array(FdbAt.End);
  const view = new DataView(record.buffer);
  view.setUint16(FdbAt.Domain, op.domain ?? NONE, true);
  view.setUint16(FdbAt.Port, op.port ?? NONE, true);
  view.setUint16(FdbAt.Remote, op.remote ?? NONE, true);
  view.setUint16(FdbAt.Flags, op.flags.length === 0 ? 0 : FdbFlag.Static, true);
  twins.write(scratch, record);
  const removed = twins.call("fdb_flush", node, scratch);
  const meant = model.fdb.flush((one) => {
    const isFixed = !one.flags.includes("learned");
    if (isFixed && op.flags.length === 0) return false;
    const isThere = op.domain === null || op.domain === one.domain;
    return (
      isThere &&
      (op.port === null || op.port === one.port) &&
      (op.remote === null || op.remote === one.remote)
    );
  });
  strictEqual(removed, meant);
}

/** Every entry, in the order of domain and MAC. */
function walk(subject: Subject): ModelStation[] {
  const { twins, node, scratch } = subject;
  const stations: ModelStation[] = [];
  for (let cursor = 0; ; ) {
    cursor = expectOk(twins.call("fdb_next", node, cursor, scratch));
    if (cursor === 0) return stations.sort(inOrder);
    stations.push(subject.told(fdbLayout));
  }
}

function inOrder(a: ModelStation, b: ModelStation): number {
  return a.domain - b.domain || (a.mac < b.mac ? -1 : 1);
}

// How many there are, and how many were learned where.
function expectCounts(model: ModelNode, subject: Subject): void {
  const { twins, node, scratch } = subject;
  expectOk(twins.call("node_info", node, scratch));
  strictEqual(twins.view.getUint32(scratch + NodeInfoAt.Fdb, true), model.fdb.entries().length);
  const learned = model.fdb.learned();
  for (const index of model.ports.keys()) {
    expectOk(subject.one("port_get", portLayout.key("index"), { index }));
    strictEqual(subject.told(portLayout).learned, learned.filter((one) => one.port === index).length);
  }
  for (const { index } of REMOTES) {
    expectOk(subject.one("remote_get", remoteLayout.key("index"), { index }));
    const behind = learned.filter((one) => one.remote === index).length;
    strictEqual(subject.told(remoteLayout).learned, behind);
  }
}
