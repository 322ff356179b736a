// The rows of one table as its tool prints them, and what is written down when one changes.
import type { HopRef } from "../stack.ts";
import type { Row, TableEvent, TableId, TableState } from "../trace/trace.ts";

/** Where changes go. */
export interface Log {
  readonly nowNs: number;
  /** The hop that is being decided; null: time or an operator does it. */
  readonly hop: HopRef | null;
  write(event: TableEvent): void;
}

/** Puts rows into the order in which their tool prints them. */
export type RowOrder = (rows: readonly Row[]) => readonly Row[];

/** Rows by key, in the order of being made, or in that of their tool. */
export class Ledger {
  readonly table: TableId;
  readonly #log: Log;
  readonly #order: RowOrder | null;
  readonly #rows = new Map<string, Row>();

  constructor(log: Log, table: TableId, order: RowOrder | null = null) {
    this.#log = log;
    this.table = table;
    this.#order = order;
  }

  /** Makes, replaces or removes the row of a key. */
  put(key: string, row: Row | null): void {
    const before = this.#rows.get(key) ?? null;
    if (before === row) return;
    if (row === null) this.#rows.delete(key);
    else this.#rows.set(key, row);
    const { nowNs: timeNs, hop } = this.#log;
    this.#log.write({ timeNs, hop, table: this.table, removed: before, added: row });
  }

  row(key: string): Row | null {
    return this.#rows.get(key) ?? null;
  }

  get state(): TableState {
    const rows = [...this.#rows.values()];
    return { table: this.table, rows: this.#order === null ? rows : this.#order(rows) };
  }
}
