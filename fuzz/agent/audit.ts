// Whoever looks over the store's shoulder: no node's lease is ever written over by another node.
import {
  type MemoryStore,
  parseLeaseAttrs,
  type StoreEntry,
  StoreError,
} from "../../bindings/agent/index.ts";

export interface AuditInit {
  readonly store: MemoryStore;
  readonly prefix: string;
  /** Whether somebody wrote the key by hand just now. */
  isByHand(key: string): boolean;
  onFault(fault: string): void;
}

/** Watches for as long as the store's clock goes on; what is compacted at once, it misses. */
export async function audit(init: AuditInit): Promise<void> {
  for (;;) {
    const { entries, revision } = await init.store.list(init.prefix);
    try {
      await watch(init, new Map(entries.map((entry) => [entry.key, entry])), revision + 1n);
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== "Compacted") throw error;
    }
  }
}

async function watch(
  { store, prefix, isByHand, onFault }: AuditInit,
  before: Map<string, StoreEntry>,
  from: bigint,
): Promise<void> {
  for await (const { events } of store.watch(prefix, from, new AbortController().signal)) {
    for (const event of events) {
      if (event.kind === "delete") continue;
      const { entry } = event;
      const last = before.get(entry.key);
      before.set(entry.key, entry);
      if (last?.createRevision !== entry.createRevision || isByHand(entry.key)) continue;
      if (ownerOf(last) === ownerOf(entry)) continue;
      onFault(`written over: ${entry.key} of ${ownerOf(last)} by ${ownerOf(entry)}`);
    }
  }
}

function ownerOf({ value }: StoreEntry): string {
  try {
    return parseLeaseAttrs(value).publicIp;
  } catch {
    return "";
  }
}
