import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock, MILLISECOND } from "../../../bindings/lab/clock.ts";
import { Dice } from "../../../bindings/lab/dice.ts";

test("events happen in the order of their times, and of their planning where those tie", () => {
  const clock = new Clock();
  const dice = new Dice(7n);
  const planned = Array.from({ length: 500 }, (_, order) => ({ timeNs: dice.u16() % 50, order }));
  const happened: typeof planned = [];
  for (const event of planned) {
    clock.after(event.timeNs, () => {
      assert.equal(clock.nowNs, event.timeNs);
      happened.push(event);
    });
  }
  clock.run();
  assert.deepEqual(
    happened,
    planned.toSorted((a, b) => a.timeNs - b.timeNs || a.order - b.order),
  );
});

test("what happens may plan more, and whole milliseconds are what the core is told", () => {
  const clock = new Clock();
  const times: number[] = [];
  clock.after(MILLISECOND - 1, () => {
    times.push(clock.nowMs);
    clock.after(1, () => times.push(clock.nowMs));
  });
  clock.run();
  assert.deepEqual(times, [0, 1]);
});

test("what is cancelled does not happen, and takes no time", () => {
  const clock = new Clock();
  const times: number[] = [];
  const never = clock.after(5, () => times.push(-1));
  clock.after(1, () => {
    times.push(clock.nowNs);
    never.cancel();
  });
  clock.run();
  assert.deepEqual(times, [1]);
  assert.equal(clock.nowNs, 1);
});

test("a lab that never rests is stopped, and a delay that is no time is refused", () => {
  const clock = new Clock();
  const again = (): void => void clock.after(1, again);
  clock.after(0, again);
  assert.throws(() => clock.run(1000), /did not come to rest in 1000 events/);
  for (const delay of [-1, 0.5, Number.NaN]) {
    assert.throws(() => clock.after(delay, again), RangeError);
  }
});

test("dice fall by their seed alone, and seeds apart in either half fall apart", () => {
  const throws = (seed: bigint): string => {
    const dice = new Dice(seed);
    return Array.from({ length: 8 }, () => dice.u32()).join();
  };
  const seeds = [0n, 1n, 2n, 1n << 32n, (1n << 64n) - 1n];
  assert.equal(throws(42n), throws(42n));
  assert.equal(new Set(seeds.map(throws)).size, seeds.length);
});
