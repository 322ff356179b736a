// A store that remembers all that ever happened, and works out from it what stands.

export interface ModelEntry {
  readonly key: string;
  readonly value: string;
  readonly createRevision: bigint;
  readonly modRevision: bigint;
  readonly leaseId: string | null;
}

export type ModelEvent =
  | { readonly kind: "put"; readonly entry: ModelEntry }
  | { readonly kind: "delete"; readonly key: string; readonly modRevision: bigint };

/** What a store answers, or the code of the error that it throws. */
export type ModelAnswer = unknown;

export class ModelStore {
  readonly events: ModelEvent[] = [];
  readonly leases: Map<string, { ttlS: number; endMs: number }> = new Map();
  revision = 1n;
  compacted = 0n;
  granted = 0;

  entries(): ModelEntry[] {
    const found = new Map<string, ModelEntry>();
    for (const event of this.events) {
      if (event.kind === "put") found.set(event.entry.key, event.entry);
      else found.delete(event.key);
    }
    return [...found.values()].sort((a, b) => {
      return Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
    });
  }

  entry(key: string): ModelEntry | null {
    return this.entries().find((entry) => entry.key === wellFormed(key)) ?? null;
  }

  get(key: string): { entry: ModelEntry | null; revision: bigint } {
    return { entry: this.entry(key), revision: this.revision };
  }

  list(prefix: string): ModelAnswer {
    const start = wellFormed(prefix);
    const entries = this.entries().filter(({ key }) => key.startsWith(start));
    return { entries, revision: this.revision };
  }

  put(key: string, value: string, leaseId: string | null): ModelAnswer {
    if (leaseId !== null && !this.leases.has(leaseId)) return "LeaseGone";
    const before = this.entry(key);
    this.revision += 1n;
    const entry = {
      key: wellFormed(key),
      value: wellFormed(value),
      createRevision: before?.createRevision ?? this.revision,
      modRevision: this.revision,
      leaseId,
    };
    this.events.push({ kind: "put", entry });
    return { revision: this.revision };
  }

  create(key: string, value: string, leaseId: string | null): ModelAnswer {
    const entry = this.entry(key);
    return entry === null ? done(this.put(key, value, leaseId)) : { done: false, entry };
  }

  replace(key: string, value: string, leaseId: string | null, modRevision: bigint): ModelAnswer {
    const entry = this.entry(key);
    const isAt = entry !== null && entry.modRevision === modRevision;
    return isAt ? done(this.put(key, value, leaseId)) : { done: false, entry };
  }

  remove(key: string, modRevision: bigint | null): ModelAnswer {
    const entry = this.entry(key);
    const isAt = entry !== null && (modRevision === null || entry.modRevision === modRevision);
    if (!isAt) return { done: false, entry };
    this.delete([entry.key]);
    return { done: true, revision: this.revision };
  }

  grant(ttlS: number, nowMs: number): ModelAnswer {
    this.granted += 1;
    const id = String(this.granted);
    this.leases.set(id, { ttlS, endMs: nowMs + ttlS * 1000 });
    return { id, ttlS };
  }

  ttl(leaseId: string, nowMs: number): ModelAnswer {
    const lease = this.leases.get(leaseId);
    return lease === undefined ? null : Math.floor((lease.endMs - nowMs) / 1000);
  }

  revoke(leaseId: string): void {
    const lost = this.entries().filter((entry) => entry.leaseId === leaseId);
    if (this.leases.delete(leaseId)) this.delete(lost.map(({ key }) => key));
  }

  expire(nowMs: number): void {
    const over = [...this.leases].filter(([, { endMs }]) => endMs <= nowMs);
    for (const [id] of over) this.revoke(id);
  }

  compact(revision: bigint): void {
    if (revision > this.compacted && revision <= this.revision) this.compacted = revision;
  }

  since(prefix: string, revision: bigint): ModelAnswer {
    if (revision <= this.compacted || revision > this.revision + 1n) return "Compacted";
    if (revision > this.revision) return null;
    const start = wellFormed(prefix);
    const events = this.events.filter((event) => {
      const { key, modRevision } = event.kind === "put" ? event.entry : event;
      return modRevision >= revision && key.startsWith(start);
    });
    return { revision: this.revision, events };
  }

  delete(keys: readonly string[]): void {
    if (keys.length === 0) return;
    this.revision += 1n;
    for (const key of keys) this.events.push({ kind: "delete", key, modRevision: this.revision });
  }
}

function done(answer: ModelAnswer): ModelAnswer {
  return typeof answer === "string" ? answer : { done: true, ...(answer as object) };
}

function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}
