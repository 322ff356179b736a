// What RFCs ask of a router, about IP: each test is named after what it holds.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { bytesOf, ethernet, hexOf, join } from "../../model/packet.ts";
import { isWrong, judgeIpv4 } from "../../model/parse.ts";
import {
  datagram,
  frame,
  HOST_MAC,
  LEFT,
  MAC,
  PEER,
  PEER_MAC,
  packet,
  RIGHT_MAC,
  Router,
  TUN,
} from "../path/router.ts";

let router: Router;

beforeEach(async () => {
  router = await Router.open();
});

const verdictOf = (bytes: Uint8Array): string => router.feed(bytes).verdict;

/** Each packet that left, without its Ethernet header. */
function pieces(bytes: Uint8Array): Uint8Array[] {
  const { verdict, given } = router.feed(bytes);
  assert.equal(verdict, "consumed");
  return given.map((one) => {
    assert.deepEqual(
      one.bytes.subarray(0, 14),
      ethernet({ dst: PEER_MAC, src: RIGHT_MAC }, join()),
    );
    return one.bytes.subarray(14);
  });
}

/** A right port that takes packets of so many bytes. */
function narrow(mtu: number): void {
  const port = router.node.ports.get(1);
  assert.ok(port);
  const { learned: _, ...rest } = port;
  router.node.ports.set({ ...rest, mtu });
}

function judged(bytes: Uint8Array): Exclude<ReturnType<typeof judgeIpv4>, { wrong: string }> {
  const ip = judgeIpv4(bytes);
  if (isWrong(ip)) throw new Error(ip.wrong);
  assert.equal(ip.totalLength, bytes.length);
  return ip;
}

test("RFC 791, section 3.1: a header has at least five words", () => {
  assert.equal(verdictOf(frame({ ihl: 4 })), "BadLength");
  assert.equal(verdictOf(frame({ ihl: 0 })), "BadLength");
});

test("RFC 791, section 3.1: a packet is no shorter than its header, and in its frame", () => {
  assert.equal(verdictOf(frame({ totalLength: 19 })), "BadLength");
  assert.equal(verdictOf(frame({ totalLength: 35 })), "Truncated");
  assert.equal(verdictOf(frame({}).subarray(0, 33)), "Truncated");
  assert.equal(verdictOf(frame({ ihl: 15 })), "BadLength");
});

test("RFC 791, section 3.1: version and checksum are right, or it goes nowhere", () => {
  assert.equal(verdictOf(frame({ version: 6 })), "BadVersion");
  assert.equal(verdictOf(frame({ checksum: 1 })), "BadChecksum");
});

test("RFC 894: what trails the packet in its frame is padding, and goes no further", () => {
  const [bytes] = pieces(join(frame(), new Uint8Array(12)));
  assert.equal(bytes?.length, packet().length);
});

test("RFC 791, section 3.1: options travel along", () => {
  const options = bytesOf("9404 0000 0703 0400");
  const [bytes] = pieces(frame({ options }));
  assert.deepEqual(bytes, packet({ options, ttl: 63 }));
});

test("RFC 1812, section 4.2.2.6: options that cannot be end the packet", () => {
  for (const options of ["44000000", "44010000", "44050000", "01014404"]) {
    assert.equal(verdictOf(frame({ options: bytesOf(options) })), "BadOption", options);
  }
});

test("RFC 791, section 3.1: source routes, loose and strict, are refused by policy", () => {
  for (const kind of ["83", "89"]) {
    const options = bytesOf(`01 ${kind} 07 04 0a090101`);
    assert.equal(verdictOf(frame({ options })), "SourceRoute", kind);
  }
  const hidden = bytesOf("00 83 07 04 00000000"); // behind the end of the list
  assert.equal(verdictOf(frame({ options: hidden })), "consumed");
});

test("RFC 1812, section 5.3.1: one off the TTL, and none travels with zero", () => {
  for (const ttl of [255, 64, 2])
    assert.deepEqual(pieces(frame({ ttl }))[0], packet({ ttl: ttl - 1 }));
  for (const ttl of [1, 0]) assert.equal(verdictOf(frame({ ttl })), "TtlExceeded");
});

test("RFC 1624, section 3: the checksum is right for every one that a header can have", () => {
  for (let id = 0; id < 0x10000; id += 257) {
    const [bytes] = pieces(frame({ id }));
    assert.deepEqual(bytes, packet({ id, ttl: 63 }), `id ${id}`);
  }
});

test("RFC 791, section 2.3: fragments of eight bytes each, with the ID of the whole", () => {
  narrow(100);
  const payload = datagram(192);
  const cut = pieces(frame({ id: 0xbeef }, payload)).map(judged);
  assert.deepEqual(
    cut.map(({ offset, moreFragments, payload: part }) => [offset, moreFragments, part.length]),
    [
      [0, true, 80],
      [10, true, 80],
      [20, false, 40],
    ],
  );
  assert.deepEqual(join(...cut.map((one) => one.payload)), payload);
  assert.ok(cut.every(({ header }) => hexOf(header.subarray(4, 6)) === "beef"));
  assert.ok(cut.every(({ ttl, totalLength }) => ttl === 63 && totalLength <= 100));
});

test("RFC 791, section 2.3: a fragment that is cut again stays a part of the same whole", () => {
  narrow(60);
  const middle = pieces(frame({ fragment: 0x2000 + 100 }, datagram(72))).map(judged);
  assert.deepEqual(
    middle.map(({ offset, moreFragments }) => [offset, moreFragments]),
    [
      [100, true],
      [105, true],
    ],
  );
  const last = pieces(frame({ fragment: 100 }, datagram(71))).map(judged);
  assert.deepEqual(
    last.map(({ offset, moreFragments }) => [offset, moreFragments]),
    [
      [100, true],
      [105, false],
    ],
  );
});

test("RFC 791, section 3.1: the copied flag says which options later fragments have", () => {
  narrow(68);
  const alert = bytesOf("94040000"); // copied
  const record = bytesOf("07070400 00000001"); // not copied
  const cut = pieces(frame({ options: join(record, alert) }, datagram(64))).map(judged);
  assert.deepEqual(
    cut.map(({ header }) => hexOf(header.subarray(20))),
    ["070704000000000194040000", "94040000"],
  );
});

test("RFC 791, section 3.1: DF forbids to cut, and the reserved flag stays as it is", () => {
  narrow(60);
  assert.equal(verdictOf(frame({ fragment: 0x4000 }, datagram(64))), "TooBig");
  narrow(1500);
  assert.deepEqual(pieces(frame({ fragment: 0x8000 }))[0], packet({ fragment: 0x8000, ttl: 63 }));
});

test("RFC 6864, section 4: the ID of an atomic packet means nothing and stays", () => {
  for (const id of [0, 1, 0xffff]) {
    assert.deepEqual(
      pieces(frame({ id, fragment: 0x4000 }))[0],
      packet({ id, fragment: 0x4000, ttl: 63 }),
    );
  }
});

test("RFC 1858, section 3: a first fragment shows filters flags and ports", () => {
  const tcp = { protocol: 6, fragment: 0x2000 };
  assert.equal(verdictOf(frame(tcp, new Uint8Array(8))), "TinyFragment");
  assert.equal(verdictOf(frame(tcp, new Uint8Array(16))), "consumed");
  assert.equal(verdictOf(frame({ protocol: 6, fragment: 1 }, new Uint8Array(16))), "TinyFragment");
  assert.equal(verdictOf(frame({ fragment: 0x2000 }, new Uint8Array(0))), "TinyFragment");
  assert.equal(verdictOf(frame({ protocol: 1, fragment: 0x2000 }, new Uint8Array(8))), "consumed");
});

test("RFC 1812, section 5.3.7: addresses that cannot be are dropped, and nobody is told", () => {
  const sources = ["0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "255.255.255.255", "10.1.0.1"];
  for (const src of sources) assert.equal(verdictOf(frame({ src })), "Martian", src);
  for (const dst of ["127.0.0.1", "0.0.0.0"])
    assert.equal(verdictOf(frame({ dst })), "Martian", dst);
  assert.equal(router.burst.outCount, 0);
});

test("RFC 1812, section 5.3.4: what everybody on a link hears goes no further", () => {
  for (const dst of ["ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01"]) {
    assert.equal(verdictOf(ethernet({ dst, src: HOST_MAC }, packet())), "NotForUs");
  }
});

test("RFC 2644: a broadcast to another link's subnet stays here", () => {
  assert.equal(verdictOf(frame({ dst: "10.2.255.255" })), "forUs");
});

test("RFC 1812, section 5.3.5: limited broadcast, and the link's own, are for us", () => {
  for (const dst of ["255.255.255.255", "10.1.255.255"]) {
    const shout = ethernet({ dst: "ff:ff:ff:ff:ff:ff", src: HOST_MAC }, packet({ dst }));
    assert.equal(verdictOf(shout), "forUs", dst);
  }
});

test("RFC 1122, section 3.2.1.3: who has no address yet may speak to everybody alone", () => {
  const shout = packet({ src: "0.0.0.0", dst: "255.255.255.255" });
  assert.equal(verdictOf(ethernet({ dst: "ff:ff:ff:ff:ff:ff", src: HOST_MAC }, shout)), "forUs");
  assert.equal(verdictOf(frame({ src: "0.0.0.0" })), "Martian");
});

test("RFC 1112, section 4: groups are routed by nobody here", () => {
  router.route("0.0.0.0/0", { kind: "unicast", port: 1, gateway: PEER });
  const toGroup = ethernet(
    { dst: "01:00:5e:00:00:09", src: HOST_MAC },
    packet({ dst: "224.0.0.9" }),
  );
  assert.equal(verdictOf(toGroup), "NotForUs");
  router.route("224.0.0.9/32", { kind: "local" });
  assert.equal(verdictOf(toGroup), "forUs");
});

test("RFC 1812, section 5.2.4.3: the longest prefix wins, wherever it stands", () => {
  router.route("10.9.8.0/24", { kind: "connected", port: TUN });
  router.route("0.0.0.0/0", { kind: "unicast", port: LEFT, gateway: "10.1.0.9" });
  router.know(LEFT, "10.1.0.9", HOST_MAC);
  const egress = (dst: string): unknown => router.feed(frame({ dst })).given[0]?.desc.port;
  assert.deepEqual(["10.9.8.7", "10.9.7.7", "192.0.2.1"].map(egress), [TUN, 1, LEFT]);
});

test("RFC 3021: a link of two has no broadcast", () => {
  router.node.ports.set({ index: 3, kind: "ethernet", mac: MAC, ipv4: "10.8.0.0", prefixLen: 31 });
  router.route("10.8.0.0/31", { kind: "connected", port: 3 });
  router.know(3, "10.8.0.1", PEER_MAC);
  assert.equal(router.feed(frame({ dst: "10.8.0.1" })).given[0]?.desc.port, 3);
});
