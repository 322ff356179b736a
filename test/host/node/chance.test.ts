// When something that may not pay is tried again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Chance } from "../../../bindings/node/chance.ts";

test("what pays is tried every time", () => {
  const chance = new Chance();
  for (let i = 0; i < 100; i++) assert.equal(waits(chance, true), 0);
});

test("what does not pay is left alone twice as long each time, and never for good", () => {
  const chance = new Chance();
  const waited = Array.from({ length: 10 }, () => waits(chance, false));
  assert.deepEqual(waited, [0, 1, 2, 4, 8, 16, 32, 64, 64, 64]);
});

test("one success is enough to try every time again", () => {
  const chance = new Chance();
  for (let i = 0; i < 10; i++) waits(chance, false);
  assert.equal(waits(chance, true), 64);
  assert.equal(waits(chance, true), 0);
  assert.equal(waits(chance, false), 0);
  assert.equal(waits(chance, false), 1);
});

/** Times until it is due, where `hasPaid` comes of it. */
function waits(chance: Chance, hasPaid: boolean): number {
  let waited = 0;
  while (!chance.isDue()) waited += 1;
  chance.cameOff(hasPaid);
  return waited;
}
