// One sentence for every verdict: a pure function of the hop and the reader's language.
import type { Words } from "../scenario.ts";
import type { Hop } from "../trace/trace.ts";
import { EN } from "./en.ts";
import { fill, slotsOf, type WhyPart } from "./part.ts";
import { pathsOf } from "./paths.ts";
import { FAULTS, ZH } from "./zh.ts";

/** A language of the readers. */
export type Lang = keyof Words;

/** By language: who adds a verdict is told by the compiler where words are missing. */
export const TEMPLATES: Readonly<Record<Lang, typeof EN>> = { en: EN, zh: ZH };

/** Why this became of the packet, in parts. */
export function why(hop: Hop, lang: Lang): readonly WhyPart[] {
  const values = { ...valuesOf(hop), ...bareOf(hop), ...groupOf(hop) };
  const templates = TEMPLATES[lang][hop.verdict];
  const isFilled = (template: string): boolean =>
    slotsOf(template).every((slot) => values[slot] !== undefined && values[slot] !== "");
  const template = templates.find(isFilled) ?? templates.at(-1) ?? "";
  return fill(template, (slot) => {
    const text = String(values[slot] ?? "?");
    const paths = pathsOf(hop.verdict, slot);
    return { text: slot === "did" && lang === "zh" ? (FAULTS[text] ?? text) : text, paths };
  });
}

/** The same as plain text. */
export function whyText(hop: Hop, lang: Lang): string {
  return why(hop, lang)
    .map(({ text }) => text)
    .join("");
}

// A frame that a program made is for a MAC, and nobody looked for an address.
function bareOf({ values: { dst, mac } }: Hop): Readonly<Record<string, undefined>> {
  return dst !== undefined && dst === mac ? { dst: undefined, net: undefined } : {};
}

// A bridge learns nobody by the name of a group, and no device owns one.
function groupOf({ verdict, values: { mac } }: Hop): Readonly<Record<string, string | undefined>> {
  if (verdict !== "flood" && verdict !== "bridge-up") return {};
  if (typeof mac !== "string" || !IS_GROUP.test(mac)) return {};
  return { mac: undefined, [mac === BROADCAST ? "all" : "group"]: mac };
}

const IS_GROUP = /^.[13579bdf]:/;
const BROADCAST = "ff:ff:ff:ff:ff:ff";

// What the engine did not say because the hop says it anyway.
function valuesOf(hop: Hop): Readonly<Record<string, string | number | undefined>> {
  const { device, namespace, values } = hop;
  return {
    dev: device,
    br: device,
    hub: device,
    tun: device,
    link: device,
    host: namespace,
    app: namespace,
    out: hop.outDevice ?? device,
    n: hop.out.length,
    n0: hop.in?.len,
    n1: hop.out[0]?.len,
    ...values,
  };
}
