import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import {
  applyJournal,
  fdbKey,
  HeddleError,
  type HeddleNode,
  type JournalEntry,
  openCore,
  type RuleInit,
} from "../../../bindings/core/index.ts";

const NOW = 1_000_000;
const core = await openCore({ memoryBytes: 8 << 20 });
const node: HeddleNode = core.openNode({
  ...{ seed: 1n, ports: 4, domains: 2, remotes: 2, fdb: 4, flood: 2, hops: 2 },
  ...{ routes: 4, neighbors: 2, conns: 4, rules: 4, slots: 16 },
});

const mac = (last: number): string => `02:00:00:00:00:0${last}`;
const refused = (code: string) => (error: unknown) =>
  error instanceof HeddleError && error.code === code;

let remote: number;
let hop: number;

beforeEach(() => {
  node.reset();
  node.domains.set({ index: 0, vni: 5, ageS: 300 });
  node.ports.set({ index: 1, kind: "vxlan", domain: 0, vni: 5, mac: mac(9), mtu: 1450 });
  remote = node.remotes.set({ address: "192.0.2.7", flags: ["allowed"] });
  hop = node.hops.set({ kind: "unicast", port: 1, remote, gateway: "10.1.16.0" });
});

describe("tables by index", () => {
  it("give back what was set", () => {
    const port = node.ports.get(1);
    assert.deepEqual([port?.kind, port?.mac, port?.mtu, port?.ttl], ["vxlan", mac(9), 1450, 0]);
    assert.equal(node.remotes.get(remote)?.address, "192.0.2.7");
    assert.equal(node.remotes.find("192.0.2.7"), remote);
    assert.equal(node.remotes.find("192.0.2.8"), undefined);
    assert.equal(node.hops.get(hop)?.gateway, "10.1.16.0");
    assert.deepEqual(
      [...node.ports].map(({ index }) => index),
      [1],
    );
  });

  it("give back rules, with what was left out", () => {
    const published: RuleInit = {
      ...{ hook: "prerouting", action: "dnat", protocol: 6, port: 1, source: "10.0.0.0/8" },
      ...{ firstPort: 8080, lastPort: 8081, toAddress: "172.17.0.2", toPort: 80 },
      flags: ["notPort", "targetLocal"],
    };
    const index = node.rules.set(published);
    const leftOut = { index, next: 0, target: "0.0.0.0/0", hits: 0 };
    assert.deepEqual(node.rules.get(index), { ...published, ...leftOut });
    assert.equal(node.info().rules, 1);
    assert.throws(() => node.ports.remove(1), refused("Busy"));
    const nowhere = { hook: "postrouting", action: "snat" } as const;
    assert.throws(() => node.rules.set(nowhere), refused("BadArgument"));
    assert.throws(() => node.rules.set({ ...published, port: 3 }), refused("NotFound"));
    assert.throws(() => node.rules.set({ ...published, source: "10.0.0.1/8" }), HeddleError);
    assert.equal(node.rules.remove(index), true);
    assert.equal(node.rules.remove(index), false);
  });

  it("let a remote go with what was learned behind it, but not from under a hop", () => {
    node.fdb.set({ domain: 0, mac: mac(1), port: 1, remote }, NOW);
    node.flood.set({ domain: 0, port: 1, remote });
    assert.throws(() => node.remotes.removeWithEntries(remote), refused("Busy"));
    assert.equal(node.hops.remove(hop), true);
    assert.throws(() => node.remotes.remove(remote), refused("Busy"));
    assert.equal(node.remotes.removeWithEntries(remote), true);
    assert.deepEqual([[...node.fdb], [...node.flood]], [[], []]);
    assert.equal(node.remotes.removeWithEntries(remote), false);
  });

  it("keep what others name, and say so", () => {
    assert.throws(() => node.domains.remove(0), refused("Busy"));
    assert.throws(() => node.remotes.remove(remote), refused("Busy"));
    assert.equal(node.hops.remove(hop), true);
    assert.equal(node.remotes.remove(remote), true);
    assert.equal(node.remotes.remove(remote), false, "it is not there any more");
  });

  it("refuse an index past the capacity, a VNI twice, an address twice", () => {
    assert.throws(() => node.ports.set({ index: 4, kind: "vxlan" }), refused("NoRoom"));
    assert.throws(() => node.domains.set({ index: 1, vni: 5 }), refused("Exists"));
    const other = node.remotes.set({ address: "192.0.2.8" });
    const clash = { index: other, address: "192.0.2.7" };
    assert.throws(() => node.remotes.set(clash), refused("Exists"));
    assert.equal(node.remotes.get(other)?.address, "192.0.2.8", "nothing has changed");
  });

  it("refuse impossible values before anything is written", () => {
    const port = { index: 1, kind: "vxlan" } as const;
    assert.throws(() => node.ports.set({ ...port, vni: 2 ** 24 }), refused("BadVni"));
    assert.throws(() => node.ports.set({ ...port, mac: "02:00" }), refused("BadMac"));
    assert.throws(() => node.ports.set({ ...port, ipv4: "300.1.1.1" }), refused("BadAddress"));
    assert.throws(() => node.ports.set({ ...port, mtu: -1 }), refused("BadValue"));
    assert.throws(() => node.ports.set({ ...port, vnj: 1 } as never), refused("BadValue"));
    assert.equal(node.ports.get(1)?.mtu, 1450);
  });
});

describe("tables of many records", () => {
  it("look stations up, one by one and in bulk", () => {
    node.fdb.set([{ domain: 0, mac: mac(1), port: 1, remote, flags: ["permanent"] }], NOW);
    assert.deepEqual(node.fdb.get({ domain: 0, mac: mac(1) }, NOW)?.flags, ["permanent"]);
    const keys = BigUint64Array.of(fdbKey(0, mac(1)), fdbKey(0, mac(2)));
    assert.deepEqual([...node.fdb.lookupBulk(keys, NOW)], [1 | (remote << 16), 0xffffffff]);
  });

  it("apply all but the refused records, and name those", () => {
    const entries = [1, 2, 3, 4, 5].map((last) => ({ domain: 0, mac: mac(last), port: 1, remote }));
    assert.throws(
      () => node.fdb.set(entries, NOW),
      (error) => {
        assert.ok(error instanceof HeddleError);
        assert.deepEqual(
          error.failures.map(({ index, code }) => [index, code]),
          [[4, "NoRoom"]],
        );
        return true;
      },
    );
    assert.equal([...node.fdb].length, 4);
  });

  it("forget by age, by choice and by key", () => {
    const entries = [1, 2].map((last) => ({ domain: 0, mac: mac(last), port: 1, remote }));
    node.fdb.set(entries, NOW);
    assert.equal(node.fdb.remove({ domain: 0, mac: mac(1) }), 1);
    assert.equal(node.fdb.age(64, NOW + 299_000), 0);
    assert.equal(node.fdb.age(64, NOW + 300_000), 1);
    node.fdb.set(entries, NOW + 300_000);
    assert.equal(node.fdb.flush({ remote }), 2);
  });

  it("find the longest prefix, and walk in order", () => {
    const blackhole = node.hops.set({ kind: "blackhole" });
    node.routes.set([
      { prefix: "10.1.16.0/24", hop },
      { prefix: "0.0.0.0/0", hop: blackhole },
      { prefix: "10.1.0.0/16", hop: blackhole },
    ]);
    assert.equal(node.routes.lookup("10.1.16.3")?.prefix, "10.1.16.0/24");
    assert.equal(node.routes.lookup("10.1.17.3")?.prefix, "10.1.0.0/16");
    assert.equal(node.routes.lookup("192.0.2.1")?.prefix, "0.0.0.0/0");
    assert.deepEqual([...node.routes.lookupBulk(Uint32Array.of(0x0a011003))], [hop]);
    const walked = [...node.routes].map(({ prefix }) => prefix);
    assert.deepEqual(walked, ["0.0.0.0/0", "10.1.0.0/16", "10.1.16.0/24"]);
    assert.throws(() => node.hops.remove(hop), refused("Busy"));
  });

  it("answer for neighbors", () => {
    const neighbor = { port: 1, address: "10.1.16.0", mac: mac(7), state: "permanent" } as const;
    node.neighbors.set(neighbor, NOW);
    assert.equal(node.neighbors.get({ port: 1, address: "10.1.16.0" }, NOW)?.mac, mac(7));
    assert.throws(() => node.ports.remove(1), refused("Busy"));
    assert.equal(node.neighbors.remove(neighbor), 1);
  });

  it("flood in the order of setting", () => {
    const other = node.remotes.set({ address: "192.0.2.8" });
    node.flood.set([
      { domain: 0, port: 1, remote: other },
      { domain: 0, port: 1, remote },
    ]);
    assert.deepEqual(
      [...node.flood].map((entry) => entry.remote),
      [other, remote],
    );
    assert.throws(() => node.flood.set({ domain: 0, port: 1, remote: null }), refused("NoRoom"));
  });
});

describe("a journal", () => {
  it("applies entry by entry, and throws for none", () => {
    const results = applyJournal(
      node,
      [
        { table: "remotes", op: "set", record: { address: "192.0.2.9" } },
        { table: "fdb", op: "set", record: { domain: 0, mac: mac(1), port: 3, remote: null } },
        { table: "fdb", op: "set", record: { domain: 0, mac: "xx", port: 1, remote: null } },
        { table: "hops", op: "remove", record: { index: hop } },
        { table: "hops", op: "remove", record: { index: hop } },
      ],
      NOW,
    );
    assert.deepEqual(
      results.map(({ code }) => code),
      ["Ok", "NotFound", "BadMac", "Ok", "Ok"],
    );
    assert.deepEqual(
      results.slice(3).map(({ value }) => value),
      [1, 0],
    );
  });

  it("does nothing for an entry that says neither set nor remove", () => {
    const route = { prefix: "10.9.0.0/16", hop };
    const entries: unknown[] = [
      { table: "hops", op: "delete", record: { index: hop } },
      { table: "routes", op: "delete", record: route },
      { table: "routes", record: route },
      { table: "nothing", op: "set", record: route },
      null,
      undefined,
    ];
    for (const result of applyJournal(node, entries as JournalEntry[], NOW)) {
      assert.equal(result.code, "BadValue");
    }
    assert.notEqual(node.hops.get(hop), undefined);
    assert.equal(node.routes.get(route.prefix), undefined);
  });
});
