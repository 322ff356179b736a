// A scenario by its name, and the nearest name where there is none such.

import type { Scenario } from "../../lab/scenario.ts";
import { SCENARIOS } from "../../lab/scenarios/index.ts";

/** Somebody asked for what is not there; the message is for them. */
export class LabUsageError extends Error {
  override readonly name = "LabUsageError";
}

/** Throws LabUsageError, with the nearest name, for one that no scenario has. */
export function findScenario(slug: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.slug === slug);
  if (found !== undefined) return found;
  const names = SCENARIOS.map((scenario) => scenario.slug);
  const near = nearest(slug, names);
  throw new LabUsageError(`no scenario "${slug}"; ${near} is nearest, and --list shows all`);
}

/** Throws LabUsageError, with those that there are, for a variant that a scenario has not. */
export function checkVariant(scenario: Scenario, variant: string | undefined): void {
  const names = Object.keys(scenario.variants ?? {});
  if (variant === undefined || names.includes(variant)) return;
  const there = names.length === 0 ? "no variants" : `the variants ${names.join(", ")}`;
  throw new LabUsageError(`${scenario.slug} has ${there}, not "${variant}"`);
}

/** The name that the fewest changes of a letter lead to; one that contains the word is near. */
export function nearest(word: string, names: readonly string[]): string {
  const scored = names.map((name) => {
    const isPart = word.length > 2 && name.includes(word.toLowerCase());
    return { name, distance: isPart ? 0 : distanceOf(word.toLowerCase(), name) };
  });
  return scored.reduce((best, each) => (each.distance < best.distance ? each : best)).name;
}

/** Levenshtein's. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [at, letter] of [...a].entries()) {
    const next = [at + 1];
    for (const [column, other] of [...b].entries()) {
      const replaced = (row[column] ?? 0) + Number(letter !== other);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
