// Changes by the reader, each just before the decision of a hop.
import type { Edit } from "../scenario.ts";
import type { Lab } from "./lab.ts";
import { runCommand } from "./operator.ts";

/** By "packet.hop"; those before everything by "". */
export function editsByHop(edits: readonly Edit[]): Map<string, Edit[]> {
  const due = new Map<string, Edit[]>();
  for (const edit of edits) {
    const key = edit.at === null ? "" : `${edit.at.packet}.${edit.at.hop}`;
    due.set(key, [...(due.get(key) ?? []), edit]);
  }
  return due;
}

/** Throws Refusal, in the tool's words, for one that the tool would refuse. */
export function applyEdit(lab: Lab, { namespace, command }: Edit): void {
  runCommand(lab.namespace(namespace), command);
}
