// Copy by language, with its slots filled.
import type { Lang } from "../state/state.ts";
import { type Copy, EN } from "./en.ts";
import { ZH } from "./zh.ts";

export type { Copy } from "./en.ts";

export function copyOf(lang: Lang): Copy {
  return lang === "zh" ? ZH : EN;
}

/** A template with `{name}` replaced by the values of these names. */
export function say(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (slot, name: string) => String(values[name] ?? slot));
}
