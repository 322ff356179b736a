// Routes against a list that is searched from end to end: few and many, where the tree begins at
// other bits, and with too little memory, where a route that does not fit must change nothing.
import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import {
  type Caps,
  HopAt,
  NodeInfoAt,
  RouteAt,
  RouteFlag,
  statusName,
} from "../bindings/core/index.ts";
import { hopLayout } from "../bindings/core/tables/hops.ts";
import { type ModelRoute, RouteModel } from "../test/model/route.ts";
import { commands, type Law, operation, type Suite } from "./law.ts";
import { expectOk, named, SMALL, Subject } from "./subject.ts";
import { Twins } from "./twins.ts";

const PAGE_LEN = 65536;
const STEPS = 50;
const HOPS = 6; // of them the last two are not set
const HOPS_SET = 4;
const FAMILY = 4;
const LEN_BEGIN = 0xffff;
const MISS = 0xffffffff;

interface Real {
  readonly subject: Subject;
  /** Most routes. */
  readonly capacity: number;
  /** True when the pool may be full before the table is. */
  readonly isTight: boolean;
}

// Few bits vary, so that prefixes nest, share branches, and are named again.
const address = fc
  .tuple(
    fc.constantFrom(0x0a000000, 0x0a010000, 0xc0a80000, 0x00000000, 0xffffffff),
    fc.constantFrom(0, 4, 8, 12, 16, 20, 24, 28),
    fc.nat(0xff),
  )
  .map(([base, shift, bits]) => (base ^ (bits << shift)) >>> 0);

const len = fc.oneof(fc.nat(32), fc.constantFrom(0, 8, 16, 24, 32));

function truncated(at: number, bits: number): number {
  return bits === 0 ? 0 : (at & (-1 << (32 - bits))) >>> 0;
}

const prefix = fc
  .tuple(address, len)
  .map(([at, bits]) => ({ address: truncated(at, bits), len: bits }));

// Now and then one that is none: host bits, or too long.
const wrongPrefix = fc.record({ address, len: fc.constantFrom(1, 8, 24, 33, 255, 0xfffe) });

const anyPrefix = fc.oneof(
  { arbitrary: prefix, weight: 12 },
  { arbitrary: wrongPrefix, weight: 1 },
);

const route = fc.record({
  prefix: anyPrefix,
  hop: fc.nat(HOPS - 1),
  flags: fc.constantFrom(0, 0, 0, 0, RouteFlag.CreateOnly, RouteFlag.ReplaceOnly, 3),
});

type Prefix = { readonly address: number; readonly len: number };
type Wish = { readonly prefix: Prefix; readonly hop: number; readonly flags: number };

function some<T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(one, { minLength: 1, maxLength: 6, size: "max" });
}

const OPERATIONS = {
  set: operation(6, some(route), set),
  remove: operation(3, some(anyPrefix), remove),
  get: operation(2, anyPrefix, get),
  look: operation(2, address, look),
  bulk: operation(2, some(address), bulk),
  next: operation(2, fc.oneof(prefix, fc.constant(null)), next),
  removeHop: operation(1, fc.nat(HOPS - 1), removeHop),
};

export async function openRoute(): Promise<Suite> {
  const laws = [
    openLaw("few", { routes: 8 }, false),
    openLaw("some", { routes: 24 }, false),
    openLaw("many", { routes: 5000 }, false),
    openLaw("vast", { routes: 65536, routePoolBytes: 65536 }, false), // look-ups by spans
    openLaw("tight", { routes: 24, routePoolBytes: 512 }, true),
  ];
  return { name: "route", share: 1.5, laws: await Promise.all(laws) };
}

async function openLaw(name: string, some: Partial<Caps>, isTight: boolean): Promise<Law> {
  const caps = { ...SMALL, ...some, fdb: 0, neighbors: 0, remotes: 0, slots: 0 };
  const sizing = await Twins.open(1);
  const twins = await Twins.open(Math.ceil(sizing.nodeSize(caps) / PAGE_LEN) + 1);
  const subject = new Subject(twins, caps, 0x5eedn);
  for (let index = 0; index < HOPS_SET; index++) setHop(subject, index);
  twins.keep();
  const real = { subject, capacity: caps.routes, isTight };
  const begin = (): { model: RouteModel; real: Real } => {
    twins.back();
    return { model: new RouteModel(), real };
  };
  return commands(name, { operations: OPERATIONS, steps: STEPS, begin, end });
}

function setHop(subject: Subject, index: number): void {
  expectOk(subject.one("hop_set", hopLayout, { index, kind: "blackhole" }));
}

function record(at: Prefix, hop = 0, flags = 0): Uint8Array {
  const bytes = new Uint8Array(RouteAt.End);
  const view = new DataView(bytes.buffer);
  view.setUint16(RouteAt.Family, FAMILY, true);
  view.setUint16(RouteAt.Len, at.len, true);
  view.setUint16(RouteAt.Flags, flags, true);
  view.setUint32(RouteAt.Address, at.address);
  view.setUint32(RouteAt.Hop, hop, true);
  return bytes;
}

function isPrefix({ address: at, len: bits }: Prefix): boolean {
  return bits <= 32 && truncated(at, bits) === at;
}

function told(subject: Subject): ModelRoute {
  const { view } = subject.twins;
  return {
    address: view.getUint32(subject.scratch + RouteAt.Address),
    len: view.getUint16(subject.scratch + RouteAt.Len, true),
    hop: view.getUint32(subject.scratch + RouteAt.Hop, true),
  };
}

function many(
  name: "route_set" | "route_remove",
  records: readonly Uint8Array[],
  on: Subject,
): string[] {
  const { twins, scratch, node } = on;
  records.forEach((bytes, at) => {
    twins.write(scratch + at * RouteAt.End, bytes);
  });
  const done = twins.call(name, node, scratch, records.length);
  const statuses = records.map((_, at) => {
    return statusName(twins.view.getInt16(scratch + at * RouteAt.End + RouteAt.Status, true));
  });
  strictEqual(done, statuses.filter((status) => status === "Ok").length);
  return statuses;
}

function set(wishes: readonly Wish[], model: RouteModel, real: Real): void {
  const records = wishes.map((wish) => record(wish.prefix, wish.hop, wish.flags));
  const statuses = many("route_set", records, real.subject);
  wishes.forEach((wish, at) => {
    const status = statuses[at];
    const expected = setOne(wish, model, real, status === "NoRoom");
    strictEqual(status, expected, `record ${at}`);
  });
}

function setOne(wish: Wish, model: RouteModel, real: Real, isRefused: boolean): string {
  const { address: at, len: bits } = wish.prefix;
  if (!isPrefix(wish.prefix) || wish.flags > RouteFlag.ReplaceOnly) return "BadArgument";
  const isThere = model.get(at, bits) !== undefined;
  if (isThere && wish.flags === RouteFlag.CreateOnly) return "Exists";
  if (!isThere && wish.flags === RouteFlag.ReplaceOnly) return "NotFound";
  if (!isHop(real.subject, wish.hop)) return "NotFound";
  if (!isThere && (model.routes.length === real.capacity || (real.isTight && isRefused))) {
    return "NoRoom";
  }
  model.set(at, bits, wish.hop);
  return "Ok";
}

function isHop(subject: Subject, index: number): boolean {
  return subject.one("hop_get", hopLayout.key("index"), { index }) >= 0;
}

function remove(prefixes: readonly Prefix[], model: RouteModel, { subject }: Real): void {
  const statuses = many(
    "route_remove",
    prefixes.map((at) => record(at)),
    subject,
  );
  const expected = prefixes.map((at) => {
    if (!isPrefix(at)) return "BadArgument";
    return model.remove(at.address, at.len) ? "Ok" : "NotFound";
  });
  deepStrictEqual(statuses, expected);
}

function one(
  name: "route_get" | "route_lookup" | "route_next",
  bytes: Uint8Array,
  on: Subject,
): string | ModelRoute {
  on.twins.write(on.scratch, bytes);
  const answer = named(on.twins.call(name, on.node, on.scratch));
  return answer === 0 ? told(on) : String(answer);
}

function get(at: Prefix, model: RouteModel, { subject }: Real): void {
  const found = isPrefix(at) ? (model.get(at.address, at.len) ?? "NotFound") : "BadArgument";
  deepStrictEqual(one("route_get", record(at), subject), found);
}

function look(at: number, model: RouteModel, { subject }: Real): void {
  const found = one("route_lookup", record({ address: at, len: 0 }), subject);
  deepStrictEqual(found, model.lookup(at) ?? "NotFound");
}

function bulk(addresses: readonly number[], model: RouteModel, { subject }: Real): void {
  const { twins, scratch, node } = subject;
  addresses.forEach((at, index) => {
    twins.setU32(scratch + index * 4, at);
  });
  const out = scratch + addresses.length * 4;
  const hits = twins.call("route_lookup_bulk", node, scratch, out, addresses.length);
  const expected = addresses.map((at) => model.lookup(at)?.hop ?? MISS);
  deepStrictEqual(
    addresses.map((_, index) => twins.view.getUint32(out + index * 4, true)),
    expected,
  );
  strictEqual(hits, expected.filter((hop) => hop !== MISS).length);
}

function next(after: Prefix | null, model: RouteModel, { subject }: Real): void {
  const found = one("route_next", record(after ?? { address: 0, len: LEN_BEGIN }), subject);
  const expected = after === null ? model.next() : model.next(after.address, after.len);
  deepStrictEqual(found, expected ?? "NotFound");
}

// A hop goes when no route leads to it, and comes back for the next steps.
function removeHop(index: number, model: RouteModel, { subject }: Real): void {
  const answer = named(subject.twins.call("hop_remove", subject.node, index));
  const isBusy = model.users(index) > 0;
  strictEqual(answer, index >= HOPS_SET ? "NotFound" : isBusy ? "Busy" : 0);
  if (index < HOPS_SET) setHop(subject, index);
}

// The same routes in the same order, as many as the node says, and each hop as often in use.
function end(model: RouteModel, { subject }: Real): void {
  const { twins, node, scratch } = subject;
  let at: Prefix = { address: 0, len: LEN_BEGIN };
  const routes: ModelRoute[] = [];
  for (let found = one("route_next", record(at), subject); typeof found !== "string"; ) {
    routes.push(found);
    at = found;
    found = one("route_next", record(at), subject);
  }
  deepStrictEqual(
    routes,
    model.routes.toSorted((a, b) => a.address - b.address || a.len - b.len),
  );
  expectOk(twins.call("node_info", node, scratch));
  strictEqual(twins.view.getUint32(scratch + NodeInfoAt.Routes, true), model.routes.length);
  for (let index = 0; index < HOPS_SET; index++) {
    expectOk(subject.one("hop_get", hopLayout.key("index"), { index }));
    strictEqual(twins.view.getUint32(scratch + HopAt.Users, true), model.users(index));
  }
  if (model.routes.length === 0) strictEqual(pool(subject), 0, "bytes of the pool in use");
  twins.expectAlike();
}

function pool({ twins, node, scratch }: Subject): number {
  expectOk(twins.call("node_info", node, scratch));
  return twins.view.getUint32(scratch + NodeInfoAt.RoutePoolBytes, true);
}
