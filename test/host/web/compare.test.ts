// Two modes side by side, questions about the next hop, and where the packet is drawn: all of it
// computed from real traces.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { type Core, decode, openCore } from "../../../bindings/core/index.ts";
import { runScenario } from "../../../bindings/lab/engine/run.ts";
import { SCENARIOS } from "../../../bindings/lab/scenarios/index.ts";
import type { Trace } from "../../../bindings/lab/trace/trace.ts";
import { EN } from "../../../bindings/web/lab/copy/en.ts";
import { isOverlapping } from "../../../bindings/web/lab/stage/drawing.ts";
import { layout } from "../../../bindings/web/lab/stage/layout.ts";
import { sketch } from "../../../bindings/web/lab/stage/sketch.ts";
import { mapped } from "../../../bindings/web/lab/state/beside.ts";
import { columnsOf } from "../../../bindings/web/lab/state/column.ts";
import { type Ledger, ledgerOf, rowsFor } from "../../../bindings/web/lab/state/ledger.ts";
import { pointedAt, questionOf } from "../../../bindings/web/lab/state/question.ts";
import { reduce } from "../../../bindings/web/lab/state/reduce.ts";
import { type Scene, stager } from "../../../bindings/web/lab/state/scene.ts";
import { FIRST, type State } from "../../../bindings/web/lab/state/state.ts";

let core: Core;
let stage: (state: State) => Scene;
let vxlan: Trace;
let gateway: Trace;

before(async () => {
  core = await openCore();
  stage = stager((bytes, link) =>
    decode(core, bytes, { link: link === "ethernet" ? "ethernet" : "ip" }),
  );
  vxlan = traceOf("flannel-vxlan");
  gateway = traceOf("host-gw");
});

function traceOf(slug: string): Trace {
  const scenario = SCENARIOS.find((each) => each.slug === slug);
  assert.ok(scenario, slug);
  return runScenario(core, scenario);
}

function sceneAt(trace: Trace, hop: number): Scene {
  const state = reduce(FIRST, { do: "traced", trace });
  return stage(reduce(state, { do: "go", packet: 0, hop }));
}

function ledger(trace: Trace): Ledger {
  return ledgerOf(trace, sceneAt(trace, 1).frameAt);
}

test("the ledger is counted: a tunnel costs fifty bytes, and two rows more for each node", () => {
  const [tunnel, plain] = [ledger(vxlan), ledger(gateway)];
  assert.equal((tunnel.onUnderlay ?? 0) - (plain.onUnderlay ?? 0), 50);
  assert.equal((plain.mtu ?? 0) - (tunnel.mtu ?? 0), 50);
  assert.equal(rowsFor(tunnel, 3, 9) - rowsFor(plain, 3, 9), 2 * 2);
  assert.deepEqual([tunnel.ttl, plain.ttl], ["62", "62"]);
});

test("one cursor is in both: at the same milestone, and back again", () => {
  const milestones = vxlan.hops.filter(({ packet, milestone }) => packet === 0 && milestone);
  assert.ok(milestones.length > 3);
  for (const { n, milestone } of milestones) {
    const there = mapped(vxlan, gateway, { packet: 0, hop: n });
    const hop = gateway.hops.find(({ packet, n: each }) => packet === 0 && each === there.hop);
    if (hop?.milestone !== milestone) continue; // the other mode has no such moment
    assert.deepEqual(mapped(gateway, vxlan, there), { packet: 0, hop: n });
  }
});

test("every hop but the last has a question, and its answer is among what is offered", () => {
  const { hops } = sceneAt(vxlan, 1);
  const kinds = new Set<string>();
  for (const { n } of hops) {
    const question = questionOf(sceneAt(vxlan, n));
    if (n === hops.length) assert.equal(question, null);
    else assert.ok(question, `hop ${n}`);
    if (question === null) continue;
    kinds.add(question.ask);
    if (question.ask === "row") assert.ok(question.rows.includes(question.truth));
    if (question.ask === "port") assert.ok(question.choices.includes(question.truth));
  }
  assert.ok(kinds.size > 1, [...kinds].join());
});

test("a question about the next device is answered in the drawing, and no sheet is opened", () => {
  const drill = { mode: "predict", guesses: [], hintCount: 0 } as const;
  const start = { ...sceneAt(vxlan, 1).state, drill, pane: { show: "drill" } as const };
  const pane = { show: "device", place: "node1:docker0" } as const;
  const pointed = reduce(start, { do: "pane", to: pane });
  assert.deepEqual([pointed.pane.show, pointed.drill?.pointed], ["drill", "node1:docker0"]);
  const choices = ["c1 eth0", "node1 docker0", "node1 eth0", "sw0 sw0"];
  const question = { ask: "port", choices, truth: "node1 docker0" } as const;
  assert.equal(pointedAt(question, "node1:docker0"), "node1 docker0");
  assert.equal(pointedAt(question, "node1:eth0"), "node1 eth0");
  assert.equal(pointedAt(question, "c1"), "c1 eth0");
  assert.equal(pointedAt(question, "node2"), undefined);
});

test("columns say where bytes and TTL change, and who waited for ARP", () => {
  const columns = columnsOf(sceneAt(vxlan, 1));
  const grown = columns.filter(({ isLenNew }) => isLenNew).map(({ len }) => len);
  assert.equal(Math.max(...grown) - Math.min(...grown), 50);
  assert.equal(columns.filter(({ isTtlNew }) => isTtlNew).length, 2);
  assert.ok(columns.some(({ side }) => side?.label === "2 ARP"));
});

test("the packet is drawn upon no box, at every hop, there and back", () => {
  const { hops } = sceneAt(vxlan, 1);
  const drawing = layout(vxlan.places, hops);
  for (const { n } of hops) {
    const drawn = sketch(drawing, sceneAt(vxlan, n), { copy: EN, words: [], isNarrow: false });
    assert.ok(drawn, `hop ${n}`);
    const under = drawing.boxes.filter((box) => isOverlapping(box, drawn.spot));
    assert.deepEqual(
      under.map(({ id }) => id),
      [],
      `hop ${n}`,
    );
  }
});
