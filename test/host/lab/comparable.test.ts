// That the comparison with a kernel is blind to nothing but what a sender may choose: each byte of
// real packets is changed in turn, with the checksums that follow, and the change has to be seen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checksum, foldedSum } from "../../model/checksum.ts";
import { comparable, type Seen } from "../../model/comparable.ts";
import { readVector } from "./vector.ts";

const VXLAN = readVector("flannel-vxlan.eth0");
const UDP = readVector("flannel-udp.eth0");

function isEcho(frame: Uint8Array): boolean {
  return frame.length > 100;
}

/** Where an IPv4 header begins, and what is around and in it: every sum that follows from bytes. */
function reseal(frame: Uint8Array, inner: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const icmp = inner + 20;
  const sum = (at: number, from: number, to: number): void => {
    view.setUint16(at, 0);
    view.setUint16(at, checksum(frame.subarray(from, to)), true);
  };
  sum(icmp + 2, icmp, frame.length);
  sum(inner + 10, inner, icmp);
  sum(24, 14, 34);
  view.setUint16(40, 0);
  const pseudo = [...frame.subarray(26, 34), 0, 17, ...lengthOf(frame.length - 34)];
  const total = foldedSum(Uint8Array.from([...pseudo, ...frame.subarray(34)]));
  view.setUint16(40, total ^ 0xffff, true);
  return frame;
}

function lengthOf(len: number): number[] {
  return [len >> 8, len & 255];
}

const seen = (frames: readonly Uint8Array[]): readonly Seen[] =>
  frames.map((bytes) => ({ bytes, link: "ethernet" }));

/** The bytes of the last of some frames whose change is not seen. */
function blindSpots(frames: readonly Uint8Array[], inner: number): number[] {
  const [last = new Uint8Array()] = frames.slice(-1);
  const before = comparable(seen([...frames.slice(0, -1), reseal(Uint8Array.from(last), inner)]));
  return [...last.keys()].filter((at) => {
    const changed = Uint8Array.from(last);
    changed[at] = (changed[at] ?? 0) ^ 1;
    const after = comparable(seen([...frames.slice(0, -1), reseal(changed, inner)]));
    return JSON.stringify(after) === JSON.stringify(before);
  });
}

function range(from: number, len: number): number[] {
  return Array.from({ length: len }, (_, at) => from + at);
}

/** Outer IP id and checksum, UDP checksum; inner id and checksum, ICMP's, and ping's clock. */
function freeIn(inner: number): number[] {
  const icmp = inner + 20;
  return [
    ...[...range(18, 2), ...range(24, 2), ...range(40, 2)],
    ...[...range(inner + 4, 2), ...range(inner + 10, 2)],
    ...[...range(icmp + 2, 2), ...range(icmp + 8, 16)],
  ];
}

test("of VXLAN all is seen but ids, the outer source port, ping's clock and what follows", () => {
  const [request = new Uint8Array(), reply = new Uint8Array()] = VXLAN.filter(isEcho);
  // A request's identifier is free, and its answer's then is not.
  const free = [...freeIn(64), ...range(34, 2), ...range(88, 2)].sort((a, b) => a - b);
  assert.deepEqual(blindSpots([request], 64), free);
  const bound = free.filter((at) => at !== 88 && at !== 89);
  assert.deepEqual(blindSpots([request, reply], 64), bound);
});

test("of flannel's UDP the outer ports are seen, too", () => {
  const [request = new Uint8Array(), reply = new Uint8Array()] = UDP.filter(isEcho);
  const free = freeIn(42).sort((a, b) => a - b);
  assert.deepEqual(blindSpots([request, reply], 42), free);
});

test("a checksum that is wrong is seen", () => {
  const [frame = new Uint8Array()] = VXLAN.filter(isEcho);
  for (const [at, what] of [
    [24, "bad IP checksum"],
    [40, "bad UDP checksum"],
    [75, "bad UDP checksum bad IP checksum"],
    [87, "bad UDP checksum bad ICMP checksum"],
  ] as const) {
    const changed = Uint8Array.from(frame);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.equal(
      comparable(seen([changed]))[0]
        ?.split(" ")
        .slice(1)
        .join(" "),
      what,
    );
  }
});

test("of ARP every byte is seen, and a repeated question is one", () => {
  const [question = new Uint8Array(), answer = new Uint8Array()] = VXLAN.filter(
    (frame) => frame.readUInt16BE(12) === 0x0806,
  );
  const asked = comparable(seen([question, question, answer, answer]));
  assert.deepEqual(asked, comparable(seen([question, answer])));
  for (const at of range(0, 42)) {
    const changed = Uint8Array.from(answer);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.notDeepEqual(comparable(seen([question, changed])), asked, `byte ${at}`);
  }
});

test("a probe of a known neighbor is nothing new, nor is its answer", () => {
  const [question = new Uint8Array(), answer = new Uint8Array()] = VXLAN.filter(
    (frame) => frame.readUInt16BE(12) === 0x0806,
  );
  const probe = Uint8Array.from(question);
  probe.set(answer.subarray(6, 12));
  assert.deepEqual(comparable(seen([probe, answer])), []);
  assert.equal(comparable(seen([probe, answer, answer])).length, 1);
});

test("a packet more, or in another order, is seen", () => {
  const frames = VXLAN.filter(isEcho);
  const all = comparable(seen(frames));
  assert.notDeepEqual(comparable(seen(frames.slice(1))), all);
  assert.notDeepEqual(comparable(seen(frames.toReversed())), all);
});
