// What comes out of a tunnel towards a device with virtio headers, against super-packets that were
// put together the slow way.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BurstFlagName } from "../../../bindings/core/index.ts";
import { coalesced } from "../../model/coalesce.ts";
import { ethernet, hexOf, ipv4, join, udp, vxlan } from "../../model/packet.ts";
import { isWrong } from "../../model/parse.ts";
import { judgeOffered, virtio } from "../../model/segment.ts";
import {
  bytesOfLen,
  ENDS,
  framed,
  MACS_BACK,
  ROUTED,
  SIZE,
  type Super,
  tcpSuper,
  udpSuper,
} from "./device.ts";
import { type Fate, openUdpEnd, openVtep, PEER, PEER_MAC, VNI, type Vtep } from "./vtep.ts";

const BOTH: readonly BurstFlagName[] = ["virtio", "udpL4"];

function segmentsOf({ packet, header }: Super, linkLen = 14): Uint8Array[] {
  const offered = judgeOffered(virtio(header), packet, linkLen);
  assert.ok(!isWrong(offered));
  return [...offered.packets];
}

const received = (whole: Super): Super => framed(whole, MACS_BACK);
const inVxlan = (frame: Uint8Array): Uint8Array => vxlan({ vni: VNI }, frame);

const sizeOf = (frame: Uint8Array | undefined): number => frame?.length ?? 0;

/** Datagrams as the kernel gives them with UDP_GRO: all but the last of one length. */
function decap(vtep: Vtep, datagrams: readonly Uint8Array[], burstFlags = BOTH): Fate {
  const gsoSize = datagrams[0]?.length ?? 0;
  const range = { flags: ["udpGro"] as const, gsoSize, peer: PEER };
  return vtep.feed("vxlan_decap_burst", join(...datagrams), { ...range, burstFlags });
}

function expectDelivered(
  fate: Fate,
  packets: readonly Uint8Array[],
  hasUdp = true,
  linkLen = 14,
): void {
  assert.deepEqual(
    fate.given.map(({ bytes }) => hexOf(bytes)),
    coalesced(packets, linkLen, hasUdp).map(({ header, packet }) => hexOf(join(header, packet))),
  );
}

const open = (): Promise<Vtep> => openVtep(["learn", "linuxMode"], { isLong: true });

/** A small datagram of a flow. */
function small(srcPort: number, id: number, len = 100): Uint8Array {
  const body = udp({ srcPort, dstPort: 9, pseudo: ENDS }, bytesOfLen(len));
  const [packet] = segmentsOf(received({ packet: ipv4({ ...ENDS, id }, body), header: {} }));
  return packet as Uint8Array;
}

describe("a range of datagrams out of a VXLAN", () => {
  for (const [name, make] of Object.entries({ tcpSuper, udpSuper })) {
    it(`becomes the super-packet that it was: ${name}`, async () => {
      const whole = received(make(10 * SIZE - 1));
      const segments = segmentsOf(whole);
      const vtep = await open();
      const fate = decap(vtep, segments.map(inVxlan));
      expectDelivered(fate, segments);
      assert.deepEqual([fate.verdict, fate.given.length], ["consumed", 1]);
      assert.equal(fate.given[0]?.desc.vni, VNI);
      assert.equal(vtep.node.counters().Ok, 10n);
    });
  }

  it("has 64 segments in one packet at most", async () => {
    const segments = segmentsOf(received(tcpSuper(150 * 100, ENDS, 100)));
    const fate = decap(await open(), segments.map(inVxlan));
    expectDelivered(fate, segments);
    assert.equal(fate.given.length, 3);
  });

  it("keeps UDP apart for a device that knows no super-packets of it", async () => {
    const segments = segmentsOf(received(udpSuper(3 * SIZE)));
    const fate = decap(await open(), segments.map(inVxlan), ["virtio"]);
    expectDelivered(fate, segments, false);
    assert.equal(fate.given.length, 3);
  });

  it("is judged datagram by datagram", async () => {
    const vtep = await open();
    const frames = segmentsOf(received(udpSuper(5 * 100, ENDS, 100)));
    const datagrams = frames.map(inVxlan);
    (datagrams[1] as Uint8Array)[0] = 0; // no VNI is meant
    (datagrams[2] as Uint8Array)[14] = 1; // a station that cannot be
    const fate = decap(vtep, datagrams);
    assert.equal(fate.verdict, "consumed");
    expectDelivered(fate, [frames[0], frames[3], frames[4]] as Uint8Array[]);
    const { Ok, BadFlags, BadSourceMac } = vtep.node.counters();
    assert.deepEqual([Ok, BadFlags, BadSourceMac], [3n, 1n, 1n]);
  });

  it("is dropped for the first reason when none passes, and counts each", async () => {
    const vtep = await open();
    const datagrams = [1, 2, 3].map((id) => vxlan({ vni: VNI + 1 }, small(1, id)));
    assert.equal(decap(vtep, datagrams).verdict, "UnknownVni");
    assert.equal(vtep.node.counters().UnknownVni, 3n);
  });

  it("teaches where stations are", async () => {
    const vtep = await open();
    decap(vtep, segmentsOf(received(tcpSuper(3 * SIZE))).map(inVxlan));
    assert.equal(vtep.whereIs(PEER_MAC), PEER);
  });

  it("has a size, and lies in the arena", async () => {
    const vtep = await open();
    const bytes = inVxlan(small(1, 1));
    const fed = { flags: ["udpGro"] as const, peer: PEER, burstFlags: BOTH };
    assert.equal(
      vtep.feed("vxlan_decap_burst", bytes, { ...fed, gsoSize: 0 }).verdict,
      "BadOffload",
    );
    const plain = vtep.feed("vxlan_decap_burst", bytes, { ...fed, gsoSize: 100, burstFlags: [] });
    assert.equal(plain.verdict, "NeedsOffload");
  });

  it("carries a congestion mark into each, and they still join", async () => {
    const vtep = await openVtep(["ecn"], { isLong: true });
    const body = udp({ srcPort: 1, dstPort: 9, pseudo: ENDS }, bytesOfLen(100));
    const frames = (tos: number): Uint8Array[] =>
      [1, 2, 3].map((id) => ethernet(MACS_BACK, ipv4({ ...ENDS, id, tos }, body)));
    const range = { flags: ["udpGro"] as const, gsoSize: 150, peer: PEER, burstFlags: BOTH };
    const datagrams = join(...frames(2).map(inVxlan));
    const fate = vtep.feed("vxlan_decap_burst", datagrams, { ...range, tos: 3 });
    expectDelivered(fate, frames(3));
    assert.equal(fate.given.length, 1);
  });
});

describe("what is not a segment of its flow", () => {
  const cases: Readonly<Record<string, (frames: Uint8Array[]) => Uint8Array[]>> = {
    "a packet with a wrong checksum": (frames) => damaged(frames, 2, 60),
    "a first packet with a wrong checksum": (frames) => damaged(frames, 0, 60),
    "a packet with another TTL": (frames) => damaged(frames, 2, 22),
    "a packet from elsewhere": (frames) => damaged(frames, 2, 3),
    "a packet that is missing": ([a, b, , ...rest]) => [a, b, ...rest] as Uint8Array[],
    "a packet that comes twice": ([a, b, ...rest]) => [a, b, b, ...rest] as Uint8Array[],
    "a packet of another flow": ([a, b, ...rest]) =>
      [a, b, small(7, 1, sizeOf(a) - 42), ...rest] as Uint8Array[],
  };
  for (const [name, change] of Object.entries(cases)) {
    for (const make of [tcpSuper, udpSuper]) {
      it(`ends it, or passes beside it, and nothing overtakes: ${name}, ${make.name}`, async () => {
        const frames = change(segmentsOf(received(make(6 * 100, ENDS, 100))));
        const vtep = await open();
        const equal = frames.map(inVxlan);
        const fates = decap(vtep, equal);
        expectDelivered(fates, frames);
        assert.ok(fates.given.length > 1 && fates.given.length < 6);
      });
    }
  }

  it("is a flow of its own when there are more than eight", async () => {
    const vtep = await open();
    const ids = [1, 2, 3];
    const ports = Array.from({ length: 9 }, (_, at) => at + 1);
    const frames = ids.flatMap((id) => ports.map((port) => small(port, id)));
    const fate = decap(vtep, frames.map(inVxlan));
    expectDelivered(fate, frames);
  });
});

function damaged(frames: Uint8Array[], index: number, at: number): Uint8Array[] {
  return frames.map((frame, which) => {
    const copy = Uint8Array.from(frame);
    if (which === index) copy[at] = (copy[at] ?? 0) ^ 4;
    return copy;
  });
}

describe("a datagram alone", () => {
  it("has its virtio header where the tunnel's was", async () => {
    const vtep = await open();
    const frame = small(1, 1);
    const fed = { peer: PEER, burstFlags: BOTH };
    const fate = vtep.feed("vxlan_decap_burst", inVxlan(frame), fed);
    expectDelivered(fate, [frame]);
    assert.deepEqual(fate.given[0]?.desc.flags, ["decapped"]);
  });

  it("keeps its bytes where others hold them", async () => {
    const vtep = await open();
    const frame = small(1, 1);
    const fed = { peer: PEER, burstFlags: BOTH, flags: ["shared"] as const };
    const fate = vtep.feed("vxlan_decap_burst", inVxlan(frame), fed);
    expectDelivered(fate, [frame]);
    assert.deepEqual(fate.given[0]?.desc.flags, ["shared", "gather", "decapped"]);
  });
});

describe("the UDP backend", () => {
  it("gives super-packets to a TUN, with one hop less", async () => {
    const end = await openUdpEnd([], { isLong: true });
    const packets = segmentsOf(tcpSuper(5 * 100, ROUTED, 100), 0);
    const lower = packets.map((packet) => {
      const [first = 0, second = 0] = packet.subarray(10, 12);
      const sum = first * 256 + second + 0x100; // RFC 1141: one off the TTL
      const copy = Uint8Array.from(packet);
      copy[8] = (copy[8] ?? 0) - 1;
      copy.set([((sum + (sum >> 16)) >> 8) & 255, (sum + (sum >> 16)) & 255], 10);
      return copy;
    });
    const range = { flags: ["udpGro"] as const, gsoSize: packets[0]?.length ?? 0, peer: PEER };
    const bytes = join(...packets);
    const fate = end.feed("udp_decap_burst", bytes, { ...range, burstFlags: BOTH });
    expectDelivered(fate, lower, true, 0);
    assert.equal(fate.given.length, 1);
    assert.ok(fate.given[0]?.desc.flags.includes("l3"));
  });
});
