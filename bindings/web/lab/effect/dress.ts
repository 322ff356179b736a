// What of the state belongs to the whole document: its language, its theme, and whether it moves.
import type { State } from "../state/state.ts";

export function dress({ prefs, lang }: State): void {
  const root = document.documentElement;
  root.lang = lang === "zh" ? "zh-CN" : "en";
  if (prefs.theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = prefs.theme;
  root.toggleAttribute("data-still", !prefs.hasMotion);
}
