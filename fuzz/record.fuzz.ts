// Records through the bindings, in both builds: what a table was given is what it gives back, and
// what was replaced or removed is gone.
import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import { type Core, type HeddleNode, openCore } from "../bindings/core/index.ts";
import { records, type TableSizes } from "./arbitrary/index.ts";
import { type Law, law, type Suite } from "./law.ts";

const SIZES: TableSizes = { ports: 6, domains: 4, remotes: 6, hops: 6 };
const CAPS = { ...SIZES, fdb: 8, flood: 8, routes: 8, neighbors: 8, scratch: 0, slots: 0 };
const MEMORY_BYTES = 1 << 17;
const NOW_MS = 5000;

type Node = HeddleNode;

interface Place {
  readonly core: Core;
  readonly node: Node;
}

export async function openRecord(): Promise<Suite> {
  const places = await Promise.all([openPlace(true), openPlace(false)]);
  const all = records(SIZES);
  const indexed = [
    tell("port", places, all.port, (node) => node.ports, { learned: 0 }),
    tell("domain", places, all.domain, (node) => node.domains),
    tell("remote", places, all.remote, (node) => node.remotes, { learned: 0 }),
    tell("hop", places, all.hop, (node) => node.hops, { users: 0 }),
  ];
  return { name: "record", laws: [...indexed, ...keyedLaws(places)] };
}

async function openPlace(simd: boolean): Promise<Place> {
  const core = await openCore({ simd, memoryBytes: MEMORY_BYTES });
  return { core, node: core.openNode({ ...CAPS, seed: 7n }) };
}

// Whatever a record may name.
function settle(node: Node): void {
  node.reset();
  for (let index = 0; index < SIZES.domains; index++) node.domains.set({ index });
  for (let index = 0; index < SIZES.ports; index++) node.ports.set({ index, kind: "vxlan" });
  for (let index = 0; index < SIZES.remotes; index++) {
    node.remotes.set({ index, address: `198.18.0.${index + 1}` }); // none that is drawn
  }
  for (let index = 0; index < SIZES.hops; index++) node.hops.set({ index, kind: "blackhole" });
}

interface Indexed<T> {
  set(record: T): number;
  get(index: number): object | undefined;
  remove(index: number): boolean;
}

// A record, and what replaces it. What the table counts by itself is `counted`.
function tell<T extends { readonly index: number }>(
  name: string,
  places: readonly Place[],
  one: fc.Arbitrary<T>,
  tableOf: (node: Node) => Indexed<NoInfer<T>>,
  counted: object = {},
): Law {
  return law(name, fc.tuple(one, one), ([first, second]) => {
    for (const { node } of places) {
      settle(node);
      const table = tableOf(node);
      strictEqual(table.set(first), first.index);
      deepStrictEqual(table.get(first.index), { ...first, ...counted });
      const other = { ...second, index: first.index };
      table.set(other);
      deepStrictEqual(table.get(first.index), { ...other, ...counted });
      strictEqual(table.remove(first.index), true);
      strictEqual(table.get(first.index), undefined);
      strictEqual(table.remove(first.index), false);
    }
    expectAlike(places);
  });
}

function expectAlike(places: readonly Place[]): void {
  const [wide, plain] = places.map(({ core }) => core.bytes);
  if (Buffer.compare(wide ?? new Uint8Array(), plain ?? new Uint8Array()) === 0) return;
  throw new Error("the two builds leave different bytes in memory");
}

function keyedLaws(places: readonly Place[]): Law[] {
  const all = records(SIZES);
  const each = (tell: (node: Node) => void): void => {
    for (const { node } of places) {
      settle(node);
      tell(node);
    }
    expectAlike(places);
  };
  return [
    law("fdb", all.fdb, (one) =>
      each((node) => {
        node.fdb.set(one, NOW_MS);
        const flags = one.flags.length === 0 ? ["learned"] : one.flags;
        deepStrictEqual([...node.fdb], [{ ...one, flags, seenS: NOW_MS / 1000 }]);
        deepStrictEqual(node.fdb.get(one, NOW_MS), [...node.fdb][0]);
        strictEqual(node.fdb.remove(one), 1);
        strictEqual(node.fdb.get(one, NOW_MS), undefined);
      }),
    ),
    law("flood", all.flood, (one) =>
      each((node) => {
        node.flood.set(one);
        node.flood.set(one);
        deepStrictEqual([...node.flood], [one]);
        strictEqual(node.flood.remove(one), 1);
        strictEqual([...node.flood].length, 0);
      }),
    ),
    law("route", all.route, (one) =>
      each((node) => {
        node.routes.set(one);
        const { prefix, hop } = one;
        deepStrictEqual([...node.routes], [{ prefix, hop }]);
        strictEqual(node.hops.get(hop)?.users, 1);
        strictEqual(node.routes.remove({ prefix }), 1);
        strictEqual([...node.routes].length, 0);
      }),
    ),
    law("neighbor", all.neighbor, (one) =>
      each((node) => {
        node.neighbors.set(one, NOW_MS);
        deepStrictEqual([...node.neighbors], [{ ...one, ageS: 0 }]);
        strictEqual(node.neighbors.remove(one), 1);
        strictEqual(node.neighbors.get(one, NOW_MS), undefined);
      }),
    ),
  ];
}
