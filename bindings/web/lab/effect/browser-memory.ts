// What the browser keeps for its reader. Where it may not keep anything, nothing is kept.
import type { Lang, Preferences, State } from "../state/state.ts";

const PREFERENCES = "heddle-lab";
const DONE = "heddle-lab-done";

type Kept = Partial<Preferences> & { readonly lang?: Lang };

/** What was kept, and the language that the browser asks for. */
export function recall(usual: State): Pick<State, "prefs" | "lang"> {
  const kept = read<Kept>(PREFERENCES, {});
  const own: Lang = navigator.language.startsWith("zh") ? "zh" : "en";
  const { lang = own, ...prefs } = kept;
  return { prefs: { ...usual.prefs, ...prefs }, lang: lang === "zh" ? "zh" : "en" };
}

export function remember({ prefs, lang }: State): void {
  write(PREFERENCES, { ...prefs, lang });
}

/** Slugs of scenarios that were stepped to their end. */
export function doneScenarios(): readonly string[] {
  return read<string[]>(DONE, []);
}

export function markDone(scenario: string): void {
  const done = doneScenarios();
  if (!done.includes(scenario)) write(DONE, [...done, scenario]);
}

function read<Value>(key: string, usual: Value): Value {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") ?? usual;
  } catch {
    return usual;
  }
}

function write(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Private windows have no room.
  }
}
