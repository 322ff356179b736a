import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock, MICROSECOND, SECOND } from "../../../bindings/lab/clock.ts";
import { Container } from "../../../bindings/lab/container.ts";
import { Dice } from "../../../bindings/lab/dice.ts";
import { delayed, type Fate, link } from "../../../bindings/lab/link.ts";

const NET = { prefixLen: 16, gateway: "172.17.0.1" };
const DELAY_NS = 20 * MICROSECOND;

/** Two containers on one cable, and everything that the first one's device saw. */
function pair(fate: Fate = delayed(DELAY_NS)) {
  const clock = new Clock();
  const dice = new Dice(1n);
  const c1 = new Container(clock, dice, {
    ...NET,
    name: "c1",
    mac: "02:42:ac:11:00:02",
    ipv4: "172.17.0.2",
  });
  const c2 = new Container(clock, dice, {
    ...NET,
    name: "c2",
    mac: "02:42:ac:11:00:03",
    ipv4: "172.17.0.3",
  });
  link(clock, c1.eth0, c2.eth0, fate);
  const frames: string[] = [];
  c1.eth0.tap((bytes, direction) =>
    frames.push(`${direction} ${Buffer.from(bytes).toString("hex")}`),
  );
  return { clock, c1, c2, frames };
}

test("a container asks for its neighbor, pings it and is answered", () => {
  const { clock, c1, c2, frames } = pair();
  const ping = c1.ping(c2.ipv4, { count: 3 });
  clock.run();
  assert.equal(ping.sent, 3);
  // The first request waits for ARP, one more way there and back.
  assert.deepEqual(ping.rttsNs, [4 * DELAY_NS, 2 * DELAY_NS, 2 * DELAY_NS]);
  assert.deepEqual(c2.heard, Array(3).fill({ src: "172.17.0.2", ttl: 64, id: ping.id }));
  assert.deepEqual(frames.slice(0, 2), [
    "out ffffffffffff0242ac11000208060001080006040001" + "0242ac110002ac110002000000000000ac110003",
    "in 0242ac1100020242ac11000308060001080006040002" + "0242ac110003ac1100030242ac110002ac110002",
  ]);
  assert.equal(frames.length, 2 + 6);
  assert.ok(frames.slice(2).every((frame) => frame.split(" ")[1]?.length === 2 * 98));
});

test("the data of a ping is its time and then bytes that count upwards", () => {
  const { clock, c1, c2, frames } = pair();
  c1.ping(c2.ipv4, { count: 2 });
  clock.run();
  const second = Buffer.from(frames[4]?.slice("out ".length) ?? "", "hex");
  assert.equal(second.readBigUInt64LE(42), BigInt(1));
  assert.equal(second.readBigUInt64LE(50), 0n);
  assert.equal(second.toString("hex", 58, 62), "10111213");
  assert.equal(second.length, 98);
});

test("nobody answers for a stranger: three requests, then silence", () => {
  const { clock, c1, frames } = pair();
  const ping = c1.ping("172.17.0.9");
  clock.run();
  assert.deepEqual(ping.rttsNs, []);
  assert.equal(frames.length, 3);
  assert.equal(clock.nowNs, 3 * SECOND);
});

test("a link may lose packets and deliver them twice; a ping counts each answer once", () => {
  const twice: Fate = (bytes) => [
    { bytes, delayNs: 1 },
    { bytes, delayNs: 2 },
  ];
  const doubled = pair(twice);
  const ping = doubled.c1.ping(doubled.c2.ipv4, { count: 2 });
  doubled.clock.run();
  assert.equal(ping.rttsNs.length, 2);
  assert.equal(doubled.c2.heard.length, 4);

  const cut = pair(() => []);
  const lost = cut.c1.ping(cut.c2.ipv4, { count: 2 });
  cut.clock.run();
  assert.equal(lost.rttsNs.length, 0);
});

test("a container takes only what is meant for it", () => {
  const { clock, c1, c2, frames } = pair();
  c1.ping(c2.ipv4);
  clock.run();
  const request = Buffer.from(frames[2]?.slice("out ".length) ?? "", "hex");
  const spoiled = [0, 5, 13, 22, 33, 34, 41].map((at) => {
    const copy = Buffer.from(request);
    copy[at] = (copy[at] ?? 0) ^ 0x80;
    return copy;
  });
  for (const frame of [...spoiled, request.subarray(0, 13), request.subarray(0, 97)]) {
    c2.eth0.receive(frame);
  }
  clock.run();
  assert.equal(c2.heard.length, 1);
});
