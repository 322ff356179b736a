// A table as it stood when a hop asked it: rows of then, who answered, who lost, what is gone.
import type {
  Asked,
  Hop,
  Lost,
  Row,
  TableEvent,
  TableId,
  Trace,
} from "../../../lab/trace/trace.ts";

export interface TableView {
  readonly table: TableId;
  readonly rows: readonly RowView[];
  readonly asked: Asked | null;
}

export interface RowView {
  readonly row: Row;
  readonly isHit: boolean;
  readonly lost: Lost | null;
  /** The reader took it away just before this hop. */
  readonly isStruck: boolean;
  /** The hop where traffic taught it; null: it was there from the beginning. */
  readonly learnedAt: { readonly packet: number; readonly hop: number } | null;
}

interface Standing {
  readonly row: Row;
  readonly learnedAt: RowView["learnedAt"];
}

export function isSameTable(one: TableId, other: TableId): boolean {
  return (
    one.namespace === other.namespace && one.kind === other.kind && one.device === other.device
  );
}

/** The table that a hop asked, with its rows as they were. */
export function askedView(trace: Trace, hop: Hop, asked: Asked): TableView {
  const rows = rowsAt(trace, asked.table, hop, asked.row);
  const struck = struckAt(trace, asked.table, hop);
  const views = rows.map(({ row, learnedAt }) => ({
    row,
    isHit: row === asked.row,
    lost: asked.lost.find((each) => each.row === row)?.why ?? null,
    isStruck: false,
    learnedAt,
  }));
  return { table: asked.table, rows: [...views, ...struck], asked };
}

/** A table whole, as it stood at a hop. */
export function tableView(trace: Trace, hop: Hop, table: TableId): TableView {
  const asked = hop.asked.find((each) => isSameTable(each.table, table));
  return askedView(trace, hop, asked ?? { ...NOBODY, table });
}

const NOBODY = { key: "", row: null, lost: [], gave: [], arpFrames: 0 } as const;

/** All tables of the trace, in its order. */
export function tableIds(trace: Trace): TableId[] {
  const ids = trace.tables.map(({ table }) => table);
  for (const { table } of trace.log) {
    if (!ids.some((id) => isSameTable(id, table))) ids.push(table);
  }
  return ids;
}

// As it stood when the hop began; an answer that came later, by ARP, is waited for.
function rowsAt(trace: Trace, table: TableId, hop: Hop, answer: Row | null): Standing[] {
  const start = trace.tables.find((state) => isSameTable(state.table, table))?.rows ?? [];
  let rows: Standing[] = start.map((row) => ({ row, learnedAt: null }));
  for (const event of trace.log) {
    const isThere = answer === null || rows.some(({ row }) => row === answer);
    if (event.timeNs > hop.timeNs && isThere) break;
    if (!isSameTable(event.table, table)) continue;
    rows = changedBy(rows, event);
  }
  return rows;
}

// A row that takes another's place stands where that stood.
function changedBy(rows: readonly Standing[], { removed, added, hop }: TableEvent): Standing[] {
  const at = rows.findIndex(({ row }) => row === removed);
  const fresh = added === null ? [] : [{ row: added, learnedAt: hop }];
  if (at < 0) return [...rows, ...fresh];
  return [...rows.slice(0, at), ...fresh, ...rows.slice(at + 1)];
}

// Rows that no hop and no time took away at this very moment: the reader did.
function struckAt(trace: Trace, table: TableId, hop: Hop): RowView[] {
  return trace.log.flatMap((event) => {
    const isReader = event.hop === null && event.timeNs === hop.timeNs;
    if (!isReader || event.removed === null || !isSameTable(event.table, table)) return [];
    return [{ row: event.removed, isHit: false, lost: null, isStruck: true, learnedAt: null }];
  });
}
