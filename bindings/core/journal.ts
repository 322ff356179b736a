// Changes to tables as plain data: what another thread may send, a file may hold and a replica may
// repeat. Each entry stands for itself; a refused one changes nothing and does not stop the rest.
import type { HeddleNode } from "./node.ts";
import { type HeddleCode, HeddleError } from "./status.ts";
import type { Domain, DomainInit } from "./tables/domains.ts";
import type { FdbEntry, FdbInit, FdbKey } from "./tables/fdb.ts";
import type { FloodEntry, FloodInit } from "./tables/flood.ts";
import type { Hop, HopInit } from "./tables/hops.ts";
import type { Neighbor, NeighborInit, NeighborKey } from "./tables/neighbors.ts";
import type { Port, PortInit } from "./tables/ports.ts";
import type { Remote, RemoteInit } from "./tables/remotes.ts";
import type { Route, RouteInit, RouteKey } from "./tables/routes.ts";
import type { Rule, RuleInit } from "./tables/rules.ts";

interface ByIndex {
  readonly index: number;
}

interface RemoteKey extends ByIndex {
  /** Its FDB and flood entries go with it; left out: they keep it. */
  readonly withEntries?: boolean;
}

/** What each table takes: a record to set, a key to remove by. */
interface Records {
  readonly ports: { readonly set: PortInit; readonly remove: ByIndex };
  readonly domains: { readonly set: DomainInit; readonly remove: ByIndex };
  readonly remotes: { readonly set: RemoteInit; readonly remove: RemoteKey };
  readonly fdb: { readonly set: FdbInit; readonly remove: FdbKey };
  readonly flood: { readonly set: FloodInit; readonly remove: FloodInit };
  readonly hops: { readonly set: HopInit; readonly remove: ByIndex };
  readonly routes: { readonly set: RouteInit; readonly remove: RouteKey };
  readonly neighbors: { readonly set: NeighborInit; readonly remove: NeighborKey };
  readonly rules: { readonly set: RuleInit; readonly remove: ByIndex };
}

/** The tables of a node, as HeddleNode calls them. */
export type TableName = keyof Records;

/** What each table gives back, record by record. */
export interface TableRecords {
  readonly ports: Port;
  readonly domains: Domain;
  readonly remotes: Remote;
  readonly fdb: FdbEntry;
  readonly flood: FloodEntry;
  readonly hops: Hop;
  readonly routes: Route;
  readonly neighbors: Neighbor;
  readonly rules: Rule;
}

/** One change: a record to set, or the key of one to remove. */
export type JournalEntry = {
  [Table in TableName]:
    | { readonly table: Table; readonly op: "set"; readonly record: Records[Table]["set"] }
    | { readonly table: Table; readonly op: "remove"; readonly record: Records[Table]["remove"] };
}[TableName];

/** What became of an entry. */
export type JournalResult =
  /** Of a record with an index that was set its index, of a removal how many there were. */
  | { readonly code: "Ok"; readonly value: number }
  | {
      readonly code: Exclude<HeddleCode, "Ok">;
      readonly value: unknown;
      readonly expected: string;
    };

/** Applies entries in order. One result for each; it throws for none of them. */
export function applyJournal(
  node: HeddleNode,
  entries: readonly JournalEntry[],
  nowMs: number,
): JournalResult[] {
  return entries.map((entry) => {
    try {
      return { code: "Ok", value: apply(node, entry, nowMs) };
    } catch (error) {
      if (!(error instanceof HeddleError) || error.code === "Ok") throw error;
      return { code: error.code, value: error.value, expected: error.expected };
    }
  });
}

// The tables as what their entries have in common.
interface AnyIndexed {
  set(record: object): number;
  remove(index: number): boolean;
  removeWithEntries?(index: number): boolean;
}

interface AnyBulk {
  set(record: object, nowMs: number): void;
  remove(key: object): number;
}

function apply(node: HeddleNode, entry: JournalEntry, nowMs: number): number {
  const op = (entry as JournalEntry | null | undefined)?.op; // it may come out of a file
  if (op !== "set" && op !== "remove") {
    throw new HeddleError("BadValue", entry, "an entry whose op is set or remove");
  }
  switch (entry.table) {
    case "ports":
    case "domains":
    case "remotes":
    case "hops":
    case "rules":
      return applyIndexed(node[entry.table], entry);
    case "fdb":
    case "flood":
    case "routes":
    case "neighbors":
      return applyBulk(node[entry.table], entry, nowMs);
    default:
      throw new HeddleError("BadValue", entry, "table: the name of a table");
  }
}

function applyIndexed(table: AnyIndexed, { op, record }: JournalEntry): number {
  if (op === "set") return table.set(record);
  const { index, withEntries } = record as RemoteKey;
  const isWhole = withEntries === true && table.removeWithEntries !== undefined;
  return Number(isWhole ? table.removeWithEntries?.(index) : table.remove(index));
}

function applyBulk(table: AnyBulk, { op, record }: JournalEntry, nowMs: number): number {
  if (op === "remove") return table.remove(record);
  table.set(record, nowMs);
  return 0;
}
