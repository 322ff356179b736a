// Bulk calls pass records through the core in runs; what they say must not depend on where a run
// ends.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import {
  fdbKey,
  HeddleError,
  type HeddleNode,
  openCore,
  printIpv4,
} from "../../../bindings/core/index.ts";

const NOW = 1_000_000;
const COUNT = 1000; // several runs of records, and of keys
const MISS = 0xffffffff;

const core = await openCore({ memoryBytes: 8 << 20 });
const node: HeddleNode = core.openNode({
  ...{ seed: 1n, routes: COUNT, fdb: COUNT, neighbors: COUNT, slots: 16 },
});

const at = (index: number): string => printIpv4(0x0a000000 + index * 256);
const mac = (index: number): string => `02:00:00:00:${hex(index >> 8)}:${hex(index & 255)}`;
const hex = (byte: number): string => byte.toString(16).padStart(2, "0");
const each = <T>(make: (index: number) => T): T[] =>
  Array.from({ length: COUNT }, (_, i) => make(i));

function failuresOf(act: () => unknown): [number, string][] {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof HeddleError);
    return error.failures.map(({ index, code }) => [index, code]);
  }
  return [];
}

beforeEach(() => {
  node.reset();
  node.domains.set({ index: 0 });
  node.ports.set({ index: 1, kind: "ethernet", domain: 0 });
  node.hops.set({ index: 0, kind: "blackhole" });
  node.hops.set({ index: 1, kind: "unreachable" });
});

describe("many routes", () => {
  const routes = each((index) => ({ prefix: `${at(index)}/24`, hop: index % 2 }));

  it("are set, walked, looked up and removed", () => {
    node.routes.set(routes);
    assert.deepEqual([...node.routes], routes);
    const addresses = Uint32Array.from([...routes.keys()].map((index) => 0x0a000001 + index * 256));
    assert.deepEqual([...node.routes.lookupBulk(addresses)], [...routes.map(({ hop }) => hop)]);
    assert.deepEqual([...node.routes.lookupBulk(Uint32Array.of(0x7f000001))], [MISS]);
    assert.equal(node.routes.remove([...routes, ...routes]), COUNT);
    assert.equal(node.info().routes, 0);
  });

  it("fail one by one, wherever they stand, and the others are there", () => {
    const bad = [0, 127, 128, 500, 999];
    const mixed = routes.map((route, index) =>
      bad.includes(index) ? { ...route, hop: 9 } : route,
    );
    const failures = failuresOf(() => node.routes.set(mixed));
    assert.deepEqual(
      failures,
      bad.map((index) => [index, "NotFound"]),
    );
    assert.equal(node.info().routes, COUNT - bad.length);
  });

  it("change nothing when one of them cannot be", () => {
    const wrong = [...routes.slice(1), { prefix: "10.0.0.1/24", hop: 0 }];
    assert.throws(() => node.routes.set(wrong), /BadPrefix: "10\.0\.0\.1\/24"/);
    assert.equal(node.info().routes, 0);
  });

  it("say what to create and what to replace", () => {
    const [first] = routes.slice(0, 1);
    assert.ok(first);
    const only = (flag: "createOnly" | "replaceOnly") => () =>
      node.routes.set({ ...first, flags: [flag] });
    assert.deepEqual(failuresOf(only("replaceOnly")), [[0, "NotFound"]]);
    assert.deepEqual(failuresOf(only("createOnly")), []);
    assert.deepEqual(failuresOf(only("createOnly")), [[0, "Exists"]]);
    assert.deepEqual(node.routes.get(first.prefix), first);
  });
});

describe("many stations", () => {
  const entries = each((index) => ({ domain: 0, mac: mac(index), port: 1 }));

  it("are set, walked, looked up and removed", () => {
    node.fdb.set(entries, NOW);
    assert.deepEqual(new Set([...node.fdb].map((entry) => entry.mac)), new Set(each(mac)));
    const keys = BigUint64Array.from(each((index) => fdbKey(0, mac(index))));
    const places = node.fdb.lookupBulk(keys, NOW);
    assert.ok(places.every((place) => place === (1 | (0xffff << 16)) >>> 0));
    assert.equal(node.fdb.remove(entries), COUNT);
  });
});

describe("many neighbors", () => {
  it("are set, walked, looked up and removed", () => {
    const entries = each((index) => ({ port: 1, address: at(index), mac: mac(index) }));
    node.neighbors.set(entries, NOW);
    assert.equal([...node.neighbors].length, COUNT);
    const keys = BigUint64Array.from(
      each((index) => (1n << 32n) | BigInt(0x0a000000 + index * 256)),
    );
    const macs = node.neighbors.lookupBulk(keys, NOW);
    assert.deepEqual(
      [...macs],
      each((index) => fdbKey(0, mac(index)) >> 16n),
    );
    assert.equal(node.neighbors.remove(entries), COUNT);
  });
});

describe("time", () => {
  it("is refused before any record is written when it cannot be", () => {
    for (const nowMs of [-1, Number.NaN, 2 ** 52, Number.POSITIVE_INFINITY]) {
      const set = (): void => node.fdb.set({ domain: 0, mac: mac(1), port: 1 }, nowMs);
      assert.throws(set, /BadValue.*nowMs/);
    }
    assert.equal(node.info().fdb, 0);
  });
});
