// What a scenario promises is of its run: where nothing has happened, nothing of it holds. What
// "never happens" says as well what did.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCore } from "../../../../bindings/core/index.ts";
import { judge } from "../../../../bindings/lab/engine/facts.ts";
import { formOf } from "../../../../bindings/lab/engine/variant.ts";
import { runScenario, SCENARIOS, type Trace } from "../../../../bindings/lab/index.ts";

const core = await openCore({ memoryBytes: 64 << 20 });

/** The places as they are, and nothing that the engine found there. */
function still(trace: Trace): Trace {
  const silence = { packets: [], hops: [], bytes: new Uint8Array(), outputs: [], sightings: [] };
  return { ...trace, ...silence, tables: [], log: [] };
}

test("no assertion holds for a run in which nothing happened", () => {
  for (const scenario of SCENARIOS) {
    for (const variant of [undefined, ...Object.keys(scenario.variants ?? {})]) {
      const form = formOf(scenario, variant);
      const trace = runScenario(core, scenario, { ...(variant !== undefined && { variant }) });
      const { facts } = judge(core, form, still(trace));
      const held = facts.filter(({ isHeld }) => isHeld).map(({ name }) => name);
      assert.deepEqual(held, [], `${scenario.slug} ${variant ?? ""}`);
    }
  }
});
