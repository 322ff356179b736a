import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { arp, ethernet, ipv4 } from "../../model/packet.ts";
import {
  BROADCAST,
  frame,
  HOST,
  HOST_MAC,
  LEFT,
  MAC,
  PEER,
  PEER_MAC,
  packet,
  RIGHT,
  RIGHT_MAC,
  RIGHT_OURS,
  Router,
  reply,
  STRANGER,
  TUN,
} from "./router.ts";

let router: Router;

beforeEach(async () => {
  router = await Router.open();
});

const onTheRight = (bytes: Uint8Array): Uint8Array =>
  ethernet({ dst: PEER_MAC, src: RIGHT_MAC }, bytes);

test("a frame leaves by the port of its route, one hop older", () => {
  const { verdict, given } = router.feed(frame());
  assert.equal(verdict, "consumed");
  assert.equal(given.length, 1);
  assert.deepEqual(given[0]?.bytes, onTheRight(packet({ ttl: 63 })));
  assert.equal(given[0]?.desc.port, RIGHT);
  assert.deepEqual(given[0]?.desc.flags, []);
});

test("padding stays behind", () => {
  const padded = new Uint8Array([...frame(), ...new Uint8Array(20)]);
  assert.deepEqual(router.feed(padded).bytes, onTheRight(packet({ ttl: 63 })));
});

test("a packet into a TUN device loses its Ethernet header, one out of it gets one", () => {
  const into = router.feed(frame({ dst: "10.3.0.9" }));
  assert.deepEqual(into.bytes, packet({ dst: "10.3.0.9", ttl: 63 }));
  assert.deepEqual(into.given[0]?.desc.flags, ["l3"]);
  const out = router.feed(packet({ src: "10.3.0.9" }), TUN, ["l3"]);
  assert.deepEqual(out.bytes, onTheRight(packet({ src: "10.3.0.9", ttl: 63 })));
});

test("a gateway's MAC carries what is far away", () => {
  const { bytes } = router.feed(frame({ dst: "10.9.1.1" }));
  assert.deepEqual(bytes, onTheRight(packet({ dst: "10.9.1.1", ttl: 63 })));
});

test("what the host sends itself keeps its TTL", () => {
  const { bytes, given } = router.feed(packet({ src: RIGHT_OURS }), null, ["l3"]);
  assert.deepEqual(bytes, onTheRight(packet({ src: RIGHT_OURS })));
  assert.deepEqual(given[0]?.desc.flags, ["originated"]);
  assert.equal(router.feed(packet({ dst: "192.0.2.1" }), null, ["l3"]).verdict, "NoRoute");
  assert.equal(router.burst.outCount, 0);
});

test("a packet waits unchanged until its neighbor has answered", () => {
  const first = router.feed(frame({ dst: STRANGER }));
  assert.equal(first.verdict, "waiting");
  assert.deepEqual([first.port, first.peer], [RIGHT, STRANGER]);
  const question = arp({
    operation: 1,
    senderMac: RIGHT_MAC,
    senderAddress: RIGHT_OURS,
    targetMac: "00:00:00:00:00:00",
    targetAddress: STRANGER,
  });
  const request = ethernet({ dst: BROADCAST, src: RIGHT_MAC, etherType: 0x0806 }, question);
  assert.deepEqual(first.bytes, request);
  assert.equal(first.given[0]?.desc.port, RIGHT);
  const others = [1, 2, 3].map(() => router.feed(frame({ dst: STRANGER })));
  assert.deepEqual(
    others.map(({ verdict }) => verdict),
    ["waiting", "waiting", "QueueFull"],
  );
  assert.ok(others.every(({ given }) => given.length === 0));
  const answer = reply({
    dst: RIGHT_MAC,
    src: PEER_MAC,
    senderMac: PEER_MAC,
    senderAddress: STRANGER,
    targetMac: RIGHT_MAC,
    targetAddress: RIGHT_OURS,
  });
  const heard = router.feed(answer, RIGHT);
  assert.deepEqual([heard.verdict, heard.peer], ["consumed", STRANGER]);
  assert.deepEqual(
    router.feed(frame({ dst: STRANGER })).bytes,
    onTheRight(packet({ dst: STRANGER, ttl: 63 })),
  );
});

test("a neighbor that does not answer three times is unreachable for three seconds", () => {
  router.feed(frame({ dst: STRANGER }));
  assert.equal(router.tick(999).length, 0);
  assert.equal(router.tick(1).length, 1);
  assert.equal(router.tick(1000).length, 1);
  assert.equal(router.state(RIGHT, STRANGER), "incomplete");
  assert.equal(router.tick(1000).length, 0);
  assert.equal(router.state(RIGHT, STRANGER), "failed");
  const refused = router.feed(frame({ dst: STRANGER }));
  assert.equal(refused.verdict, "Unresolved");
  assert.deepEqual([...(refused.bytes?.subarray(34, 36) ?? [])], [3, 1]);
  router.nowMs += 3000;
  assert.equal(router.feed(frame({ dst: STRANGER })).verdict, "waiting");
});

test("what is for the router is left to its host", () => {
  assert.equal(router.feed(frame({ dst: "10.1.0.1" })).verdict, "forUs");
  assert.equal(router.feed(frame({ dst: "10.1.255.255" })).verdict, "forUs");
  assert.equal(router.feed(frame({ dst: "10.2.255.255" })).verdict, "forUs");
  const shout = ethernet({ dst: BROADCAST, src: HOST_MAC }, packet({ dst: "255.255.255.255" }));
  assert.equal(router.feed(shout).verdict, "forUs");
  router.route("10.2.0.1/32", { kind: "local" });
  assert.equal(router.feed(frame({ dst: RIGHT_OURS })).verdict, "forUs");
});

test("what is for another station is not", () => {
  const other = ethernet({ dst: PEER_MAC, src: HOST_MAC }, packet());
  assert.equal(router.feed(other).verdict, "NotForUs");
  const shout = ethernet({ dst: BROADCAST, src: HOST_MAC }, packet());
  assert.equal(router.feed(shout).verdict, "NotForUs");
});

test("IPv4 alone is routed, and what the port carries", () => {
  const ipv6 = ethernet({ dst: MAC, src: HOST_MAC, etherType: 0x86dd }, new Uint8Array(40));
  assert.equal(router.feed(ipv6).verdict, "BadProtocol");
  assert.equal(router.feed(frame(), TUN).verdict, "BadProtocol");
  assert.equal(router.feed(packet(), LEFT, ["l3"]).verdict, "BadProtocol");
  assert.equal(router.feed(frame(), 7).verdict, "BadPort");
  assert.equal(router.feed(frame(), null).verdict, "BadPort");
});

test("a packet that others hold as well is copied", () => {
  const { node, burst } = router;
  burst.clear();
  burst.push({ bytes: frame(), port: LEFT, flags: ["shared"] });
  const ptr = burst.inAt(0).ptr;
  burst.run("route_burst", router.nowMs, 0);
  assert.deepEqual(node.bytes.slice(ptr, ptr + frame().length), frame());
  assert.deepEqual(burst.outBytes(0), onTheRight(packet({ ttl: 63 })));
});

test("an IP packet at the very start of its slot is copied for its Ethernet header", () => {
  const { node, burst } = router;
  burst.clear();
  const at = node.takeSlots(1);
  const bytes = packet({ src: "10.3.0.9" });
  node.bytes.set(bytes, node.slot(at));
  burst.push({ ptr: node.slot(at), len: bytes.length, port: TUN, flags: ["l3"] });
  burst.run("route_burst", router.nowMs, 0);
  assert.deepEqual(burst.outBytes(0), onTheRight(packet({ src: "10.3.0.9", ttl: 63 })));
  assert.deepEqual(node.bytes.slice(node.slot(at), node.slot(at) + bytes.length), bytes);
});

test("each kind of hop has its answer", () => {
  const told = (prefix: string, kind: "blackhole" | "unreachable" | "prohibit"): unknown[] => {
    router.route(prefix, { kind });
    const { verdict, bytes } = router.feed(frame({ dst: prefix.replace("/32", "") }));
    return [verdict, ...(bytes?.subarray(34, 36) ?? [])];
  };
  assert.deepEqual(told("192.0.2.1/32", "blackhole"), ["Blackhole"]);
  assert.deepEqual(told("192.0.2.2/32", "unreachable"), ["Unreachable", 3, 1]);
  assert.deepEqual(told("192.0.2.3/32", "prohibit"), ["Prohibited", 3, 13]);
  const { verdict, bytes, given } = router.feed(frame({ dst: "192.0.2.4" }));
  assert.deepEqual([verdict, ...(bytes?.subarray(34, 36) ?? [])], ["NoRoute", 3, 0]);
  assert.deepEqual(bytes?.subarray(0, 14), ethernet({ dst: HOST_MAC, src: MAC }, new Uint8Array()));
  assert.deepEqual(given[0]?.desc.flags, ["originated"]);
  assert.equal(given[0]?.desc.port, LEFT);
});

test("a VXLAN port gets a frame to the station that its neighbor entry names", () => {
  router.node.domains.set({ index: 0, vni: 1, ageS: 0 });
  router.node.ports.set({ index: 3, kind: "vxlan", domain: 0, mac: MAC, mtu: 1450, vni: 1 });
  router.route("10.4.0.0/24", { kind: "unicast", port: 3, gateway: "10.4.0.0", flags: ["onLink"] });
  router.know(3, "10.4.0.0", PEER_MAC);
  const { bytes, given } = router.feed(frame({ dst: "10.4.0.2" }));
  assert.deepEqual(
    bytes,
    ethernet({ dst: PEER_MAC, src: MAC }, packet({ dst: "10.4.0.2", ttl: 63 })),
  );
  assert.equal(given[0]?.desc.port, 3);
});

test("a packet out of a tunnel is marked as that when it travels on", () => {
  const { burst } = router;
  burst.clear();
  burst.push({ bytes: frame(), port: LEFT, flags: ["decapped"], remote: 5 });
  burst.run("route_burst", router.nowMs, 0);
  const { flags, remote } = burst.outAt(0);
  assert.deepEqual([flags, remote], [["decapped"], 5]);
});

test("a burst without room changes nothing", () => {
  const { node, nowMs } = router;
  const tight = node.openBurst({ capacity: 2, outCapacity: 0, spareBytes: 0 });
  tight.push({ bytes: frame(), port: LEFT });
  tight.push({ bytes: frame({ dst: STRANGER }), port: LEFT });
  tight.run("route_burst", nowMs, 0);
  assert.deepEqual([tight.inAt(0).verdict, tight.inAt(1).verdict], ["NoRoom", "NoRoom"]);
  assert.equal(router.state(RIGHT, STRANGER), undefined);
  const { ptr, len } = tight.inAt(0);
  assert.deepEqual(node.bytes.slice(ptr, ptr + len), frame());
});

test("the sender of what is routed to it is told by the port that it came in by", () => {
  const late = router.feed(ipv4({ src: "10.3.0.9", dst: PEER, ttl: 1 }, new Uint8Array(8)), TUN, [
    "l3",
  ]);
  assert.equal(late.verdict, "TtlExceeded");
  assert.deepEqual(late.given[0]?.desc.flags, ["l3", "originated"]);
  assert.equal(late.given[0]?.desc.port, TUN);
  assert.deepEqual(late.bytes?.subarray(12, 20), Uint8Array.from([10, 3, 0, 1, 10, 3, 0, 9]));
  assert.equal(HOST, "10.1.0.2");
});
