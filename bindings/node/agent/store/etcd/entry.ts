// Keys, values and leases: a store's on one side, etcd's on the other.
import type { StoreEntry } from "../../../../agent/store.ts";
import type { KeyValue } from "./schema.ts";

const NO_LEASE = "0";
/** etcd grants none below zero, and says so of this one. */
const NOBODYS_LEASE = "-1";
const LEASE_SHAPE = /^[1-9]\d{0,18}$/;
const LEASE_MAX = 2n ** 63n - 1n;
/** Begins all keys, and ends a range behind them. */
const ZERO = Buffer.alloc(1);

export function entryOf({ key, value, createRevision, modRevision, lease }: KeyValue): StoreEntry {
  return {
    key: key.toString(),
    value: value.toString(),
    createRevision: BigInt(createRevision),
    modRevision: BigInt(modRevision),
    leaseId: lease === NO_LEASE ? null : lease,
  };
}

/** The range of all keys that begin with `prefix`: up to the first that sorts behind them. */
export function rangeOf(prefix: string): { key: Buffer; rangeEnd: Buffer } {
  if (prefix === "") return { key: ZERO, rangeEnd: ZERO };
  const key = Buffer.from(prefix);
  const rangeEnd = Buffer.from(key);
  // No byte of UTF-8 is 0xff, so the last one has a next.
  rangeEnd[rangeEnd.length - 1] = (rangeEnd.at(-1) ?? 0) + 1;
  return { key, rangeEnd };
}

export function printLease(leaseId: string | null): string {
  if (leaseId === null) return NO_LEASE;
  return isLeaseId(leaseId) ? leaseId : NOBODYS_LEASE;
}

/** Whether etcd can have a lease of that name. */
export function isLeaseId(leaseId: string): boolean {
  return LEASE_SHAPE.test(leaseId) && BigInt(leaseId) <= LEASE_MAX;
}
