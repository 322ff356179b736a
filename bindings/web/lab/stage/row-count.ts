// How many rows a table has at a moment of the run.
import type { Hop, TableKind, Trace } from "../../../lab/trace/trace.ts";

/** All tables of a kind in a namespace, those of its devices together. */
export function rowCount(trace: Trace, namespace: string, kind: TableKind, hop: Hop): number {
  const isMeant = (table: { namespace: string; kind: TableKind }): boolean =>
    table.namespace === namespace && table.kind === kind;
  const first = trace.tables.filter(({ table }) => isMeant(table));
  const start = first.reduce((sum, { rows }) => sum + rows.length, 0);
  return trace.log.reduce((sum, { table, timeNs, added, removed }) => {
    if (timeNs > hop.timeNs || !isMeant(table)) return sum;
    return sum + (added === null ? 0 : 1) - (removed === null ? 0 : 1);
  }, start);
}
