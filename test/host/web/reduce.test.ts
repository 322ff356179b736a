// The state changes by actions alone; where the reader is depends on nothing but where he went.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Action } from "../../../bindings/web/lab/state/action.ts";
import { mainWay, reduce } from "../../../bindings/web/lab/state/reduce.ts";
import { FIRST, type State } from "../../../bindings/web/lab/state/state.ts";
import { drawSeed } from "../../../fuzz/seed.ts";
import { traceOf, traces } from "./trace.ts";

const seed = drawSeed();
console.log(`seed ${seed}`);
const EDIT = { at: { packet: 0, hop: 4 }, namespace: "node1", command: "ip route del default" };

function after(state: State, ...actions: readonly Action[]): State {
  return actions.reduce(reduce, state);
}

function ready(counts: readonly number[]): State {
  return after(FIRST, { do: "traced", trace: traceOf(counts) });
}

test("any steps come to the same as going there at once", () => {
  const steps = fc.array(fc.integer({ min: -5, max: 5 }));
  fc.assert(
    fc.property(traces, steps, (trace, each) => {
      const start = after(FIRST, { do: "traced", trace });
      const stepped = after(start, ...each.map((by): Action => ({ do: "step", by })));
      assert.deepEqual(stepped, after(start, { do: "go", ...stepped.at }));
    }),
    { seed },
  );
});

test("steps forth and back again end where they began", () => {
  fc.assert(
    fc.property(traces, fc.nat({ max: 60 }), (trace, count) => {
      const start = after(FIRST, { do: "traced", trace });
      const most = Math.min(count, mainWay(trace).length - 1);
      const there = after(start, ...Array<Action>(most).fill({ do: "step", by: 1 }));
      const back = after(there, ...Array<Action>(most).fill({ do: "step", by: -1 }));
      assert.deepEqual(back.at, start.at);
    }),
    { seed },
  );
});

test("Next passes by packets that were asked for, and leaves them where that was", () => {
  const state = ready([2, -3, 2]);
  assert.deepEqual(after(state, { do: "step", by: 2 }).at, { packet: 2, hop: 1 });
  const aside = after(state, { do: "go", packet: 1, hop: 3 });
  assert.deepEqual(after(aside, { do: "step", by: -1 }).at, { packet: 1, hop: 2 });
  assert.deepEqual(after(aside, { do: "step", by: 1 }).at, { packet: 0, hop: 1 });
});

test("an edit runs anew, and the reader stays at his hop or at the last that is left", () => {
  const state = after(ready([9, 9]), { do: "go", packet: 0, hop: 7 });
  const edited = after(state, { do: "edit", edits: [EDIT] });
  assert.equal(edited.phase, "running");
  assert.deepEqual(edited.at, { packet: 0, hop: 7 });
  const dropped = after(edited, { do: "traced", trace: traceOf([4]) });
  assert.deepEqual([dropped.phase, dropped.at.hop, dropped.notice], ["ready", 4, null]);
});

test("undo and reset take edits back", () => {
  const state = after(ready([9]), { do: "edit", edits: [EDIT] }, { do: "edit", edits: [EDIT] });
  assert.equal(after(state, { do: "undo" }).edits.length, 1);
  assert.deepEqual(after(state, { do: "reset" }).edits, []);
});

test("a hop that is not there is said to be missing", () => {
  const visit: Action = { do: "visit", to: { at: { packet: 0, hop: 40 } } };
  const state = after(FIRST, visit, { do: "traced", trace: traceOf([9]) });
  assert.deepEqual(state.at, { packet: 0, hop: 9 });
  assert.deepEqual(state.notice, { kind: "no-hop", asked: 40, shown: 9 });
});

test("another scenario begins at its first hop, in the reader's language", () => {
  const state = after(ready([9]), { do: "go", packet: 0, hop: 5 }, { do: "lang", to: "zh" });
  const opened = after(state, { do: "open", scenario: "host-gw" });
  assert.deepEqual([opened.scenario, opened.at.hop, opened.lang], ["host-gw", 1, "zh"]);
  assert.deepEqual([opened.phase, opened.trace], ["running", null]);
});

test("a URL of the trace that is there asks for no other", () => {
  const state = ready([9]);
  const visited = after(state, { do: "visit", to: { at: { packet: 0, hop: 3 } } });
  assert.equal(visited.trace, state.trace);
  const other = after(state, { do: "visit", to: { seed: "2" } });
  assert.deepEqual([other.trace, other.phase], [null, "running"]);
});
