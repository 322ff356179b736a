// The tables of a namespace at a moment: those of the run's beginning, and what was changed since.
import type { TableId, TableKind, TableState, Trace } from "../trace/trace.ts";
import type { Happening } from "./moment.ts";

/** The tables that a namespace had when what `hasHappened` tells had happened, in their order. */
export function tablesAt(
  trace: Trace,
  namespace: string,
  hasHappened: (what: Happening) => boolean,
): TableState[] {
  const tables = trace.tables.filter(({ table }) => table.namespace === namespace);
  const rows = new Map(tables.map(({ table, rows }) => [keyOf(table), { table, rows: [...rows] }]));
  for (const event of trace.log) {
    if (event.table.namespace !== namespace || !hasHappened(event)) continue;
    const state = rows.get(keyOf(event.table)) ?? { table: event.table, rows: [] };
    const at = event.removed === null ? -1 : state.rows.indexOf(event.removed);
    if (at >= 0) state.rows.splice(at, 1, ...(event.added === null ? [] : [event.added]));
    else if (event.added !== null) state.rows.push(event.added);
    rows.set(keyOf(event.table), state);
  }
  return [...rows.values()];
}

/** All rows of one kind, whichever device's table they are in. */
export function rowsIn(tables: readonly TableState[], kind: TableKind): string[] {
  return tables.filter(({ table }) => table.kind === kind).flatMap(({ rows }) => rows);
}

function keyOf({ kind, device }: TableId): string {
  return `${kind} ${device ?? ""}`;
}
