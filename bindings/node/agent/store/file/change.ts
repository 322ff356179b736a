// Changes and whole ledgers as JSON, and back. What comes back is believed only in the shape in
// which it went. Revisions are decimal text, since JSON's numbers end at 2^53.
import * as v from "valibot";
import type { LedgerChange, LedgerState } from "../../../../agent/ledger-change.ts";

/** A line of a journal: where it begins, or what one append brought. */
export type JournalEntry =
  | { readonly kind: "base"; readonly state: LedgerState }
  | { readonly kind: "changes"; readonly changes: readonly LedgerChange[] };

const REVISION = v.pipe(
  v.string(),
  v.regex(/^\d{1,19}$/),
  v.transform((digits) => BigInt(digits)),
);

const LEASE = v.strictObject({ id: v.string(), ttlS: v.number(), endMs: v.number() });

const ENTRY = v.strictObject({
  key: v.string(),
  value: v.string(),
  createRevision: REVISION,
  modRevision: REVISION,
  leaseId: v.nullable(v.string()),
});

const EVENT = v.variant("kind", [
  v.strictObject({ kind: v.literal("put"), entry: ENTRY }),
  v.strictObject({ kind: v.literal("delete"), key: v.string(), modRevision: REVISION }),
]);

const STATE = v.strictObject({
  revision: REVISION,
  compacted: REVISION,
  leaseCount: v.number(),
  leases: v.array(LEASE),
  entries: v.array(ENTRY),
  history: v.array(v.array(EVENT)),
});

const CHANGE = v.variant("kind", [
  v.strictObject({
    kind: v.literal("put"),
    key: v.string(),
    value: v.string(),
    leaseId: v.nullable(v.string()),
  }),
  v.strictObject({ kind: v.literal("delete"), key: v.string() }),
  v.strictObject({ kind: v.literal("grant"), lease: LEASE }),
  v.strictObject({ kind: v.literal("end"), leaseId: v.string() }),
  v.strictObject({ kind: v.literal("compact"), revision: REVISION }),
]);

const JOURNAL_ENTRY = v.variant("kind", [
  v.strictObject({ kind: v.literal("base"), state: STATE }),
  v.strictObject({ kind: v.literal("changes"), changes: v.array(CHANGE) }),
]);

export function printEntry(entry: JournalEntry): string {
  return JSON.stringify(entry, (_, value) => (typeof value === "bigint" ? `${value}` : value));
}

/** Null for JSON that is no entry. */
export function parseEntry(json: unknown): JournalEntry | null {
  const found = v.safeParse(JOURNAL_ENTRY, json);
  return found.success ? found.output : null;
}
