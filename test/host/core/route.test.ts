// Long runs of random commands on routes, beside their slow plain twin: what a pool looks like
// after thousands of them, and a table so large that its tree begins at 16 bits and has spans.
// HEDDLE_SEED repeats one.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type HeddleNode,
  openCore,
  RouteAt,
  RouteFlag,
  Status,
} from "../../../bindings/core/index.ts";
import { drawSeed } from "../../../fuzz/seed.ts";
import { type ModelRoute, RouteModel } from "../../model/route.ts";

const SEED = drawSeed();
const HOPS = 5;
const LOOKUPS = 400;
const LEN_BEGIN = 0xffff;

const core = await openCore({ memoryBytes: 24 << 20 });

type Bulk = "route_set" | "route_remove";
type One = "route_get" | "route_lookup" | "route_next";

/** Routes behind the wall. */
class Table {
  readonly node: HeddleNode;
  readonly #record: number;
  readonly #addresses: number;

  constructor(routes: number, routePoolBytes: number) {
    const scratch = RouteAt.End + LOOKUPS * 4;
    this.node = core.openNode({
      ...{ seed: 1n, routes, routePoolBytes, hops: HOPS, scratch, slots: 0 },
      ...{ ports: 0, domains: 0, remotes: 0, fdb: 0, flood: 0, neighbors: 0 },
    });
    for (let index = 0; index < HOPS; index++) this.node.hops.set({ index, kind: "blackhole" });
    this.#record = this.node.takeScratch(RouteAt.End);
    this.#addresses = this.node.takeScratch(LOOKUPS * 4);
  }

  get poolUsed(): number {
    return this.node.info().routePoolBytes;
  }

  users(hop: number): number | undefined {
    return this.node.hops.get(hop)?.users;
  }

  /** Calls a function that takes many records with one, and gives its status. */
  bulk(name: Bulk, route: ModelRoute, flags = 0): number {
    this.#put(route, flags);
    const done = core.exports[name](this.node.address, this.#record, 1);
    const status = core.view.getInt16(this.#record + RouteAt.Status, true);
    assert.equal(done, status === Status.Ok ? 1 : 0);
    return status;
  }

  /** Calls a function that fills one record. */
  ask(name: One, address: number, len: number): ModelRoute | undefined {
    this.#put({ address, len, hop: 0 });
    const status = core.exports[name](this.node.address, this.#record);
    if (status === Status.NotFound) return undefined;
    assert.equal(status, Status.Ok);
    return {
      address: core.view.getUint32(this.#record + RouteAt.Address),
      len: core.view.getUint16(this.#record + RouteAt.Len, true),
      hop: core.view.getUint32(this.#record + RouteAt.Hop, true),
    };
  }

  /** The hops of at most LOOKUPS addresses, -1 for none, found in place. */
  lookupBulk(addresses: number[]): number[] {
    const at = this.#addresses;
    addresses.forEach((address, i) => {
      core.view.setUint32(at + 4 * i, address, true);
    });
    const hits = core.exports.route_lookup_bulk(this.node.address, at, at, addresses.length);
    const hops = addresses.map((_, i) => core.view.getInt32(at + 4 * i, true));
    assert.equal(hits, hops.filter((hop) => hop >= 0).length);
    return hops;
  }

  walk(): ModelRoute[] {
    const found: ModelRoute[] = [];
    let route = this.ask("route_next", 0, LEN_BEGIN);
    while (route !== undefined) {
      found.push(route);
      route = this.ask("route_next", route.address, route.len);
    }
    return found;
  }

  #put({ address, len, hop }: ModelRoute, flags = 0): void {
    core.bytes.fill(0, this.#record, this.#record + RouteAt.End);
    core.view.setUint16(this.#record + RouteAt.Family, 4, true);
    core.view.setUint16(this.#record + RouteAt.Len, len, true);
    core.view.setUint16(this.#record + RouteAt.Flags, flags, true);
    core.view.setUint32(this.#record + RouteAt.Address, address);
    core.view.setUint32(this.#record + RouteAt.Hop, hop, true);
  }
}

type Dice = (below: number) => number;

/** Mulberry32: small, and the same everywhere. */
function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** How addresses are drawn: anywhere, in a few corners, or with few bits set. */
const SPACES: Record<string, (dice: Dice) => number> = {
  uniform: (dice) => dice(2 ** 32),
  clustered: (dice) => 0x0a2a0000 + dice(2) * 0x00f00000 + dice(256),
  corners: (dice) => [0, 0xffffffff, 0x80000000, 0x7fffffff, 0x0a000001][dice(5)] ?? 0,
  sparse: (dice) => 2 ** dice(32) + 2 ** dice(31),
};

interface Shape {
  readonly space: string;
  readonly routes: number;
  /** 0: what the core chooses, and that has room for all of these. */
  readonly poolBytes: number;
  readonly steps: number;
}

const SHAPES: readonly Shape[] = [
  { space: "sparse", routes: 8, poolBytes: 0, steps: 2000 },
  { space: "uniform", routes: 60, poolBytes: 0, steps: 3000 },
  { space: "clustered", routes: 200, poolBytes: 0, steps: 3000 },
  { space: "uniform", routes: 5000, poolBytes: 0, steps: 2000 },
  { space: "corners", routes: 70000, poolBytes: 0, steps: 1500 },
  { space: "sparse", routes: 70000, poolBytes: 0, steps: 1500 },
  { space: "uniform", routes: 200, poolBytes: 1, steps: 3000 },
  { space: "clustered", routes: 200, poolBytes: 700, steps: 3000 },
  { space: "sparse", routes: 2000, poolBytes: 2048, steps: 3000 },
];

interface Run {
  readonly shape: Shape;
  readonly dice: Dice;
  readonly table: Table;
  readonly model: RouteModel;
}

for (const [at, shape] of SHAPES.entries()) {
  const { space, routes, poolBytes } = shape;
  test(`routes: ${space}, ${routes}, pool ${poolBytes}, HEDDLE_SEED=${SEED}`, () => {
    const table = new Table(routes, poolBytes);
    compare({ shape, table, dice: diceOf(SEED + at), model: new RouteModel() });
  });
}

function compare(run: Run): void {
  const { shape, dice, table, model } = run;
  const draw = SPACES[shape.space] as (dice: Dice) => number;
  let fullness = 1; // how often a step sets and does not remove
  for (let step = 0; step < shape.steps; step++) {
    if (step % 400 === 399) fullness = [1, 0.95, 0.6, 0.2][dice(4)] as number;
    const len = dice(33);
    const address = toPrefix(draw(dice), len);
    if (dice(1000) < 1000 * fullness) set(run, address, len);
    else remove(run, address, len);
    look(run, draw(dice));
    if (step % 100 === 99) lookAtAll(run);
  }
  for (const route of model.routes) assert.equal(table.bulk("route_remove", route), Status.Ok);
  lookAtAll({ ...run, model: new RouteModel() });
  assert.equal(table.poolUsed, 0);
}

function toPrefix(address: number, len: number): number {
  const size = 2 ** (32 - len);
  return Math.floor(address / size) * size;
}

function set(run: Run, address: number, len: number): void {
  const { shape, dice, table, model } = run;
  const hop = dice(20) === 0 ? HOPS : dice(HOPS); // there is none of index HOPS
  const flags = dice(5) > 0 ? 0 : dice(2) === 0 ? RouteFlag.CreateOnly : RouteFlag.ReplaceOnly;
  const isThere = model.get(address, len) !== undefined;
  const poolUsed = table.poolUsed;
  const status = table.bulk("route_set", { address, len, hop }, flags);
  if (flags === RouteFlag.CreateOnly && isThere) assert.equal(status, Status.Exists);
  else if (flags === RouteFlag.ReplaceOnly && !isThere) assert.equal(status, Status.NotFound);
  else if (hop === HOPS) assert.equal(status, Status.NotFound);
  else if (isThere) assert.equal(status, Status.Ok);
  else if (model.routes.length === shape.routes) assert.equal(status, Status.NoRoom);
  else if (shape.poolBytes === 0) assert.equal(status, Status.Ok);
  else assert.ok(status === Status.Ok || status === Status.NoRoom, `says ${status}`);
  if (status === Status.Ok) model.set(address, len, hop);
  else assert.equal(table.poolUsed, poolUsed);
  if (status === Status.NoRoom && dice(8) === 0) lookAtAll(run);
}

function remove({ dice, table, model }: Run, address: number, len: number): void {
  const held = dice(4) > 0 ? model.routes[dice(model.routes.length)] : undefined;
  const target = held ?? { address, len, hop: 0 };
  const isThere = model.remove(target.address, target.len);
  const status = table.bulk("route_remove", target);
  assert.equal(status, isThere ? Status.Ok : Status.NotFound);
}

function look({ table, model }: Run, address: number): void {
  const found = model.lookup(address);
  assert.deepEqual(table.ask("route_lookup", address, 0), found);
  if (found === undefined) return;
  assert.deepEqual(table.ask("route_get", found.address, found.len), found);
  const next = model.next(found.address, found.len);
  assert.deepEqual(table.ask("route_next", found.address, found.len), next);
}

function lookAtAll({ table, model }: Run): void {
  const sorted = [...model.routes].sort((a, b) => a.address - b.address || a.len - b.len);
  assert.deepEqual(table.walk(), sorted);
  assert.equal(table.node.info().routes, sorted.length);
  for (let hop = 0; hop < HOPS; hop++) assert.equal(table.users(hop), model.users(hop));
  const edges = sorted.slice(0, LOOKUPS / 4).flatMap(({ address, len }) => {
    const end = address + 2 ** (32 - len);
    return [address, end - 1, end % 2 ** 32, (address + 2 ** 32 - 1) % 2 ** 32];
  });
  const hops = edges.map((address) => model.lookup(address)?.hop ?? -1);
  assert.deepEqual(table.lookupBulk(edges), hops);
}
