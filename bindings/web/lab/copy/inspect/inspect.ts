// What the inspector says, by language.
import type { Cause, FieldPath, TableId } from "../../../../lab/trace/trace.ts";
import type { FieldRow, Shell } from "../../state/frame.ts";
import type { Origin } from "../../state/origin.ts";
import type { Lang } from "../../state/state.ts";
import { say } from "../copy.ts";
import { EN, type InspectCopy } from "./en.ts";
import { ZH } from "./zh.ts";

export type { InspectCopy } from "./en.ts";

export function inspectCopy(lang: Lang): InspectCopy {
  return lang === "zh" ? ZH : EN;
}

/** "IPv4", "ICMP echo request". */
export function shellName(copy: InspectCopy, { layer, says }: Shell): string {
  return says === null ? copy.layerNames[layer] : `${copy.layerNames[layer]} ${says}`;
}

/** "Outer IPv4". */
export function shellTitle(copy: InspectCopy, shell: Shell): string {
  const name = shellName(copy, shell);
  return shell.path.startsWith("outer") ? say(copy.outer, { layer: name }) : name;
}

export function rowName(copy: InspectCopy, { name }: FieldRow): string {
  return copy.fieldNames[name] ?? name;
}

/** "fdb of flannel.1". */
export function tableName(copy: InspectCopy, { kind, device }: TableId): string {
  const table = copy.tableNames[kind];
  return device === null ? table : say(copy.ofDevice, { table, device });
}

const CIRCLED_ONE = 0x2460;
const CIRCLED_MAX = 20;

/** A number in a circle, as tables asked are counted. */
export function circled(index: number): string {
  return index < CIRCLED_MAX ? String.fromCharCode(CIRCLED_ONE + index) : `(${index + 1})`;
}

/** What the third column says. */
export function originText(copy: InspectCopy, origin: Origin): string {
  if (origin.kind === "unchanged") return copy.unchanged;
  if (origin.kind === "unknown") return "";
  const cause = origin.kind === "rule" ? causeText(copy, origin) : tableName(copy, origin.table);
  if (origin.hop !== null) return say(copy.atHop, { cause, n: origin.hop });
  if (origin.kind === "rule") return cause;
  return say(copy.fromAsked, { number: circled(origin.asked), table: cause });
}

/** What made bytes so where no table did. */
function causeText(
  copy: InspectCopy,
  { rule, device, namespace }: { rule: Cause; device: string; namespace: string },
): string {
  return say(copy.causes[rule], { device, namespace });
}

/** "the outer destination", for the caption of the table that gave it. */
export function gaveText(copy: InspectCopy, paths: readonly FieldPath[]): string {
  const names = paths.flatMap((path) => copy.gaveNames[path] ?? []);
  if (names.length === 0) return paths.length === 0 ? "" : copy.decided;
  return say(copy.gave, { fields: names.join(copy.and) });
}
