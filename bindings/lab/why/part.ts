// A sentence in parts, so that its values can be linked to the bytes that show them.
import type { FieldPath } from "../trace/trace.ts";

/** Words, or a value of the hop. */
export type WhyPart = WhyText | WhyValue;

export interface WhyText {
  readonly kind: "text";
  readonly text: string;
  /** The first clause is: who does what. */
  readonly isBold: boolean;
}

export interface WhyValue {
  readonly kind: "value";
  readonly text: string;
  readonly isBold: boolean;
  /** "mac", "vtep": as `Hop.values` has it. */
  readonly slot: string;
  /** Fields that show it, the likeliest first; none where no packet does. */
  readonly paths: readonly FieldPath[];
}

const PIECE = /\{(\w+)\}|\*\*|[^{*]+/g;

/** What a template asks for. */
export function slotsOf(template: string): string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map(([, slot = ""]) => slot);
}

/** A template with its slots filled; `fill` gives a slot's text and its fields. */
export function fill(
  template: string,
  slotOf: (slot: string) => { readonly text: string; readonly paths: readonly FieldPath[] },
): WhyPart[] {
  const parts: WhyPart[] = [];
  let isBold = false;
  for (const [piece, slot] of template.matchAll(PIECE)) {
    if (piece === "**") isBold = !isBold;
    else if (slot === undefined) parts.push({ kind: "text", text: piece, isBold });
    else parts.push({ kind: "value", isBold, slot, ...slotOf(slot) });
  }
  return parts;
}
