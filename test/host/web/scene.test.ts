// What the page shows of real traces: a selection is one thing in every pane, every hop has its
// sentence, and every byte that changed has its cause.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { type Core, decode, openCore } from "../../../bindings/core/index.ts";
import { runScenario } from "../../../bindings/lab/engine/run.ts";
import { SCENARIOS } from "../../../bindings/lab/scenarios/index.ts";
import type { Hop, Trace } from "../../../bindings/lab/trace/trace.ts";
import { whyText } from "../../../bindings/lab/why/index.ts";
import { EN } from "../../../bindings/web/lab/copy/inspect/en.ts";
import { originText } from "../../../bindings/web/lab/copy/inspect/inspect.ts";
import type { Action } from "../../../bindings/web/lab/state/action.ts";
import type { FieldRow, Frame } from "../../../bindings/web/lab/state/frame.ts";
import { actionOfKey } from "../../../bindings/web/lab/state/keys.ts";
import { reduce } from "../../../bindings/web/lab/state/reduce.ts";
import { originOf, type Scene, stager } from "../../../bindings/web/lab/state/scene.ts";
import { FIRST, type State } from "../../../bindings/web/lab/state/state.ts";

let core: Core;
let sceneOf: (state: State) => Scene;
let vxlan: Trace;

before(async () => {
  core = await openCore();
  sceneOf = stager((bytes, link) =>
    decode(core, bytes, { link: link === "ethernet" ? "ethernet" : "ip" }),
  );
  vxlan = traceOf(FIRST.scenario);
});

function traceOf(slug: string): Trace {
  const scenario = SCENARIOS.find((each) => each.slug === slug);
  assert.ok(scenario, slug);
  return runScenario(core, scenario);
}

function after(trace: Trace, ...actions: readonly Action[]): Scene {
  return sceneOf([{ do: "traced", trace } as Action, ...actions].reduce(reduce, FIRST));
}

function wrapping(): Hop {
  const hop = vxlan.hops.find(({ verdict }) => verdict === "encap-vxlan");
  assert.ok(hop);
  return hop;
}

function atWrapping(...actions: readonly Action[]): Scene {
  const { packet, n } = wrapping();
  return after(vxlan, { do: "go", packet, hop: n }, ...actions);
}

function rowOf(frame: Frame | null, path: string): FieldRow {
  const row = frame?.shells.flatMap(({ rows }) => rows).find(({ paths }) => paths.includes(path));
  assert.ok(row, path);
  return row;
}

test("nothing selected means what the first table gave: the FDB, the outer destination", () => {
  const { marks, shown, asked } = atWrapping();
  assert.equal(marks.path, "outer.ip.dst");
  assert.equal(marks.asked, 0);
  assert.equal(asked[0]?.table.kind, "fdb");
  assert.deepEqual(marks.range, rowOf(shown, "outer.ip.dst").at);
  assert.ok(
    asked[0]?.rows.some(({ row, isHit }) => isHit && row.includes(marks.row?.value ?? "-")),
  );
});

test("a field, its bytes and its row are one selection, wherever it was made", () => {
  const byField = atWrapping({ do: "select", sel: "outer.eth.dst" });
  const { range } = byField.marks;
  assert.ok(range);
  const byBytes = atWrapping({ do: "select", sel: range });
  assert.deepEqual(byBytes.marks, byField.marks);
  assert.equal(byField.asked[byField.marks.asked ?? -1]?.table.kind, "neigh");
});

test("a layer is selected by its bytes", () => {
  const { shown } = atWrapping();
  const at = shown?.shells.findIndex(({ layer }) => layer === "vxlan") ?? -1;
  const shell = shown?.shells[at];
  assert.ok(shell);
  const { marks } = atWrapping({ do: "select", sel: { at: shell.at, len: shell.len } });
  assert.deepEqual([marks.shell, marks.path], [at, null]);
});

test("fields say where they are from", () => {
  const scene = atWrapping();
  const from = (path: string): string => originText(EN, originOf(scene, rowOf(scene.shown, path)));
  assert.equal(from("outer.ip.dst"), `\u2460 fdb of ${wrapping().device}`);
  assert.equal(from("ip.dst"), "unchanged");
  assert.equal(from("outer.ip.src"), `${wrapping().outDevice}'s address`);
  assert.equal(from("outer.ip.checksum"), "computed, correct");
  const before = atWrapping({ do: "diff", to: "before" });
  const ttl = originText(EN, originOf(before, rowOf(before.shown, "ip.ttl")));
  assert.equal(ttl, `routed, hop ${wrapping().n - 1}`);
});

test("whose address a field has is a device that has it", () => {
  let named = 0;
  for (const { slug } of SCENARIOS) {
    const trace = traceOf(slug);
    for (const hop of trace.hops) {
      const scene = after(trace, { do: "go", packet: hop.packet, hop: hop.n });
      for (const row of scene.after?.shells.flatMap(({ rows }) => rows) ?? []) {
        const origin = originOf(scene, row);
        if (origin.kind !== "rule" || origin.rule !== "device-address") continue;
        const place = `${slug} ${hop.packet}.${hop.n} ${row.path} ${row.value}: ${origin.device}`;
        assert.ok(ownersOf(trace, hop.host, row.value).includes(origin.device), place);
        named += 1;
      }
    }
  }
  assert.ok(named > 100, `${named} addresses`);
});

test("a frame that nobody sees in its tunnel is wrapped there, and unwrapped behind it", () => {
  const trace = traceOf("weave-sleeve");
  const at = (verdict: string, path: string): string => {
    const hop = trace.hops.find((each) => each.verdict === verdict);
    assert.ok(hop, verdict);
    const scene = after(trace, { do: "go", packet: hop.packet, hop: hop.n });
    return originText(EN, originOf(scene, rowOf(scene.after, path)));
  };
  const router = trace.hops.find(({ verdict }) => verdict === "encap-weave")?.device;
  assert.equal(at("encap-weave", "payload.data"), `wrapped by ${router}`);
  for (const path of ["eth.src", "ip.ttl", "icmp.checksum"]) {
    assert.equal(at("decap", path), `unwrapped by ${router}`);
  }
});

test("keys step, choose and turn", () => {
  const scene = atWrapping();
  const press = (key: string): Action | null =>
    actionOfKey({ key, isCommand: false, isTyping: false }, scene);
  assert.deepEqual(press("ArrowRight"), { do: "step", by: 1 });
  assert.deepEqual(press("d"), { do: "diff", to: "diff" });
  assert.deepEqual(press("t"), { do: "select", sel: "outer.eth.dst" });
  assert.equal(press("u"), null);
  assert.equal(actionOfKey({ key: "d", isCommand: true, isTyping: false }, scene), null);
  assert.equal(actionOfKey({ key: "d", isCommand: false, isTyping: true }, scene), null);
  const silent = atWrapping({ do: "prefer", to: { hasKeys: false } });
  assert.equal(actionOfKey({ key: "d", isCommand: false, isTyping: false }, silent), null);
});

test("every hop of all scenarios has a sentence in both languages, and causes for changes", () => {
  for (const { slug } of SCENARIOS) {
    const trace = traceOf(slug);
    for (const hop of trace.hops) {
      const place = `${slug} ${hop.packet}.${hop.n} ${hop.verdict}`;
      for (const lang of ["en", "zh"] as const) {
        assert.doesNotMatch(whyText(hop, lang), /undefined|NaN|null|\{|\?/, place);
      }
      const scene = after(trace, { do: "go", packet: hop.packet, hop: hop.n });
      assert.ok(scene.marks.range !== null || scene.shown === null, place);
      assert.deepEqual(uncaused(scene), [], place);
    }
  }
});

// Bytes that differ though no change covers them: what lies behind a change of length moves along.
function uncaused({ hop, before: came, after: left }: Scene): number[] {
  if (hop === null || came === null || left === null) return [];
  const moved = left.bytes.length - came.bytes.length;
  return Array.from(left.bytes, (_, at) => at).filter((at) => {
    const isCovered = hop.changes.some((change) => isWithin(change.at, at));
    return !isCovered && left.bytes[at] !== came.bytes[at - moved];
  });
}

function isWithin(range: { readonly at: number; readonly len: number }, at: number): boolean {
  return at >= range.at && at < range.at + range.len;
}

function ownersOf({ places }: Trace, host: string, address: string): string[] {
  const spaces = places.hosts.find(({ name }) => name === host)?.namespaces ?? [];
  return spaces
    .flatMap(({ devices }) => devices)
    .filter(({ mac, addresses }) => [mac, ...addresses.map(bare)].includes(address))
    .map(({ name }) => name);
}

function bare(address: string): string {
  return address.replace(/\/.*/, "");
}
