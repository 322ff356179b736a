// Every scenario, in each of its forms, holds what it promises; what it calls an erratum is found.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCore } from "../../../../bindings/core/index.ts";
import { runScenario, SCENARIOS, type Scenario } from "../../../../bindings/lab/index.ts";

const core = await openCore({ memoryBytes: 64 << 20 });

function unheld(scenario: Scenario, variant?: string): string[] {
  const trace = runScenario(core, scenario, { ...(variant !== undefined && { variant }) });
  return trace.facts.flatMap(({ name, isHeld, found }) => (isHeld ? [] : `${name}: ${found}`));
}

for (const scenario of SCENARIOS.filter(({ drill }) => drill === undefined)) {
  test(`${scenario.slug} holds what it promises`, () => {
    assert.ok(scenario.assertions.length > 0);
    assert.deepEqual(unheld(scenario), []);
  });
  for (const variant of Object.keys(scenario.variants ?? {})) {
    test(`${scenario.slug}, ${variant}, holds what it promises`, () => {
      assert.deepEqual(unheld(scenario, variant), []);
    });
  }
}

for (const scenario of SCENARIOS) {
  const { drill } = scenario;
  if (drill === undefined) continue;
  test(`${scenario.slug} is broken, mended by its fix, and not by the wrong one`, () => {
    const heldBy = (edits: typeof drill.fix): boolean =>
      runScenario(core, scenario, { edits }).facts.every(({ isHeld }) => isHeld);
    assert.equal(heldBy([]), false, "broken");
    assert.equal(heldBy(drill.fix), true, "mended");
    assert.equal(heldBy(drill.wrongFix), false, "not mended");
  });
}

test("every erratum that names a proof finds it", () => {
  for (const scenario of SCENARIOS) {
    const wanted = scenario.errata?.map(({ id }) => id) ?? [];
    if (wanted.length === 0) continue;
    const found = runScenario(core, scenario).errata.map(({ id }) => id);
    assert.deepEqual(found, wanted, scenario.slug);
  }
});

test("names of scenarios are unique, and what they compare with is there", () => {
  const slugs = SCENARIOS.map(({ slug }) => slug);
  assert.equal(new Set(slugs).size, slugs.length);
  for (const { slug, compareWith } of SCENARIOS) {
    assert.ok(compareWith === undefined || slugs.includes(compareWith), `${slug}: ${compareWith}`);
  }
});
