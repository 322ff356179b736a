// Where and when of a command on the command line: "3.4 node1 ip route" is packet 3, hop 4.
import type { Moment } from "../../lab/render/index.ts";
import type { Edit } from "../../lab/scenario.ts";
import { LabUsageError } from "./find.ts";

/** A command in a namespace, at a moment. */
export interface Placed {
  /** null: not said. */
  readonly at: { readonly packet: number; readonly hop: number } | null;
  readonly namespace: string;
  readonly command: string;
}

const PLACED = /^\s*(?:(\d+)\.(\d+)\s+)?(\S+)\s+(\S.*)$/s;

/** Throws LabUsageError for a text that is not "[PACKET.HOP] NAMESPACE COMMAND". */
export function parsePlaced(text: string, option: string): Placed {
  const [, packet, hop, namespace, command] = PLACED.exec(text) ?? [];
  if (namespace === undefined || command === undefined) {
    throw new LabUsageError(`${option} "${text}": it must be "[PACKET.HOP] NAMESPACE COMMAND"`);
  }
  const at = packet === undefined ? null : { packet: Number(packet), hop: Number(hop) };
  return { at, namespace, command: command.trim() };
}

/** Without a place: before the first action. */
export function editOf(text: string): Edit {
  return parsePlaced(text, "--edit");
}

/** Without a place: when all is over. */
export function momentOf({ at }: Placed): Moment {
  return at ?? "end";
}
