// Super-packets and unfinished checksums on their way into a tunnel, against packets that were cut
// the slow way.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Desc } from "../../../bindings/core/index.ts";
import { arp, ethernet, hexOf, ipv4, join, vxlan } from "../../model/packet.ts";
import { isWrong } from "../../model/parse.ts";
import {
  GSO_TCPV6,
  GSO_UDP_L4,
  judgeOffered,
  type VirtioFields,
  virtio,
} from "../../model/segment.ts";
import {
  ENDS,
  type Fed,
  framed,
  give,
  MACS,
  ROUTED,
  SIZE,
  type Super,
  tagged,
  tcpSuper,
  udpSuper,
} from "./device.ts";
import { OWN_MAC, openUdpEnd, openVtep, PEER, PEER_MAC, VNI, type Vtep } from "./vtep.ts";

function expected({ packet, header }: Super, linkLen = 14): readonly Uint8Array[] {
  const offered = judgeOffered(virtio(header), packet, linkLen);
  assert.ok(!isWrong(offered), `the model says ${JSON.stringify(offered)}`);
  return offered.packets;
}

function feed(vtep: Vtep, { packet, header }: Super, flags: Desc["flags"] = []): Fed {
  return give(vtep, "vxlan_encap_burst", { packet, header }, flags);
}

function expectSame(actual: readonly Uint8Array[], wanted: readonly Uint8Array[]): void {
  assert.deepEqual(actual.map(hexOf), wanted.map(hexOf));
}

const inVxlan = (frame: Uint8Array): Uint8Array => vxlan({ vni: VNI }, frame);

async function vtepWithPeer(flags: Parameters<typeof openVtep>[0] = ["linuxMode"]): Promise<Vtep> {
  const vtep = await openVtep(flags, { isLong: true });
  vtep.pin(PEER_MAC, PEER);
  return vtep;
}

describe("a super-packet into VXLAN", () => {
  for (const [name, make] of Object.entries({ tcpSuper, udpSuper })) {
    for (const len of [SIZE + 1, 2 * SIZE, 3 * SIZE - 1, 44 * SIZE]) {
      it(`leaves as Linux would cut it: ${name} of ${len} bytes`, async () => {
        const whole = framed(make(len));
        const { verdict, given, datagrams } = feed(await vtepWithPeer(), whole);
        assert.equal(verdict, "consumed");
        expectSame(datagrams, expected(whole).map(inVxlan));
        assert.equal(given.length, 1);
        assert.equal(given[0]?.desc.peer, PEER);
        assert.equal(given[0]?.desc.vni, VNI);
      });
    }
  }

  it("may have a tag", async () => {
    const whole = tagged(tcpSuper(3 * SIZE));
    const { datagrams } = feed(await vtepWithPeer(), whole);
    expectSame(datagrams, expected(whole).map(inVxlan));
  });

  it("has 64 datagrams and 65507 bytes in one descriptor at most", async () => {
    const small = framed(tcpSuper(200 * 100, ENDS, 100));
    const { given, datagrams } = feed(await vtepWithPeer(), small);
    assert.deepEqual(
      given.map(({ desc }) => desc.len),
      [128, 128, 128, 16],
    );
    expectSame(datagrams, expected(small).map(inVxlan));
    const large = framed(udpSuper(46 * 1400, ENDS, 1400));
    const fed = feed(await vtepWithPeer(), large);
    assert.ok(fed.given.every(({ bytes }) => bytes.length <= 65507));
    assert.deepEqual(
      fed.given.map(({ desc }) => desc.gsoSize),
      [1450, 0],
    );
    expectSame(fed.datagrams, expected(large).map(inVxlan));
  });

  it("keeps to the MTU with each segment, not as a whole", async () => {
    const vtep = await vtepWithPeer();
    assert.equal(feed(vtep, framed(tcpSuper(4000, ENDS, 1398))).verdict, "consumed");
    assert.equal(feed(vtep, framed(tcpSuper(4000, ENDS, 1399))).verdict, "TooBig");
  });

  it("is one that holds no more than a segment, and then a plain packet", async () => {
    const whole = framed(tcpSuper(SIZE));
    const { given, datagrams } = feed(await vtepWithPeer(), whole);
    expectSame(datagrams, expected(whole).map(inVxlan));
    assert.ok(!given[0]?.desc.flags.includes("gather"));
  });

  it("is made once for all remotes of the flood list", async () => {
    const vtep = await openVtep(["flood", "linuxMode"], { isLong: true });
    const remotes = [PEER, "10.168.0.4", "10.168.0.5"].map(
      (address) => vtep.node.remotes.find(address) ?? vtep.node.remotes.set({ address }),
    );
    for (const remote of remotes) vtep.node.flood.set([{ domain: 0, port: 0, remote }]);
    const whole = framed(udpSuper(70 * 100, ENDS, 100));
    const { given, datagrams } = feed(vtep, whole);
    const once = expected(whole).map(inVxlan);
    expectSame(datagrams, [...once, ...once, ...once]);
    assert.deepEqual(
      given.map(({ desc }) => desc.remote),
      remotes.flatMap((remote) => [remote, remote]),
    );
    assert.equal(new Set(given.map(({ desc }) => desc.ptr)).size, 2);
    assert.ok(given.every(({ desc }) => desc.flags.includes("shared")));
  });

  it("loses the segments that there is no room for, and no others", async () => {
    const vtep = await openVtep(["linuxMode"], { isLong: true, spareBytes: 800 });
    vtep.pin(PEER_MAC, PEER);
    const whole = framed(tcpSuper(20 * SIZE));
    const { verdict, datagrams } = feed(vtep, whole);
    assert.equal(verdict, "consumed");
    assert.ok(datagrams.length > 5 && datagrams.length < 11);
    expectSame(datagrams, expected(whole).map(inVxlan).slice(0, datagrams.length));
    assert.equal(vtep.node.counters().NoRoom, 1n);
  });

  it("keeps its bytes where others hold them", async () => {
    const whole = framed(tcpSuper(3 * SIZE));
    const { datagrams } = feed(await vtepWithPeer(), whole, ["shared"]);
    expectSame(datagrams, expected(whole).map(inVxlan));
  });
});

describe("a super-packet into the UDP backend", () => {
  for (const [name, make] of Object.entries({ tcpSuper, udpSuper })) {
    it(`is routed once, and each segment has one hop less: ${name}`, async () => {
      const end = await openUdpEnd([], { isLong: true });
      const whole = make(10 * SIZE, ROUTED);
      const { verdict, given, datagrams } = give(end, "udp_encap_burst", whole, ["l3"]);
      assert.equal(verdict, "consumed");
      const lower = ipv4({ ...ROUTED, ttl: 63 }, new Uint8Array());
      const routed = Uint8Array.from(whole.packet);
      routed[8] = lower[8] ?? 0;
      routed[10] = (routed[10] ?? 0) + 1; // RFC 1141: one off the TTL, 0x100 onto the checksum
      expectSame(datagrams, expected({ ...whole, packet: routed }, 0));
      assert.ok(given[0]?.desc.flags.includes("l3"));
    });
  }

  it("keeps to the MTU with each segment", async () => {
    const end = await openUdpEnd([], { isLong: true });
    for (const [size, verdict] of [
      [1472 - 52, "consumed"],
      [1472 - 51, "TooBig"],
    ] as const) {
      const whole = tcpSuper(4000, ROUTED, size);
      assert.equal(give(end, "udp_encap_burst", whole, ["l3"]).verdict, verdict);
    }
  });
});

describe("an unfinished checksum", () => {
  for (const [name, make] of Object.entries({ tcpSuper, udpSuper })) {
    it(`is finished: ${name}`, async () => {
      const { packet, header } = framed(make(100));
      const plain = { packet, header: { ...header, gsoType: 0, gsoSize: 0 } };
      const { datagrams } = feed(await vtepWithPeer(), plain);
      expectSame(datagrams, expected(plain).map(inVxlan));
    });
  }

  it("that is zero is written as all ones", async () => {
    // The place holds the complement of all the rest: the sum is all ones, the checksum zero.
    const frame = ethernet({ ...MACS, etherType: 0x88b5 }, Uint8Array.of(0x12, 0x34, 0xed, 0xcb));
    const header = { needsCsum: true, csumStart: 14, csumOffset: 2 };
    const { datagrams } = feed(await vtepWithPeer(), { packet: frame, header });
    assert.equal(hexOf((datagrams[0] as Uint8Array).subarray(-4)), "1234ffff");
  });
});

describe("a virtio header that lies", () => {
  const good = framed(tcpSuper(4000));
  const lies: Readonly<Record<string, readonly [VirtioFields, string]>> = {
    "has a GSO size of zero": [{ gsoSize: 0 }, "BadOffload"],
    "has no NEEDS_CSUM": [{ needsCsum: false }, "BadOffload"],
    "begins the checksum in the Ethernet header": [{ csumStart: 13 }, "BadOffload"],
    "begins the checksum elsewhere": [{ csumStart: 36 }, "BadOffload"],
    "begins the checksum behind the packet": [{ csumStart: 0xffff }, "BadOffload"],
    "has the checksum elsewhere": [{ csumOffset: 6 }, "BadOffload"],
    "has the checksum behind the packet": [{ csumOffset: 0xffff }, "BadOffload"],
    "says UDP of TCP": [{ gsoType: GSO_UDP_L4 }, "BadOffload"],
    "was never offered": [{ gsoType: GSO_TCPV6 }, "NeedsOffload"],
  };
  for (const [name, [lie, verdict]] of Object.entries(lies)) {
    it(`${name}: ${verdict}`, async () => {
      const { packet, header } = good;
      const vtep = await vtepWithPeer();
      const fed = feed(vtep, { packet, header: { ...header, ...lie } });
      assert.deepEqual([fed.verdict, fed.given.length], [verdict, 0]);
    });
  }

  it("names a packet that is longer or shorter than its IP says", async () => {
    const vtep = await vtepWithPeer();
    const { packet, header } = good;
    const longer = { packet: join(packet, new Uint8Array(1)), header };
    assert.equal(feed(vtep, longer).verdict, "BadOffload");
    assert.equal(feed(vtep, { packet: packet.subarray(0, -1), header }).verdict, "Truncated");
  });

  it("says nothing by hdr_len", async () => {
    const { packet, header } = good;
    for (const headersLen of [0, 1, 66, 0xffff]) {
      const { datagrams } = feed(await vtepWithPeer(), {
        packet,
        header: { ...header, headersLen },
      });
      expectSame(datagrams, expected(good).map(inVxlan));
    }
  });
});

describe("what the core originates towards a device with virtio headers", () => {
  it("has one of zeros", async () => {
    const vtep = await openVtep(["arpProxy"]);
    const neighbor = { port: 0, address: "10.1.16.0", mac: PEER_MAC, state: "permanent" } as const;
    vtep.node.neighbors.set([neighbor], 1000);
    const ends = { senderMac: OWN_MAC, senderAddress: "10.1.15.0" };
    const nobody = "00:00:00:00:00:00";
    const message = arp({ operation: 1, ...ends, targetMac: nobody, targetAddress: "10.1.16.0" });
    const request = ethernet(
      { dst: "ff:ff:ff:ff:ff:ff", src: OWN_MAC, etherType: 0x0806 },
      message,
    );
    const plain = vtep.feed("vxlan_encap_burst", request).bytes as Uint8Array;
    const { given } = feed(vtep, { packet: request, header: {} });
    assert.deepEqual(given[0]?.desc.flags, ["originated"]);
    expectSame([given[0]?.bytes as Uint8Array], [join(virtio({}), plain)]);
  });
});

describe("segment_burst", () => {
  it("gives each segment as a packet of its own", async () => {
    const vtep = await vtepWithPeer();
    const whole = framed(tcpSuper(3 * SIZE));
    const { given } = give(vtep, "segment_burst", whole, []);
    expectSame(
      given.map(({ bytes }) => bytes),
      expected(whole),
    );
    assert.ok(given.every(({ desc }) => desc.gsoSize === 0 && desc.len === 2));
  });

  it("cuts what is too long for one call of a socket, too", async () => {
    const vtep = await vtepWithPeer();
    const whole = framed(udpSuper(65507, ENDS, 65480));
    const { given } = give(vtep, "segment_burst", whole, []);
    expectSame(
      given.map(({ bytes }) => bytes),
      expected(whole),
    );
    assert.equal(given.length, 2);
  });
});
