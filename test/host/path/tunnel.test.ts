// flannel's UDP backend, against packets that were built the slow way.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Ipv4Fields } from "../../model/packet.ts";
import { bytesOf, ethernet, hexOf, icmp, ipv4, join, udp } from "../../model/packet.ts";
import { type Fate, LOCAL, openUdpEnd, PEER, type Vtep } from "./vtep.ts";

const L3 = { flags: ["l3"] as const };
const UNASSIGNED = "100.96.9.9";

function packet(fields: Partial<Ipv4Fields> = {}, payload?: Uint8Array): Uint8Array {
  const inner = payload ?? udp({ srcPort: 1, dstPort: 2 }, bytesOf("68656464 6c65"));
  return ipv4({ src: "100.96.1.2", dst: "100.96.2.3", ...fields }, inner);
}

function hexOfFirst({ bytes }: Fate): string {
  return hexOf(bytes ?? new Uint8Array());
}

describe("the UDP backend, going out", () => {
  it("takes one off the TTL and sends the bare packet to the peer of the route", async () => {
    const end = await openUdpEnd(["linuxMode"]);
    const fate = end.feed("udp_encap_burst", packet({ ttl: 63 }), L3);
    assert.equal(fate.verdict, "consumed");
    assert.equal(hexOfFirst(fate), hexOf(packet({ ttl: 62 })));
    assert.equal(fate.given[0]?.desc.peer, PEER);
  });

  it("cuts padding behind the total length", async () => {
    const end = await openUdpEnd(["linuxMode"]);
    const fate = end.feed("udp_encap_burst", join(packet(), bytesOf("00000000")), L3);
    assert.equal(hexOfFirst(fate), hexOf(packet({ ttl: 63 })));
  });

  it("writes 8285 to 8285 with DF set as flannel's own sockets do", async () => {
    const end = await openUdpEnd(["linuxMode", "dontFragment", "udpChecksum"]);
    const { bytes } = end.feed("udp_encap_frame_burst", packet(), L3);
    assert.ok(bytes !== undefined);
    const id = ((bytes[18] ?? 0) << 8) | (bytes[19] ?? 0);
    const addresses = { src: LOCAL, dst: PEER };
    const datagram = udp({ srcPort: 8285, dstPort: 8285, pseudo: addresses }, packet({ ttl: 63 }));
    const macs = { dst: "02:00:0a:a8:00:03", src: "02:00:0a:a8:00:02" };
    const expected = ethernet(macs, ipv4({ ...addresses, id, fragment: 0x4000 }, datagram));
    assert.equal(hexOf(bytes), hexOf(expected));
  });

  it("drops what would leave with a TTL of zero", async () => {
    const end = await openUdpEnd(["linuxMode"]);
    for (const ttl of [0, 1]) {
      assert.equal(end.feed("udp_encap_burst", packet({ ttl }), L3).verdict, "TtlExceeded");
    }
  });

  it("drops packets that lie about themselves", async () => {
    const end = await openUdpEnd(["linuxMode"]);
    const verdictOf = (bytes: Uint8Array): string => end.feed("udp_encap_burst", bytes, L3).verdict;
    assert.equal(verdictOf(packet({ version: 6 })), "BadVersion");
    assert.equal(verdictOf(packet({ ihl: 4 })), "BadLength");
    assert.equal(verdictOf(packet({ checksum: 1 })), "BadChecksum");
    assert.equal(verdictOf(packet({ totalLength: 19 })), "BadLength");
    assert.equal(verdictOf(packet().subarray(0, 33)), "Truncated");
    assert.equal(verdictOf(packet().subarray(0, 19)), "Truncated");
    assert.equal(verdictOf(packet({}, new Uint8Array(1453))), "TooBig");
    assert.equal(end.feed("udp_encap_burst", packet()).verdict, "BadProtocol");
  });

  it("does not send back to the node that a packet came from", async () => {
    const end = await openUdpEnd(["linuxMode"]);
    const fed = { flags: ["l3", "decapped"] as const, remote: end.node.remotes.find(PEER) ?? null };
    assert.equal(end.feed("udp_encap_burst", packet(), fed).verdict, "SplitHorizon");
  });

  it("obeys a blackhole and a prohibition", async () => {
    const end = await openUdpEnd(["linuxMode"]);
    const hop = end.node.hops.set({ kind: "blackhole" });
    const wall = end.node.hops.set({ kind: "prohibit" });
    end.node.routes.set([
      { prefix: "100.96.9.0/24", hop },
      { prefix: "100.96.10.0/24", hop: wall },
    ]);
    const verdictOf = (dst: string): string =>
      end.feed("udp_encap_burst", packet({ dst }), L3).verdict;
    assert.equal(verdictOf("100.96.9.9"), "Blackhole");
    assert.equal(verdictOf("100.96.10.9"), "Prohibited");
  });
});

describe("the UDP backend, coming in", () => {
  it("takes one off the TTL and gives the bare packet", async () => {
    const end = await openUdpEnd(["linuxMode"]);
    const fate = end.feed("udp_decap_burst", packet({ ttl: 62 }), { peer: PEER });
    assert.equal(hexOfFirst(fate), hexOf(packet({ ttl: 61 })));
    assert.ok(fate.given[0]?.desc.flags.includes("l3"));
    assert.ok(fate.given[0]?.desc.flags.includes("decapped"));
  });

  it("judges the sender where the port is strict", async () => {
    const strict = await openUdpEnd(["strictPeer"]);
    const verdictOf = (end: Vtep, peer: string): string =>
      end.feed("udp_decap_burst", packet(), { peer }).verdict;
    assert.equal(verdictOf(strict, "203.0.113.9"), "SourceDenied");
    assert.equal(verdictOf(strict, PEER), "consumed");
    assert.equal(verdictOf(await openUdpEnd([]), "203.0.113.9"), "consumed");
  });

  it("drops a truncated packet, which flannel would hand on", async () => {
    const end = await openUdpEnd(["linuxMode"]);
    const cut = packet({}, new Uint8Array(1600)).subarray(0, 1472);
    assert.equal(end.feed("udp_decap_burst", cut, { peer: PEER }).verdict, "Truncated");
  });

  it("undoes what the other end's frame did", async () => {
    const out = await openUdpEnd(["linuxMode", "udpChecksum"]);
    const { bytes } = out.feed("udp_encap_frame_burst", packet(), L3);
    assert.ok(bytes !== undefined);
    const end = await openUdpEnd(["linuxMode"]);
    const port = end.node.ports.get(0);
    assert.ok(port !== undefined);
    const { learned: _, ...init } = port;
    end.node.ports.set({ ...init, localIpv4: PEER });
    end.node.remotes.set({ address: LOCAL, flags: ["allowed"] });
    assert.equal(hexOfFirst(end.feed("udp_decap_frame_burst", bytes)), hexOf(packet({ ttl: 62 })));
  });
});

describe("net unreachable", () => {
  const offender = packet(
    { dst: UNASSIGNED, tos: 4 },
    udp({ srcPort: 7, dstPort: 9 }, bytesOf("0102030405060708")),
  );
  const error = (quote: Uint8Array, fields: Partial<Ipv4Fields>): string =>
    hexOf(
      ipv4({ src: "100.96.1.0", dst: "100.96.1.2", protocol: 1, ...fields }, icmp(3, 0, 0, quote)),
    );

  const suppressed = async (flags: Parameters<typeof openUdpEnd>[0], bytes: Uint8Array) => {
    const end = await openUdpEnd(flags);
    const { verdict, given } = end.feed("udp_encap_burst", bytes, L3);
    assert.equal(verdict, "NoRoute");
    assert.equal(given.length, 0);
    assert.equal(end.node.counters().ErrorSuppressed, 1n);
  };

  it("goes back to the sender, from our own address, with the whole offender", async () => {
    const end = await openUdpEnd([]);
    const fate = end.feed("udp_encap_burst", offender, L3);
    assert.equal(fate.verdict, "NoRoute");
    assert.equal(hexOfFirst(fate), error(offender, {}));
    assert.deepEqual(fate.given[0]?.desc.flags, ["l3", "originated"]);
    assert.equal(end.node.counters().NoRoute, 1n);
  });

  it("comes from the unreachable address when told to", async () => {
    const end = await openUdpEnd(["unreachableFromTarget"]);
    const fate = end.feed("udp_encap_burst", offender, L3);
    assert.equal(hexOfFirst(fate), error(offender, { src: UNASSIGNED }));
  });

  it("quotes what fits into 576 bytes", async () => {
    const end = await openUdpEnd([]);
    const long = packet({ dst: UNASSIGNED }, new Uint8Array(1200));
    const fate = end.feed("udp_encap_burst", long, L3);
    assert.equal(fate.bytes?.length, 576);
    assert.equal(hexOfFirst(fate), error(long.subarray(0, 548), {}));
  });

  it("answers an echo request, and never an ICMP error", async () => {
    const end = await openUdpEnd([]);
    const echo = packet({ dst: UNASSIGNED, protocol: 1 }, icmp(8, 0, 1, bytesOf("00")));
    assert.equal(hexOfFirst(end.feed("udp_encap_burst", echo, L3)), error(echo, {}));
    for (const type of [3, 4, 5, 11, 12]) {
      const bad = packet({ dst: UNASSIGNED, protocol: 1 }, icmp(type, 0, 0, offender));
      await suppressed([], bad);
    }
  });

  it("is silent about later fragments, groups and impossible senders", async () => {
    await suppressed([], packet({ dst: UNASSIGNED, fragment: 0x0001 }));
    await suppressed([], packet({ dst: "224.0.0.1" }));
    await suppressed([], packet({ dst: "255.255.255.255" }));
    for (const src of ["0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255"]) {
      await suppressed([], packet({ dst: UNASSIGNED, src }));
    }
  });

  it("answers a first fragment", async () => {
    const end = await openUdpEnd([]);
    const first = packet({ dst: UNASSIGNED, fragment: 0x2000 });
    assert.equal(hexOfFirst(end.feed("udp_encap_burst", first, L3)), error(first, {}));
  });

  it("in flannel's form has a TTL of 8 and quotes eight bytes of payload", async () => {
    const end = await openUdpEnd(["flannelUnreachable"]);
    const fate = end.feed("udp_encap_burst", offender, L3);
    assert.equal(hexOfFirst(fate), error(offender.subarray(0, 28), { ttl: 8 }));
    assert.equal(fate.bytes?.length, 56);
  });

  it("in flannel's form is silent about all ICMP and about the longest header", async () => {
    const rule = ["flannelUnreachable"] as const;
    await suppressed(rule, packet({ dst: UNASSIGNED, protocol: 1 }, icmp(8, 0, 1, bytesOf("00"))));
    await suppressed(rule, packet({ dst: UNASSIGNED, fragment: 0x0001 }));
    await suppressed(rule, packet({ dst: UNASSIGNED, options: new Uint8Array(40).fill(1) }));
  });
});
