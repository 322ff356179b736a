// What RFCs ask of whoever speaks ARP: each test is named after what it holds.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { wordAt } from "../../model/parse.ts";
import {
  BROADCAST,
  type Fate,
  frame,
  HOST,
  HOST_MAC,
  LEFT,
  MAC,
  OURS,
  PEER,
  PEER_MAC,
  RIGHT,
  Router,
  reply,
  type Speech,
  STRANGER,
  speech,
} from "../path/router.ts";

const THIEF = "02:66:66:66:66:66";

let router: Router;

beforeEach(async () => {
  router = await Router.open();
});

function macOf(address: string, port = LEFT): string | null | undefined {
  return router.node.neighbors.get({ port, address }, router.nowMs)?.mac;
}

/** What the one answer is, or undefined. */
function answer({ given }: Fate): Uint8Array | undefined {
  assert.ok(given.length <= 1);
  return given[0]?.bytes;
}

/** The host's ARP with some bytes of the message in other places. */
function spoilt(at: number, ...bytes: number[]): string {
  const heard = speech();
  heard.set(bytes, 14 + at);
  return router.resolve(heard).verdict;
}

const from = (mac: string, more: Speech = {}): Speech => ({ src: mac, senderMac: mac, ...more });

test("RFC 826: the answer has our MAC, goes to who asked, and turns the question round", () => {
  const said = reply({
    dst: HOST_MAC,
    src: MAC,
    senderMac: MAC,
    senderAddress: OURS,
    targetMac: HOST_MAC,
    targetAddress: HOST,
  });
  assert.deepEqual(answer(router.resolve(speech())), said);
  assert.deepEqual(answer(router.feed(speech())), said, "the router hears ARP too");
});

test("RFC 826: hardware, protocol, their lengths and the operation have to be right", () => {
  assert.equal(spoilt(0, 0, 6), "BadHardware"); // IEEE 802
  assert.equal(spoilt(2, 0x86, 0xdd), "BadHardware");
  assert.equal(spoilt(4, 8), "BadHardware");
  assert.equal(spoilt(5, 16), "BadHardware");
  for (const operation of [0, 3, 8, 0xff]) assert.equal(spoilt(7, operation), "BadHardware");
  assert.equal(router.resolve(speech().subarray(0, 41)).verdict, "Truncated");
  assert.equal(macOf(HOST), undefined);
});

test("RFC 826: who is known is updated, whoever was asked", () => {
  router.know(LEFT, HOST, THIEF, "stale");
  const { verdict } = router.resolve(speech({ targetAddress: "10.1.0.77" }));
  assert.equal(verdict, "consumed");
  assert.equal(macOf(HOST), HOST_MAC);
});

test("RFC 826: who is not known is added only when it asks us", () => {
  assert.equal(router.resolve(speech({ targetAddress: "10.1.0.77" })).verdict, "NotForUs");
  assert.equal(macOf(HOST), undefined);
  router.resolve(speech());
  assert.equal(macOf(HOST), HOST_MAC);
});

test("RFC 826: a request is merged before it is answered", () => {
  router.know(LEFT, HOST, THIEF, "stale");
  const said = answer(router.resolve(speech()));
  assert.equal(macOf(HOST), HOST_MAC);
  assert.deepEqual(said?.subarray(0, 6), speech().subarray(6, 12));
});

test("RFC 826: a neighbor is one of its link", () => {
  router.resolve(speech());
  assert.equal(macOf(HOST, RIGHT), undefined);
});

test("RFC 1122, section 2.3.2.1: nobody is asked more often than once a second", () => {
  const asked = [0, 100, 300, 599, 1, 500, 500].map((ms) => {
    router.nowMs += ms;
    return router.feed(frame({ dst: STRANGER })).given.length + router.tick(0).length;
  });
  assert.deepEqual(asked, [1, 0, 0, 0, 1, 0, 1]);
});

test("RFC 1122, section 2.3.2.1: what is old is asked for again, alone, and then forgotten", () => {
  router.know(LEFT, HOST, HOST_MAC, "reachable");
  const toHost = (): string => router.feed(frame({ src: PEER, dst: HOST }), LEFT).verdict;
  router.nowMs += 30_000;
  assert.equal(router.state(LEFT, HOST), "stale");
  assert.equal(toHost(), "consumed");
  assert.equal(router.state(LEFT, HOST), "delay");
  const [probe] = router.tick(5000);
  assert.deepEqual(probe?.bytes.subarray(0, 6), speech().subarray(6, 12));
  assert.equal(router.tick(1000).length, 1);
  assert.equal(router.tick(1000).length, 1);
  assert.equal(toHost(), "consumed");
  assert.equal(router.tick(1000).length, 0);
  assert.equal(router.state(LEFT, HOST), "failed");
});

test("RFC 1122, section 2.3.2.2: packets wait for an answer, the first of them at least", () => {
  assert.equal(router.feed(frame({ dst: STRANGER })).verdict, "waiting");
});

test("RFC 5227, section 2.1.1: a probe is answered by who has the address, and not learned", () => {
  const probe = speech({ senderAddress: "0.0.0.0" });
  const said = answer(router.resolve(probe));
  assert.ok(said);
  assert.equal(wordAt(said, 20), 2);
  assert.deepEqual(
    [...router.node.neighbors].map(({ address }) => address),
    [PEER],
  );
});

test("RFC 5227, section 2.3: an announcement changes an entry, and makes none", () => {
  const announcement = speech({ targetAddress: HOST });
  assert.equal(router.resolve(announcement).verdict, "NotForUs");
  assert.equal(macOf(HOST), undefined);
  router.know(LEFT, HOST, THIEF, "stale");
  assert.equal(router.resolve(announcement).verdict, "consumed");
  assert.equal(macOf(HOST), HOST_MAC);
  assert.equal(router.node.counters().NeighborMoved, 1n);
});

test("RFC 5227, section 2.4: who claims our own address is not believed", () => {
  assert.equal(router.resolve(speech({ senderAddress: OURS })).verdict, "ArpConflict");
  assert.equal(macOf(OURS), undefined);
});

test("a gratuitous ARP does not override a permanent entry", () => {
  router.know(LEFT, HOST, HOST_MAC);
  router.nowMs += 60_000;
  for (const operation of [1, 2]) {
    const lie = speech(from(THIEF, { operation, targetAddress: HOST }));
    assert.equal(router.resolve(lie).verdict, "ArpConflict");
  }
  assert.equal(router.resolve(reply(from(THIEF))).verdict, "ArpConflict");
  assert.equal(macOf(HOST), HOST_MAC);
});

test("a reply that nobody asked for is not learned", () => {
  assert.equal(router.resolve(reply()).verdict, "Unsolicited");
  assert.equal(router.resolve(reply({ dst: BROADCAST })).verdict, "Unsolicited");
  assert.equal(macOf(HOST), undefined);
});

test("RFC 1027: a proxy answers for what its routes lead to by another port", async () => {
  const asked = (targetAddress: string): Uint8Array | undefined =>
    answer(router.resolve(speech({ targetAddress })));
  assert.equal(asked(PEER), undefined, "without the flag");
  router = await Router.open({ left: ["arpProxy"] });
  router.route("0.0.0.0/0", { kind: "unicast", port: RIGHT, gateway: PEER });
  assert.deepEqual(asked(PEER)?.subarray(22, 28), speech({ src: MAC }).subarray(6, 12));
  assert.ok(asked("10.9.1.1"));
  assert.equal(asked("10.1.0.77"), undefined, "the same link");
  assert.equal(asked("192.0.2.1"), undefined, "the default route alone");
});

test("an inspected port hears only pairs of MAC and address that were assigned to it", async () => {
  router = await Router.open({ left: ["arpInspect"] });
  router.know(LEFT, HOST, HOST_MAC);
  assert.equal(router.resolve(speech()).verdict, "consumed");
  const lies: Speech[] = [
    from(THIEF),
    { senderAddress: "10.1.0.77" },
    { src: THIEF },
    from(THIEF, { senderAddress: "0.0.0.0", targetAddress: HOST }),
  ];
  for (const lie of lies) assert.equal(router.resolve(speech(lie)).verdict, "ArpSpoofed");
  assert.equal(macOf(HOST), HOST_MAC);
});

test("who makes addresses up does not push out who has a MAC", async () => {
  router = await Router.open({ neighbors: 8 });
  for (let at = 10; at < 13; at++) router.know(RIGHT, `10.2.0.${at}`, PEER_MAC, "stale");
  const verdicts = new Set<string>();
  for (let at = 0; at < 200; at++)
    verdicts.add(router.feed(frame({ dst: `10.2.1.${at}` })).verdict);
  assert.deepEqual([...verdicts], ["waiting", "NoRoom"]);
  for (let at = 10; at < 13; at++) assert.equal(macOf(`10.2.0.${at}`, RIGHT), PEER_MAC);
  assert.equal(router.feed(frame()).verdict, "consumed");
});
