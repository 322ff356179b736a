// The linking rule: a selection is one thing, bytes with their layer, field and cause, and every
// pane shows it. Nothing selected means what the hop itself would point at.
import type { FieldPath, Hop, Range } from "../../../lab/trace/trace.ts";
import { type FieldRow, type Frame, rowAt, rowOfByte, shellAt } from "./frame.ts";
import type { Selection } from "./state.ts";

export interface Marks {
  /** The bytes in the frame that is shown. */
  readonly range: Range | null;
  /** The field; null where the bytes are not those of one field. */
  readonly path: FieldPath | null;
  readonly row: FieldRow | null;
  /** Index into the frame's shells; -1: none. */
  readonly shell: number;
  /** Index into the hop's `asked`: the table that gave it; null: none did. */
  readonly asked: number | null;
  /** Other bytes that the same row of that table gave. */
  readonly also: readonly Range[];
}

const NOTHING: Marks = { range: null, path: null, row: null, shell: -1, asked: null, also: [] };

/** What is marked in a frame. */
export function marksOf(frame: Frame | null, hop: Hop | null, sel: Selection | null): Marks {
  if (frame === null) return NOTHING;
  if (typeof sel === "object" && sel !== null) return marksOfBytes(frame, hop, sel);
  const row = (sel === null ? undefined : rowAt(frame, sel)) ?? defaultRow(frame, hop);
  return row === undefined ? NOTHING : marksOfRow(frame, hop, row);
}

function marksOfBytes(frame: Frame, hop: Hop | null, range: Range): Marks {
  const row = rowOfByte(frame, range.at);
  const isField = row?.at.at === range.at && row.at.len === range.len;
  if (row !== undefined && isField) return marksOfRow(frame, hop, row);
  return { ...NOTHING, range, shell: shellAt(frame, range.at) };
}

function marksOfRow(frame: Frame, hop: Hop | null, row: FieldRow): Marks {
  const index = hop === null ? -1 : askedFor(hop, row);
  const gave = hop?.asked[index]?.gave ?? [];
  const also = gave
    .filter((path) => !row.paths.includes(path))
    .flatMap((path) => rowAt(frame, path)?.at ?? []);
  const shell = shellAt(frame, row.at.at);
  const asked = index < 0 ? null : index;
  return { range: row.at, path: row.path, row, shell, asked, also };
}

// Who gave it, or, where nobody gave anything, who was asked about it.
function askedFor({ asked }: Hop, row: FieldRow): number {
  const giver = asked.findIndex(({ gave }) => gave.some((path) => row.paths.includes(path)));
  if (giver >= 0) return giver;
  return asked.findIndex(({ key }) => row.value === key);
}

function defaultRow(frame: Frame, hop: Hop | null): FieldRow | undefined {
  for (const { gave, key } of hop?.asked ?? []) {
    const given = gave.map((path) => rowAt(frame, path)).find((row) => row !== undefined);
    const row = given ?? rowWithValue(frame, key);
    if (row !== undefined) return row;
  }
  for (const { field } of hop?.changes ?? []) {
    const row = rowAt(frame, field);
    if (row !== undefined) return row;
  }
  const first = frame.shells[0]?.rows ?? [];
  return first.find(({ name }) => name.endsWith(".dst")) ?? first[0];
}

function rowWithValue(frame: Frame, value: string): FieldRow | undefined {
  return frame.shells
    .toReversed()
    .flatMap(({ rows }) => rows)
    .find((row) => row.value === value);
}
