// Decapsulation from VXLAN, beside what test/host/conformance asks of it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bytesOf, ethernet, hexOf, join } from "../../model/packet.ts";
import { innerFrame, outerFrame, STATION } from "./rows.ts";
import { OWN_MAC, openVtep, PEER, PEER_MAC } from "./vtep.ts";

const AS_LINUX = ["learn", "linuxMode", "ecn"] as const;
const STRANGER = "203.0.113.9";

describe("decapsulation in linux mode", () => {
  it("learns any outer source, and the last claimant has it", async () => {
    const vtep = await openVtep(AS_LINUX);
    vtep.decapFrame(outerFrame({ outer: { src: STRANGER } }));
    assert.equal(vtep.whereIs(STATION), STRANGER);
    vtep.decapFrame(outerFrame());
    assert.equal(vtep.whereIs(STATION), PEER);
    assert.equal(vtep.node.counters().StationMoved, 1n);
  });

  it("keeps the DSCP and the inner checksum right when it hands a mark on", async () => {
    const vtep = await openVtep(AS_LINUX);
    const { bytes } = vtep.decapFrame(outerFrame({ outer: { tos: 3 }, innerTos: 0xb9 }));
    assert.equal(hexOf(bytes ?? new Uint8Array()), hexOf(innerFrame({ innerTos: 0xbb })));
  });
});

describe("a learning port without a domain", () => {
  it("knows no VNI, and learns nothing", async () => {
    const { node, decapFrame } = await openVtep(AS_LINUX);
    const port = node.ports.get(0);
    assert.ok(port !== undefined);
    const { learned: _, ...init } = port;
    node.ports.set({ ...init, domain: null });
    assert.equal(decapFrame(outerFrame()).verdict, "UnknownVni");
    assert.deepEqual([...node.fdb], []);
  });
});

describe("decapsulation in rfc mode", () => {
  it("ignores all reserved bits at once", async () => {
    const vtep = await openVtep(["ecn"]);
    const changes = { vxlan: { flags: 0xff, reserved: 0xffffff, reservedLast: 0xff } };
    assert.equal(vtep.decapFrame(outerFrame(changes)).verdict, "consumed");
  });

  it("discards an inner VLAN tag, which linux mode delivers", async () => {
    const tagged = join(bytesOf("0005 0800"), innerFrame({}).subarray(14));
    const frame = ethernet({ dst: OWN_MAC, src: STATION, etherType: 0x8100 }, tagged);
    const verdictFor = async (...flags: Parameters<typeof openVtep>[0]) =>
      (await openVtep(flags)).decapFrame(outerFrame({ frame })).verdict;
    assert.equal(await verdictFor("ecn"), "BadProtocol");
    assert.equal(await verdictFor("linuxMode"), "consumed");
  });
});

describe("decapsulation for a strict port", () => {
  it("takes packets of allowed remotes only", async () => {
    const vtep = await openVtep(["strictPeer", "linuxMode"]);
    const fromStranger = outerFrame({ outer: { src: STRANGER } });
    assert.equal(vtep.decapFrame(fromStranger).verdict, "SourceDenied");
    assert.equal(vtep.decapFrame(outerFrame()).verdict, "consumed");
  });

  it("does not believe a source that a permanent entry places elsewhere", async () => {
    const vtep = await openVtep(["learn", "linuxMode"]);
    vtep.pin(PEER_MAC, PEER);
    const inner = { src: PEER_MAC };
    const claim = outerFrame({ inner, outer: { src: STRANGER } });
    assert.equal(vtep.decapFrame(claim).verdict, "Pinned");
    assert.equal(vtep.decapFrame(outerFrame({ inner })).verdict, "consumed");
  });
});
