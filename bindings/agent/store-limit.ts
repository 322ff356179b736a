// What no store takes, so that all refuse it alike.
import { StoreError } from "./store.ts";

/** etcd refuses requests above 1.5 MiB. */
const ENTRY_LEN_MAX = 1 << 20;
/** etcd's, in seconds. */
const TTL_S_MAX = 9_000_000_000;

/** Throws unless a store may hold that. */
export function checkEntry(key: string, value: string): void {
  if (key === "") throw new StoreError("Refused", "a key is not empty");
  const len = key.length + value.length;
  if (len > ENTRY_LEN_MAX) {
    throw new StoreError("Refused", `a key and value of ${len}: at most ${ENTRY_LEN_MAX}`);
  }
}

/** Throws unless a store may grant that. */
export function checkTtl(ttlS: number): void {
  if (Number.isInteger(ttlS) && ttlS >= 1 && ttlS <= TTL_S_MAX) return;
  throw new StoreError("Refused", `a lease of ${ttlS} s: expected 1 to ${TTL_S_MAX}, whole`);
}

/** Throws unless a watch may begin there. */
export function checkStart(revision: bigint): void {
  if (revision >= 1n) return;
  throw new StoreError("Refused", `a watch from ${revision}: expected 1 or more`);
}
