// Leases out of what the store holds, where anybody may have written anything. What is no lease is
// told once for each time that it was written.
import { HeddleError } from "../../core/status.ts";
import { parseSubnetKey } from "../key.ts";
import type { Lease } from "../lease.ts";
import type { Log } from "../log.ts";
import type { StoreEntry } from "../store.ts";
import { parseLeaseAttrs } from "../value.ts";

const TOLD_MAX = 4096;

/** A key that names a subnet; what it says may be nonsense, but the subnet is somebody's. */
export interface Claim {
  readonly entry: StoreEntry;
  readonly subnet: string;
  readonly ipv6Subnet: string | null;
  readonly lease: Lease | null;
}

export class LeaseReader {
  readonly #log: Log;
  /** The revision of each key at which it was told; the oldest are forgotten. */
  readonly #told = new Map<string, bigint>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Null for a key that names no subnet. */
  claim(entry: StoreEntry): Claim | null {
    const place = this.#judge(entry, () => parseSubnetKey(entry.key));
    if (place === null) return null;
    const attrs = this.#judge(entry, () => parseLeaseAttrs(entry.value));
    const { key, modRevision, leaseId } = entry;
    return { entry, ...place, lease: attrs && { key, ...place, attrs, modRevision, leaseId } };
  }

  /** All that name a subnet. */
  claims(entries: readonly StoreEntry[]): Claim[] {
    return entries.flatMap((entry) => this.claim(entry) ?? []);
  }

  /** Null for what is no lease. */
  lease(entry: StoreEntry): Lease | null {
    return this.claim(entry)?.lease ?? null;
  }

  #judge<T>(entry: StoreEntry, parse: () => T): T | null {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof HeddleError)) throw error;
      this.#tell(entry, error.message);
      return null;
    }
  }

  #tell({ key, modRevision }: StoreEntry, reason: string): void {
    if (this.#told.get(key) === modRevision) return;
    this.#told.delete(key);
    this.#told.set(key, modRevision);
    if (this.#told.size > TOLD_MAX) this.#told.delete(this.#told.keys().next().value ?? key);
    this.#log("warn", "no lease: skipped", { key, revision: modRevision, reason });
  }
}
