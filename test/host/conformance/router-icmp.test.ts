// What RFCs ask of a router, about ICMP errors: each test is named after what it holds.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { ethernet, icmp, ipv4 } from "../../model/packet.ts";
import {
  datagram,
  type Fate,
  frame,
  HOST,
  HOST_MAC,
  MAC,
  OURS,
  packet,
  Router,
  TUN,
  TUN_OURS,
} from "../path/router.ts";

const NOWHERE = "192.0.2.1";
const GROUP = "224.0.0.9";

let router: Router;

beforeEach(async () => {
  router = await Router.open();
});

/** The ICMP message of the first that was given, in a frame. */
function message({ bytes }: Fate): Uint8Array | undefined {
  return bytes?.subarray(34);
}

function typeAndCode(fate: Fate): string {
  return (message(fate) ?? new Uint8Array()).subarray(0, 2).join("/");
}

const toNowhere = (payload: Uint8Array, protocol = 17): Fate =>
  router.feed(frame({ dst: NOWHERE, protocol }, payload));

test("RFC 792: the error goes from our address and MAC to the sender's, and quotes", () => {
  const about = packet({ dst: NOWHERE });
  const { bytes } = router.feed(frame({ dst: NOWHERE }));
  const error = ipv4({ src: OURS, dst: HOST, protocol: 1 }, icmp(3, 0, 0, about));
  assert.deepEqual(bytes, ethernet({ dst: HOST_MAC, src: MAC }, error));
});

test("RFC 1812, section 4.3.2.4: it comes from the port that the packet came in by", () => {
  const { bytes, given } = router.feed(packet({ src: "10.3.0.9", dst: NOWHERE }), TUN, ["l3"]);
  assert.deepEqual(bytes?.subarray(12, 16).join("."), TUN_OURS);
  assert.deepEqual([given[0]?.desc.port, given[0]?.desc.flags], [TUN, ["l3", "originated"]]);
});

test("RFC 1812, section 4.3.2.3: as much of the packet as fits into 576 bytes", () => {
  const { bytes } = toNowhere(datagram(1400));
  assert.equal(bytes?.length, 14 + 576);
  assert.deepEqual(bytes?.subarray(42), packet({ dst: NOWHERE }, datagram(1400)).subarray(0, 548));
});

test("RFC 1122, section 3.2.2: no error about an ICMP error, and one about an echo request", () => {
  for (const type of [3, 4, 5, 11, 12]) {
    assert.equal(toNowhere(icmp(type, 0, 0, datagram()), 1).given.length, 0, `type ${type}`);
  }
  for (const type of [0, 8, 13, 17]) {
    assert.equal(typeAndCode(toNowhere(icmp(type, 0, 0, datagram()), 1)), "3/0", `type ${type}`);
  }
});

test("RFC 1122, section 3.2.2: none about what went to many", () => {
  router.route(`${GROUP}/32`, { kind: "unreachable" });
  const group = ethernet({ dst: "01:00:5e:00:00:09", src: HOST_MAC }, packet({ dst: GROUP }));
  assert.deepEqual(router.feed(group).given, []);
  const link = ethernet({ dst: "ff:ff:ff:ff:ff:ff", src: HOST_MAC }, packet({ dst: NOWHERE }));
  assert.deepEqual(router.feed(link).given, []);
});

test("RFC 1122, section 3.2.2: none about later fragments, one about the first", () => {
  const told = (fragment: number): number =>
    router.feed(frame({ dst: NOWHERE, fragment }, datagram(16))).given.length;
  assert.deepEqual([0x2000, 1, 0x2001, 0x1fff].map(told), [1, 0, 0, 0]);
});

test("RFC 1122, section 3.2.2: none to whom nobody is", () => {
  for (const src of ["0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255"]) {
    assert.deepEqual(router.feed(frame({ src, dst: NOWHERE })).given, [], src);
  }
});

test("RFC 1812, section 5.2.7.1: each reason for which there is no way has its code", () => {
  router.route("192.0.2.2/32", { kind: "unreachable" });
  router.route("192.0.2.3/32", { kind: "prohibit" });
  router.route("192.0.2.4/32", { kind: "blackhole" });
  const codes = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"].map((dst) =>
    typeAndCode(router.feed(frame({ dst }))),
  );
  assert.deepEqual(codes, ["3/0", "3/1", "3/13", ""]);
});

test("RFC 1812, section 5.3.1: who has used its hops up is told, with the TTL that it had", () => {
  const late = router.feed(frame({ ttl: 1 }));
  assert.equal(typeAndCode(late), "11/0");
  assert.deepEqual(message(late)?.subarray(8), packet({ ttl: 1 }));
});

test("RFC 1812, section 5.2.7.1: a route decides before the TTL does", () => {
  assert.equal(typeAndCode(router.feed(frame({ ttl: 1, dst: NOWHERE }))), "3/0");
  assert.equal(router.feed(frame({ ttl: 1, dst: OURS })).verdict, "forUs");
});

test("RFC 1191, section 4: who forbids fragments is told the next hop's MTU", () => {
  router.route("10.9.1.0/24", { kind: "unicast", port: 1, gateway: "10.2.0.2", mtu: 1234 });
  const big = router.feed(frame({ dst: "10.9.1.1", fragment: 0x4000 }, datagram(1300)));
  assert.equal(big.verdict, "TooBig");
  assert.equal(typeAndCode(big), "3/4");
  assert.deepEqual(message(big)?.subarray(4, 8), Uint8Array.of(0, 0, 1234 >> 8, 1234 & 255));
  const fits = router.feed(frame({ dst: "10.9.1.1", fragment: 0x4000 }, datagram(1234 - 28)));
  assert.equal(fits.verdict, "consumed");
});

test("RFC 1812, section 4.3.2.8: fifty errors at once, and one more each millisecond", () => {
  const told = (packets: number): number => {
    let count = 0;
    for (let at = 0; at < packets; at++) count += toNowhere(datagram()).given.length;
    return count;
  };
  assert.equal(told(60), 50);
  router.nowMs += 1;
  assert.equal(told(5), 1);
  router.nowMs += 7;
  assert.equal(told(20), 7);
  router.nowMs += 10_000;
  assert.equal(told(60), 50);
  assert.equal(router.node.counters().ErrorSuppressed, 37n);
});

test("RFC 1812, section 4.3.2.8: what may not be told uses nothing up", () => {
  for (let at = 0; at < 60; at++) toNowhere(icmp(3, 0, 0, datagram()), 1);
  assert.equal(toNowhere(datagram()).given.length, 1);
});
