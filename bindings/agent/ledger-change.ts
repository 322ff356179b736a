// What a ledger is made of, and what moves it on.
import type { StoreEntry, StoreEvent } from "./store.ts";

/** What happened, as a journal keeps it. */
export type LedgerChange =
  | {
      readonly kind: "put";
      readonly key: string;
      readonly value: string;
      readonly leaseId: string | null;
    }
  | { readonly kind: "delete"; readonly key: string }
  | { readonly kind: "grant"; readonly lease: LedgerLease }
  /** Revoked, or run out. */
  | { readonly kind: "end"; readonly leaseId: string }
  | { readonly kind: "compact"; readonly revision: bigint };

export interface LedgerLease {
  readonly id: string;
  readonly ttlS: number;
  /** When it runs out, by the clock of whoever drives the ledger. */
  readonly endMs: number;
}

/** All of a ledger: enough to go on from there. */
export interface LedgerState {
  readonly revision: bigint;
  readonly compacted: bigint;
  readonly leaseCount: number;
  readonly leases: readonly LedgerLease[];
  readonly entries: readonly StoreEntry[];
  /** What happened after `compacted`, revision by revision. */
  readonly history: readonly (readonly StoreEvent[])[];
}
