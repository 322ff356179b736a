// What the picker says of every scenario, without the scenario: the page posts it from the worker,
// so that networks and assertions are loaded once.
import type { Erratum, Group, Scenario, Words } from "../../../lab/scenario.ts";

export interface Entry {
  readonly slug: string;
  readonly group: Group;
  readonly title: Words;
  readonly promise: Words;
  /** A slug: the same traffic under another mode. */
  readonly compareWith: string | null;
  readonly variants: readonly { readonly name: string; readonly title: Words }[];
  readonly errata: readonly Pick<Erratum, "id" | "says" | "shows">[];
  readonly drill: DrillEntry | null;
}

/** What a drill tells when it is done, and what it takes. */
export interface DrillEntry {
  readonly cause: Words;
  readonly clue: Words;
  readonly finder: string;
  /** Where to look, for hints. */
  readonly namespace: string;
  readonly command: string;
}

export const GROUPS: readonly Group[] = [
  "basics",
  "docker",
  "flannel",
  "calico",
  "weave",
  "swarm",
  "control",
  "drills",
];

export function catalogueOf(scenarios: readonly Scenario[]): Entry[] {
  return scenarios.map((scenario) => ({
    slug: scenario.slug,
    group: scenario.group,
    title: scenario.title,
    promise: scenario.promise,
    compareWith: scenario.compareWith ?? null,
    variants: Object.entries(scenario.variants ?? {}).map(([name, { title }]) => ({ name, title })),
    errata: (scenario.errata ?? []).map(({ id, says, shows }) => ({ id, says, shows })),
    drill: drillOf(scenario),
  }));
}

function drillOf({ drill }: Scenario): DrillEntry | null {
  if (drill === undefined) return null;
  const { cause, clue, finder, fix } = drill;
  const [first] = fix;
  return { cause, clue, finder, namespace: first?.namespace ?? "", command: first?.command ?? "" };
}

/** Entries in which every word of the search stands, in either language. */
export function found(entries: readonly Entry[], search: string): Entry[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter(({ slug, group, title, promise }) => {
    const text = [slug, group, title.en, title.zh, promise.en, promise.zh].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
