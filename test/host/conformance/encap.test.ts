// Encapsulation as the kernel's selftest looks at it, and as the RFCs have it.
import assert from "node:assert/strict";
import type { PortInit } from "../../../bindings/core/index.ts";
import { bytesOf, ethernet, ipv4, udp } from "../../model/packet.ts";
import { outerFrame, STATION } from "../path/rows.ts";
import { OWN_MAC, openVtep, PEER, PEER_MAC, type Vtep } from "../path/vtep.ts";
import { type EncapRow, inBothModes, type Mode } from "./rows.ts";

const OTHERS = ["10.168.0.4", "10.168.0.5"];
const BROADCAST = "ff:ff:ff:ff:ff:ff";
const UNKNOWN = "02:42:0a:01:10:99";
const OUTER_TOS = 15;
const OUTER_TTL = 22;
const AGE_MS = 300_000;
const BOTH = ["vxlan_encap_burst", "vxlan_encap_frame_burst"] as const;

async function open(mode: Mode, changes: Partial<PortInit> = {}): Promise<Vtep> {
  const vtep = await openVtep(mode === "linux" ? ["flood", "ecn", "linuxMode"] : ["flood", "ecn"]);
  const { learned: _, ...port } = vtep.node.ports.get(0) ?? assert.fail("no port");
  vtep.node.ports.set({ ...port, ...changes });
  vtep.pin(PEER_MAC, PEER);
  return vtep;
}

function frameTo(dst: string, tos = 0): Uint8Array {
  const payload = udp({ srcPort: 1000, dstPort: 2000 }, bytesOf("68656464 6c65"));
  return ethernet(
    { dst, src: OWN_MAC },
    ipv4({ src: "10.1.15.2", dst: "10.1.16.3", tos }, payload),
  );
}

/** The outer DS field, by the descriptor and by the frame. */
function outerTos(vtep: Vtep, tos: number): number {
  const { given } = vtep.feed("vxlan_encap_frame_burst", frameTo(PEER_MAC, tos));
  assert.equal(given[0]?.bytes[OUTER_TOS], given[0]?.desc.tos);
  return given[0]?.desc.tos ?? -1;
}

/** A default entry for each address, set as often as it is named. */
function addDefaults(vtep: Vtep, ...addresses: readonly string[]): void {
  for (const address of addresses) {
    const remote = vtep.node.remotes.find(address) ?? vtep.node.remotes.set({ address });
    vtep.node.flood.set([{ domain: 0, port: 0, remote }]);
  }
}

function receivers(vtep: Vtep, frame: Uint8Array, nowMs = 1000): (string | null)[][] {
  return BOTH.map((element) =>
    vtep.feed(element, frame, { nowMs }).given.map(({ desc }) => desc.peer),
  );
}

function expectAll(vtep: Vtep, frame: Uint8Array, ...expected: readonly string[]): void {
  assert.deepEqual(receivers(vtep, frame), [expected, expected]);
}

const tests: Readonly<Record<EncapRow, (mode: Mode) => Promise<void>>> = {
  "envelope TTL as set": async (mode) => {
    for (const [ttl, expected] of [
      [10, 10],
      [255, 255],
      [0, 64],
    ] as const) {
      const vtep = await open(mode, { ttl });
      const { bytes } = vtep.feed("vxlan_encap_frame_burst", frameTo(PEER_MAC));
      assert.equal(bytes?.[OUTER_TTL], expected);
    }
  },

  "TOS inherit": async (mode) => {
    const vtep = await open(mode, { tosMode: "inherit" });
    assert.deepEqual(
      [0x40, 0xb8, 0xfc].map((tos) => outerTos(vtep, tos)),
      [0x40, 0xb8, 0xfc],
    );
    const fixed = await open(mode, { tosMode: "fixed", tos: 0x20 });
    assert.deepEqual(
      [0x40, 0xb8, 0].map((tos) => outerTos(fixed, tos)),
      [0x20, 0x20, 0x20],
    );
  },

  "ECN 0->0 1->1 2->2, and 3->2 in linux mode, 3->3 in rfc mode": async (mode) => {
    const vtep = await open(mode);
    const marked = mode === "linux" ? 2 : 3;
    assert.deepEqual(
      [0, 1, 2, 3].map((tos) => outerTos(vtep, tos)),
      [0, 1, 2, marked],
    );
  },

  "flood goes to every 00:00:00:00:00:00 default entry": async (mode) => {
    const vtep = await open(mode);
    addDefaults(vtep, PEER, ...OTHERS);
    expectAll(vtep, frameTo(BROADCAST), PEER, ...OTHERS);
    expectAll(vtep, frameTo("01:00:5e:00:00:01"), PEER, ...OTHERS);
    expectAll(vtep, frameTo(UNKNOWN), PEER, ...OTHERS);
  },

  "unicast goes to exactly one": async (mode) => {
    const vtep = await open(mode);
    addDefaults(vtep, ...OTHERS, PEER);
    expectAll(vtep, frameTo(PEER_MAC), PEER);
  },

  // Of one remote there is one entry, and none of these has a neighbor's MAC to send to.
  "unresolved default entries do not duplicate": async (mode) => {
    const vtep = await open(mode);
    const [first = "", second = ""] = OTHERS;
    addDefaults(vtep, first, second, first, second, first);
    assert.equal(vtep.node.remotes.get(vtep.node.remotes.find(first) ?? -1)?.dstMac, null);
    expectAll(vtep, frameTo(BROADCAST), first, second);
  },

  "learned, then aged": async (mode) => {
    const { node } = await open(mode);
    const { learned: _, ...port } = node.ports.get(0) ?? assert.fail("no port");
    const vtep = await open(mode, { flags: [...port.flags, "learn"] });
    addDefaults(vtep, PEER, ...OTHERS);
    const [first = ""] = OTHERS;
    expectAll(vtep, frameTo(STATION), PEER, ...OTHERS);
    vtep.decapFrame(outerFrame({ outer: { src: first } }));
    expectAll(vtep, frameTo(STATION), first);
    const alive = receivers(vtep, frameTo(STATION), 1000 + AGE_MS - 1000);
    assert.deepEqual(alive, [[first], [first]]);
    const gone = receivers(vtep, frameTo(STATION), 1000 + AGE_MS);
    assert.deepEqual(gone, [
      [PEER, ...OTHERS],
      [PEER, ...OTHERS],
    ]);
  },
};

inBothModes("encapsulation", tests);
