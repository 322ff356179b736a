import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import {
  type Burst,
  HeddleError,
  type HeddleNode,
  openCore,
} from "../../../bindings/core/index.ts";

const NOW = 1_000_000;
const VTEP = { a: "192.0.2.1", b: "192.0.2.2", c: "192.0.2.3" };
const MAC = { inner: "02:00:00:00:00:01", own: "02:00:00:00:00:0a", next: "02:00:00:00:00:0b" };

const core = await openCore({ memoryBytes: 16 << 20 });

const refused = (code: string) => (error: unknown) =>
  error instanceof HeddleError && error.code === code;

/** A frame to a station that nobody knows, with every byte of its payload another. */
function frame(len: number): Uint8Array {
  const bytes = Uint8Array.from({ length: len }, (_, at) => at & 0xff);
  bytes.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5]); // to, from, a local experiment
  return bytes;
}

/** A VTEP at `local` that floods to `remotes`. */
function vtep(local: string, remotes: readonly string[]): HeddleNode {
  const node = core.openNode({ seed: 1n, slots: 64 });
  node.domains.set({ index: 0, vni: 5 });
  node.ports.set({ index: 0, kind: "ethernet", domain: 0 });
  const tunnel = { index: 1, kind: "vxlan", domain: 0, vni: 5, udpPort: 8472 } as const;
  node.ports.set({ ...tunnel, mac: MAC.own, localIpv4: local, flags: ["flood"] });
  for (const address of remotes) {
    const remote = node.remotes.set({ address, srcMac: MAC.own, dstMac: MAC.next });
    node.flood.set({ domain: 0, port: 1, remote });
  }
  return node;
}

describe("a burst", () => {
  it("runs elements, and no other function of the core", () => {
    const node = vtep(VTEP.a, []);
    const burst = node.openBurst({ capacity: 1 });
    for (const name of ["node_reset", "fdb_flush", "memory", "nothing_burst", "toString", ""]) {
      assert.throws(() => burst.run(name as "route_burst", NOW, 0), refused("BadValue"), name);
    }
    assert.throws(
      () => burst.run("nothing_burst" as "route_burst", NOW, 0),
      /one of .*route_burst/,
    );
    assert.notEqual(node.ports.get(1), undefined);
    assert.throws(() => burst.run("route_burst", "1" as unknown as number, 0), refused("BadValue"));
    assert.equal(burst.run("neighbor_tick", NOW, 0), 0);
  });

  it("takes bytes as bytes, of whichever kind of Uint8Array", () => {
    const burst = vtep(VTEP.a, []).openBurst({ capacity: 1 });
    const words = new Uint16Array(20);
    for (const bytes of ["0a0b", [1, 2], words, words.buffer, new DataView(words.buffer), null]) {
      const given = bytes as unknown as Uint8Array;
      assert.throws(() => burst.push({ bytes: given }), /bytes: a Uint8Array/);
    }
    assert.equal(burst.inCount, 0);
    burst.push({ bytes: Buffer.from("0a0b", "hex") });
    assert.equal(burst.inAt(0).len, 2);
  });

  const node = vtep(VTEP.a, [VTEP.b, VTEP.c]);
  const burst: Burst = node.openBurst({ capacity: 2, spareBytes: 4096, slots: 2 });

  beforeEach(() => burst.clear());

  it("carries a frame to every remote, each with a header of its own", () => {
    const sent = frame(200);
    burst.push({ bytes: sent, port: 0 });
    assert.equal(burst.run("vxlan_encap_frame_burst", NOW, 1), 2);
    assert.equal(burst.inAt(0).verdict, "consumed");
    const peers = [0, 1].map((at) => {
      const desc = burst.outAt(at);
      assert.ok(desc.flags.includes("outerFrame"));
      const bytes = burst.outBytes(at);
      assert.equal(bytes.length, 14 + 20 + 8 + 8 + sent.length);
      assert.deepEqual(bytes.subarray(-sent.length), sent);
      return desc.peer;
    });
    assert.deepEqual(peers, [VTEP.b, VTEP.c]);
  });

  it("gives back at the other end what went in", () => {
    const other = vtep(VTEP.b, [VTEP.a]);
    const arriving = other.openBurst({ capacity: 1 });
    const sent = frame(100);
    burst.push({ bytes: sent, port: 0 });
    burst.run("vxlan_encap_frame_burst", NOW, 1);
    const outer = burst.outBytes(0);
    outer.set([2, 0, 0, 0, 0, 0x0a]); // the next hop has rewritten the Ethernet header
    arriving.push({ bytes: outer });
    assert.equal(arriving.run("vxlan_decap_frame_burst", NOW, 1), 1);
    assert.deepEqual(arriving.outBytes(0), sent);
    const { peer, vni, flags } = arriving.outAt(0);
    assert.deepEqual([peer, vni, flags], [VTEP.a, 5, ["decapped"]]);
    assert.equal(other.counters().Ok, 1n);
  });

  it("begins anew after clear", () => {
    burst.push({ bytes: frame(60), port: 0 });
    burst.run("vxlan_encap_burst", NOW, 1);
    burst.clear();
    assert.deepEqual([burst.inCount, burst.outCount], [0, 0]);
    assert.throws(() => burst.outAt(0), refused("BadValue"));
    assert.throws(() => burst.inAt(0), refused("BadValue"));
  });

  it("refuses what does not fit, and impossible fields, and stays as it was", () => {
    burst.push({ bytes: frame(60) });
    assert.throws(() => burst.push({ bytes: new Uint8Array(4096) }), refused("NoRoom"));
    assert.throws(() => burst.push({ vni: 2 ** 24 }), refused("BadVni"));
    assert.throws(() => burst.push({ peer: "192.0.2" }), refused("BadAddress"));
    assert.throws(() => burst.push({ flags: ["l4" as never] }), refused("BadValue"));
    assert.throws(() => burst.push({ verdict: "dead" as never }), refused("BadValue"));
    assert.equal(burst.inCount, 1);
    burst.push({ bytes: frame(60) });
    assert.throws(() => burst.push({ bytes: frame(60) }), refused("NoRoom"));
  });

  it("refuses an element at the wrong port, and a time that cannot be", () => {
    assert.throws(() => burst.run("udp_encap_burst", NOW, 1), refused("BadPort"));
    assert.throws(() => burst.run("vxlan_encap_burst", NOW, 2), refused("BadPort"));
    assert.throws(() => burst.run("vxlan_encap_burst", Number.NaN, 1), refused("BadValue"));
    assert.throws(() => burst.run("vxlan_encap_burst", NOW, -1), refused("BadValue"));
  });

  it("names the reason of a drop, and the node counts it", () => {
    const lonely = vtep(VTEP.c, []);
    const one = lonely.openBurst({ capacity: 1 });
    one.push({ bytes: frame(60), port: 0 });
    assert.equal(one.run("vxlan_encap_burst", NOW, 1), 0);
    assert.equal(one.inAt(0).verdict, "UnknownStation");
    assert.deepEqual(lonely.counters(), { UnknownStation: 1n });
  });
});

describe("scratch and slots", () => {
  it("are taken for good, and what is left is said", () => {
    const node = core.openNode({ seed: 1n, slots: 4, scratch: 256 });
    assert.equal(node.takeScratch(200, 64) % 64, 0);
    assert.throws(() => node.takeScratch(200), /NoRoom.*at most 56 bytes/);
    assert.throws(() => node.checkRoom(0, 5), /NoRoom.*at most 4/);
    assert.throws(() => node.checkRoom(57, 0), /NoRoom.*at most 56 bytes/);
    node.checkRoom(56, 4); // and takes nothing
    assert.equal(node.takeSlots(3), 0);
    assert.equal(node.takeSlots(1), 3);
    assert.throws(() => node.takeSlots(1), /NoRoom.*at most 0/);
    assert.throws(() => node.slot(4), refused("BadValue"));
    assert.equal(node.slot(1) - node.slot(0), node.slotStride);
  });

  it("refuse a burst that asks for too much", () => {
    const node = core.openNode({ seed: 1n, slots: 4 });
    const typo: object = { capcity: 1 };
    assert.throws(() => node.openBurst(typo), /"capcity"; expected burst: one of capacity, /);
    assert.throws(() => node.openBurst({ capacity: 257 }), refused("BadCapacity"));
    assert.throws(() => node.openBurst({ capacity: 0.5 }), refused("BadCapacity"));
    assert.throws(() => node.openBurst({ pieces: -1 }), refused("BadCapacity"));
    assert.throws(() => node.openBurst({ slots: 1, spareBytes: 7000 }), refused("NoRoom"));
    assert.throws(
      () => node.openBurst({ slots: 1, spareBytes: 0, pieces: 65536 }),
      refused("NoRoom"),
    );
    assert.equal(node.takeSlots(4), 0, "a refused burst has taken nothing");
  });
});
