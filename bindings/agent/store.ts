// What the agent asks of a store: etcd v3's model (one revision for the whole store, leases that
// take their keys along, watches that begin at a revision), cut down to what leases of subnets
// need. Nothing here retries: who calls knows whether a second try is safe.
//
// Keys and values are text, and UTF-8 where they are kept: a lone surrogate becomes U+FFFD. No key
// is empty. A prefix is no folder: "a/1" begins "a/10" too, and "" begins all keys.

/** One key as it stands. */
export interface StoreEntry {
  readonly key: string;
  /** UTF-8. What is no UTF-8 reads as text with U+FFFD in it, and is nobody's lease. */
  readonly value: string;
  /** Of the store, when the key was made; when it was last written. */
  readonly createRevision: bigint;
  readonly modRevision: bigint;
  /** The lease that takes the key along; null for a key that stays. */
  readonly leaseId: string | null;
}

export interface StoreListing {
  /** In the order of their keys' bytes. */
  readonly entries: readonly StoreEntry[];
  /** Of the store at the time: a watch that misses nothing begins at the next one. */
  readonly revision: bigint;
}

/** What became of a write that had a condition. */
export type StoreOutcome =
  | { readonly done: true; readonly revision: bigint }
  /** The condition did not hold, and nothing was written: what stands there instead. */
  | { readonly done: false; readonly entry: StoreEntry | null };

export type StoreEvent =
  | { readonly kind: "put"; readonly entry: StoreEntry }
  /** Deleted, or its lease ran out: the value is gone, too. */
  | { readonly kind: "delete"; readonly key: string; readonly modRevision: bigint };

/** Events of one revision or several, in order. No events: a sign of life. */
export interface StoreBatch {
  /** All up to it has been seen: who begins again begins at the next one. */
  readonly revision: bigint;
  readonly events: readonly StoreEvent[];
}

export interface StoreLease {
  readonly id: string;
  /** What was granted, seconds: perhaps more than the wish. */
  readonly ttlS: number;
}

/**
 * Why a store did not do it.
 * - `Unavailable`: nobody answers, or not for now: the call may have been done or not.
 * - `Compacted`: a watch asked for revisions that are forgotten, or that the store will only reach
 *   later, since it is not the one that it was; list again.
 * - `Denied`: user, password, certificate, or the rights of a file.
 * - `LeaseGone`: the lease that a write names does not exist.
 * - `Refused`: what was asked can never be done, as an empty key; nothing was.
 * - `Corrupt`: what the store holds is not a store of ours.
 * - `Closed`: by `close`.
 */
export type StoreErrorCode =
  | "Unavailable"
  | "Compacted"
  | "Denied"
  | "LeaseGone"
  | "Refused"
  | "Corrupt"
  | "Closed";

/** What a store could not do, and why. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Every method throws StoreError, and nothing else, when the store could not do it. */
export interface Store {
  /** The key, or null; `revision` is the store's. */
  get(key: string): Promise<{ entry: StoreEntry | null; revision: bigint }>;

  /** All keys that begin with `prefix`, at one revision. */
  list(prefix: string): Promise<StoreListing>;

  /** Writes whatever stands there. A lease of null: the key stays until it is deleted. */
  put(key: string, value: string, leaseId: string | null): Promise<{ revision: bigint }>;

  /** Writes when the key does not exist. Whether the lease exists is asked after that. */
  create(key: string, value: string, leaseId: string | null): Promise<StoreOutcome>;

  /** Writes when the key was last written at `modRevision`. */
  replace(
    key: string,
    value: string,
    leaseId: string | null,
    modRevision: bigint,
  ): Promise<StoreOutcome>;

  /**
   * Deletes when the key was last written at `modRevision`, or, with null, whenever it was. A key
   * that is not there: not done, entry null.
   */
  remove(key: string, modRevision: bigint | null): Promise<StoreOutcome>;

  /** A lease of `ttlS` whole seconds, 1 or more. */
  grantLease(ttlS: number): Promise<StoreLease>;

  /** Whole seconds that a lease has left; null when it is gone. */
  leaseTtl(leaseId: string): Promise<number | null>;

  /** Ends a lease and deletes its keys. One that is gone is no error. */
  revokeLease(leaseId: string): Promise<void>;

  /**
   * What happens to keys that begin with `prefix`, from `revision` on, 1 or more, without a gap.
   * The first batch is empty, and says that the watch stands. Ends when the signal aborts; throws
   * StoreError `Compacted` when the beginning is forgotten, and `Unavailable` when the watch is
   * lost: who watches begins again behind the last batch.
   */
  watch(prefix: string, revision: bigint, signal: AbortSignal): AsyncIterable<StoreBatch>;

  /** Ends all watches, and calls under way, with `Closed`. What was granted stays. */
  close(): Promise<void>;
}
