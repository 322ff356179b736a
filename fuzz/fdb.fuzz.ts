// The forwarding database against a Map: set, learned, moved, aged, flushed, and full.
import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import { FdbAt, FdbFlag, type FdbInit, fdbKey, NONE } from "../bindings/core/index.ts";
import { fdbLayout } from "../bindings/core/tables/fdb.ts";
import { portLayout } from "../bindings/core/tables/ports.ts";
import type { ModelNode } from "../test/model/node.ts";
import { ethernet, vxlan } from "../test/model/packet.ts";
import { macOf } from "./arbitrary/index.ts";
import { HEADROOM_LEN, lay, run } from "./feed.ts";
import { openFull } from "./full.ts";
import { commands, type Law, operation, type Suite } from "./law.ts";
import { describe, expectSame, portOf, settle } from "./stations.ts";
import { named, SMALL, Subject } from "./subject.ts";
import { Twins } from "./twins.ts";

const PAGES = 2;
const STEPS = 60;
const BUDGET_ALL = 0xffffffff;
const BUCKETS_MAX = 16; // of SMALL.fdb entries there are fewer
const MISS = 0xffffffff;
const NO_MAC = "00:00:00:00:00:00";
const STATIONS = Array.from({ length: 20 }, (_, at) => `02:00:00:00:00:${(at + 16).toString(16)}`);

type Key = Pick<Required<FdbInit>, "domain" | "mac">;
type Entry = Required<FdbInit>;

const mac = macOf(...STATIONS);
const domain = fc.constantFrom(0, 0, 0, 1, 1, 2);
const port = fc.constantFrom(0, 0, 1, 2, 3);
const remote = fc.constantFrom(0, 1, 2, 3, null);
const key = fc.record({ domain, mac });
const entry = fc.record({
  domain,
  mac,
  port,
  remote,
  flags: fc.constantFrom<Entry["flags"]>(
    [],
    ["learned"],
    ["learned", "sticky"],
    ["static"],
    ["static", "sticky"],
    ["permanent"],
    ["sticky"],
  ),
});

function some<T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(one, { minLength: 1, maxLength: 4, size: "max" });
}

const lesson = fc.record({
  port: fc.constantFrom(0, 1),
  remote: fc.constantFrom(0, 1, 2),
  mac: fc.constantFrom(...STATIONS),
});

const choice = fc.record({
  domain: fc.constantFrom(null, 0, 1, 2),
  port: fc.constantFrom(null, 0, 1, 2),
  remote: fc.constantFrom(null, 0, 1, 2),
  withStatic: fc.boolean(),
});

const limit = fc.record({
  port: fc.constantFrom(0, 1),
  learnLimit: fc.nat(4),
  isSticky: fc.boolean(),
});

const OPERATIONS = {
  set: operation(4, some(entry), set),
  remove: operation(2, some(key), remove),
  look: operation(2, some(key), look),
  get: operation(2, key, get),
  learn: operation(8, lesson, learn),
  age: operation(1, fc.constantFrom(0, 1, 3, BUDGET_ALL), age),
  flush: operation(1, choice, flush),
  limit: operation(1, limit, setLimit),
  wait: operation(2, fc.constantFrom(1, 999, 1000, 4000, 9999, 10000, -1, -6000), wait),
  reset: operation(1, fc.constant(null), reset),
};

export async function openFdb(): Promise<Suite> {
  const laws = [await openStations("commands", SMALL.fdb), await openFull()];
  return { name: "fdb", share: 3, laws };
}

/** The law, with a model that says that so many entries fit. */
export async function openStations(name: string, capacity: number): Promise<Law> {
  const twins = await Twins.open(PAGES);
  const subject = new Subject(twins, SMALL, 0x5eedn);
  settle(subject);
  twins.keep();
  const begin = (): { model: ModelNode; real: Subject } => {
    twins.back();
    const model = describe();
    model.fdb.capacity = capacity;
    return { model, real: subject };
  };
  const end = (model: ModelNode): void => {
    expectSame(model, subject);
    twins.expectAlike();
  };
  return commands(name, { operations: OPERATIONS, steps: STEPS, begin, end });
}

function set(entries: readonly Entry[], model: ModelNode, subject: Subject): void {
  const statuses = subject.many("fdb_set", fdbLayout, FdbAt.Status, entries, model.tick());
  const expected = entries.map((one) => {
    if (one.mac === NO_MAC) return "BadArgument";
    const isKnown = model.domains.has(one.domain) && model.ports.has(one.port);
    if (!isKnown || !(one.remote === null || model.remotes.has(one.remote))) return "NotFound";
    return model.fdb.set(one) ? "Ok" : "NoRoom";
  });
  deepStrictEqual(statuses, expected);
}

function remove(keys: readonly Key[], model: ModelNode, subject: Subject): void {
  const byKey = fdbLayout.key("domain", "mac");
  const statuses = subject.many("fdb_remove", byKey, FdbAt.Status, keys);
  const expected = keys.map((one) => {
    if (one.mac === NO_MAC) return "BadArgument";
    return model.fdb.remove(one.domain, one.mac) ? "Ok" : "NotFound";
  });
  deepStrictEqual(statuses, expected);
}

function look(keys: readonly Key[], model: ModelNode, subject: Subject): void {
  const { twins, scratch, node } = subject;
  const words = BigUint64Array.from(keys, (one) => fdbKey(one.domain, one.mac));
  const out = scratch + words.byteLength;
  twins.write(scratch, new Uint8Array(words.buffer));
  const hits = twins.call("fdb_lookup_bulk", node, scratch, out, keys.length, model.tick());
  const expected = keys.map((one) => {
    const station = model.fdb.get(one.domain, one.mac);
    return station === undefined ? MISS : station.port + (station.remote ?? NONE) * 65536;
  });
  deepStrictEqual(
    keys.map((_, at) => twins.view.getUint32(out + at * 4, true)),
    expected,
  );
  strictEqual(hits, expected.filter((place) => place !== MISS).length);
}

function get(one: Key, model: ModelNode, subject: Subject): void {
  const byKey = fdbLayout.key("domain", "mac");
  const isKey = one.mac !== NO_MAC; // a call that is refused takes no time either
  const nowMs = isKey ? model.tick() : model.clockMs;
  const answer = named(subject.one("fdb_get", byKey, one, nowMs));
  const station = model.fdb.get(one.domain, one.mac);
  if (isKey) strictEqual(answer, station === undefined ? "NotFound" : 0);
  else strictEqual(answer, "BadArgument");
  if (station !== undefined) deepStrictEqual(subject.told(fdbLayout), station);
}

// A frame from `mac` comes out of the tunnel.
function learn(
  told: { readonly port: number; readonly remote: number; readonly mac: string },
  model: ModelNode,
  subject: Subject,
): void {
  const from = model.ports.get(told.port);
  const peer = model.remotes.get(told.remote)?.address ?? null;
  const macs = { dst: "ff:ff:ff:ff:ff:ff", src: told.mac };
  const frame = ethernet({ ...macs, etherType: 0x88cc }, new Uint8Array(4));
  const bytes = vxlan({ vni: from?.vni ?? 0 }, frame);
  const ptr = subject.slot(0) + HEADROOM_LEN;
  subject.twins.write(ptr, bytes);
  const packets = [{ ptr, len: bytes.length, peer }];
  const feed = {
    element: "vxlan_decap_burst",
    port: told.port,
    nowMs: model.tick(),
    packets,
  } as const;
  lay(subject, feed);
  const verdict = run(subject, feed).ins[0]?.verdict;
  const place = { port: told.port, remote: told.remote };
  const learned = model.fdb.learn(from?.domain ?? NONE, told.mac, place);
  strictEqual(verdict, learned === "Exists" ? "Pinned" : "consumed");
}

// With a small budget, which ones go first is the core's affair; that they had expired is not.
// A sweep goes on where the last one ended: as many as there are buckets see every entry.
function age(budget: number, model: ModelNode, subject: Subject): void {
  let removed = 0;
  for (let sweep = 0; sweep < BUCKETS_MAX; sweep++) {
    removed += subject.twins.call("fdb_age", subject.node, budget, model.tick());
  }
  strictEqual(removed, budget === 0 ? 0 : model.fdb.age());
}

function flush(
  told: {
    readonly domain: number | null;
    readonly port: number | null;
    readonly remote: number | null;
    readonly withStatic: boolean;
  },
  model: ModelNode,
  subject: Subject,
): void {
  const { twins, node, scratch } = subject;
  const record = new Uint8Array(FdbAt.End);
  const view = new DataView(record.buffer);
  view.setUint16(FdbAt.Domain, told.domain ?? NONE, true);
  view.setUint16(FdbAt.Port, told.port ?? NONE, true);
  view.setUint16(FdbAt.Remote, told.remote ?? NONE, true);
  view.setUint16(FdbAt.Flags, told.withStatic ? FdbFlag.Static : 0, true);
  twins.write(scratch, record);
  const meant = model.fdb.flush((one) => {
    if (!told.withStatic && !one.flags.includes("learned")) return false;
    if (told.domain !== null && told.domain !== one.domain) return false;
    if (told.port !== null && told.port !== one.port) return false;
    return told.remote === null || told.remote === one.remote;
  });
  strictEqual(twins.call("fdb_flush", node, scratch), meant);
}

function setLimit(
  told: { readonly port: number; readonly learnLimit: number; readonly isSticky: boolean },
  model: ModelNode,
  subject: Subject,
): void {
  const one = portOf(told.port, told.learnLimit, told.isSticky);
  model.ports.set(told.port, one);
  strictEqual(subject.one("port_set", portLayout, one), 0);
}

function wait(ms: number, model: ModelNode): void {
  model.clockMs = Math.max(0, model.clockMs + ms);
}

function reset(_: null, model: ModelNode, subject: Subject): void {
  strictEqual(subject.twins.call("node_reset", subject.node), 0);
  settle(subject);
  model.fdb.flush(() => true);
  model.clockMs = 0;
  model.nowMs = 0;
  for (const [index, one] of describe().ports) model.ports.set(index, one);
}
