// A scenario from its data to its trace.
import type { Core } from "../../core/index.ts";
import type { Edit, Scenario } from "../scenario.ts";
import type { Trace } from "../trace/trace.ts";
import { perform } from "./actions.ts";
import { buildLab } from "./build.ts";
import { applyEdit, editsByHop } from "./edits.ts";
import { judge } from "./facts.ts";
import { keyOf } from "./key.ts";
import type { Lab } from "./lab.ts";
import { longestOf } from "./longest.ts";
import { placesOf } from "./places.ts";
import { formOf } from "./variant.ts";

/** How a scenario is run. */
export interface RunOptions {
  /** The same seed gives the same bytes. Left out: 1. */
  readonly seed?: bigint;
  /** What the reader changes on the way. */
  readonly edits?: readonly Edit[];
  /** A form of the scenario, by its name. Left out: the scenario as it is. */
  readonly variant?: string;
}

const SEED = 1n;

/**
 * Runs a scenario and leaves its trace, its assertions judged. Throws Refusal for a network, an
 * edit or a command that the tools of Linux would refuse, RangeError for a name that is not there.
 */
export function runScenario(core: Core, scenario: Scenario, options: RunOptions = {}): Trace {
  const { seed = SEED, edits = [], variant } = options;
  const form = formOf(scenario, variant);
  const trace = core.lend(() => {
    const lab = buildLab(core, form.network, seed, longestOf(form));
    const tables = lab.tables;
    watchEdits(lab, edits);
    for (const action of form.actions) perform(lab, action);
    lab.clock.run();
    return lab.recorder.trace({
      key: keyOf(scenario.slug, variant, seed, edits),
      scenario: scenario.slug,
      seed: seed.toString(),
      places: placesOf(lab),
      network: form.network,
      tables,
    });
  });
  const judged = judge(core, form, trace);
  const facts = [...trace.facts, ...judged.facts];
  return { ...trace, facts, errata: edits.length === 0 ? judged.errata : [] };
}

function watchEdits(lab: Lab, edits: readonly Edit[]): void {
  const due = editsByHop(edits);
  for (const edit of due.get("") ?? []) applyEdit(lab, edit);
  lab.recorder.beforeHop = ({ packet, hop }) => {
    for (const edit of due.get(`${packet}.${hop}`) ?? []) applyEdit(lab, edit);
  };
}
