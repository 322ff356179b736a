// Changes and whole ledgers as JSON, and back. What comes back is believed only in the shape in
// which it went. Revisions are decimal text, since JSON's numbers end at 2^53.
import { z } from "zod";
import type { LedgerChange, LedgerState } from "../../../../agent/ledger-change.ts";

/** A line of a journal: where it begins, or what one append brought. */
export type JournalEntry =
  | { readonly kind: "base"; readonly state: LedgerState }
  | { readonly kind: "changes"; readonly changes: readonly LedgerChange[] };

const REVISION = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt);

const LEASE = z.strictObject({ id: z.string(), ttlS: z.number(), endMs: z.number() });

const ENTRY = z.strictObject({
  key: z.string(),
  value: z.string(),
  createRevision: REVISION,
  modRevision: REVISION,
  leaseId: z.string().nullable(),
});

const EVENT = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("put"), entry: ENTRY }),
  z.strictObject({ kind: z.literal("delete"), key: z.string(), modRevision: REVISION }),
]);

const STATE = z.strictObject({
  revision: REVISION,
  compacted: REVISION,
  leaseCount: z.number(),
  leases: z.array(LEASE),
  entries: z.array(ENTRY),
  history: z.array(z.array(EVENT)),
});

const CHANGE = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("put"),
    key: z.string(),
    value: z.string(),
    leaseId: z.string().nullable(),
  }),
  z.strictObject({ kind: z.literal("delete"), key: z.string() }),
  z.strictObject({ kind: z.literal("grant"), lease: LEASE }),
  z.strictObject({ kind: z.literal("end"), leaseId: z.string() }),
  z.strictObject({ kind: z.literal("compact"), revision: REVISION }),
]);

const JOURNAL_ENTRY = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("base"), state: STATE }),
  z.strictObject({ kind: z.literal("changes"), changes: z.array(CHANGE) }),
]);

export function printEntry(entry: JournalEntry): string {
  return JSON.stringify(entry, (_, value) => (typeof value === "bigint" ? `${value}` : value));
}

/** Null for JSON that is no entry. */
export function parseEntry(json: unknown): JournalEntry | null {
  const found = JOURNAL_ENTRY.safeParse(json);
  return found.success ? found.data : null;
}
