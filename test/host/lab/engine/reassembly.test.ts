import assert from "node:assert/strict";
import { test } from "node:test";
import { encode } from "../../../../bindings/core/index.ts";
import { SECOND } from "../../../../bindings/lab/clock.ts";
import { Reassembly } from "../../../../bindings/lab/engine/reassembly.ts";

const PIECE_LEN = 8;

function fragment(fragmentOffset: number, moreFragments: boolean, len = PIECE_LEN): Uint8Array {
  const ends = { src: "10.1.15.2", dst: "10.1.16.3", protocol: 253, id: 7 };
  return encode([
    { layer: "ipv4", fields: { ...ends, fragmentOffset, moreFragments } },
    { layer: "payload", fields: { data: new Uint8Array(len).fill(fragmentOffset / 8) } },
  ]);
}

const FIRST = fragment(0, true);
const MIDDLE = fragment(PIECE_LEN, true);
const LAST = fragment(2 * PIECE_LEN, false);

test("a packet is whole once its last missing piece is there, in any order and twice", () => {
  const reassembly = new Reassembly();
  assert.equal(reassembly.take(LAST, 0), null);
  assert.equal(reassembly.take(FIRST, 0), null);
  assert.equal(reassembly.take(FIRST, 1), null);
  const whole = reassembly.take(MIDDLE, 2);
  assert.equal(whole?.length, 20 + 3 * PIECE_LEN);
  assert.deepEqual(
    [20, 28, 36].map((at) => whole?.[at]),
    [0, 1, 2],
  );
});

test("what has waited for half a minute is given up", () => {
  const reassembly = new Reassembly();
  assert.equal(reassembly.take(FIRST, 0), null);
  assert.equal(reassembly.take(MIDDLE, 30 * SECOND), null);
  assert.equal(reassembly.take(LAST, 30 * SECOND), null, "the first piece is gone");
  assert.ok(reassembly.take(FIRST, 31 * SECOND));
});

test("pieces that claim more than a packet can hold are no packet", () => {
  const reassembly = new Reassembly();
  const most = 65528;
  for (let at = 0; at < most; at += 1024) {
    assert.equal(reassembly.take(fragment(at, true, 1024), 0), null);
  }
  assert.equal(reassembly.take(fragment(most, false), 0), null);
  for (const piece of [LAST, FIRST]) assert.equal(reassembly.take(piece, 0), null);
  assert.ok(reassembly.take(MIDDLE, 0), "another one with the same identification");
});
