// etcd 3 as a store, over gRPC. Conditions are transactions, and all else is one call each.
import type { Log } from "../../../agent/log.ts";
import {
  type Store,
  type StoreBatch,
  type StoreEntry,
  StoreError,
  type StoreLease,
  type StoreListing,
  type StoreOutcome,
} from "../../../agent/store.ts";
import { checkEntry, checkStart, checkTtl } from "../../../agent/store-limit.ts";
import { Caller } from "./etcd/caller.ts";
import { type EtcdFiles, isSecure } from "./etcd/credentials.ts";
import { Dialer } from "./etcd/dialer.ts";
import { ENDPOINTS_DEFAULT, type Endpoint, parseEndpoints } from "./etcd/endpoint.ts";
import { entryOf, isLeaseId, printLease, rangeOf } from "./etcd/entry.ts";
import type { Compare, Operation, PutRequest, RangeResponse } from "./etcd/schema.ts";
import { watchBatches } from "./etcd/watch.ts";

export interface EtcdStoreOptions extends EtcdFiles {
  /** URLs with commas between; flannel's default where left out. */
  readonly endpoints?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** How long a call waits for its answer. */
  readonly timeoutMs?: number | undefined;
  readonly log?: Log | undefined;
}

const TIMEOUT_MS = 5000;

/** etcd 3 as a store. */
export class EtcdStore implements Store {
  readonly #caller: Caller;
  readonly #closing: AbortController;

  private constructor(caller: Caller, closing: AbortController) {
    this.#caller = caller;
    this.#closing = closing;
  }

  /**
   * Does not wait for etcd: it may come later. Throws RangeError for endpoints that are none, and
   * for half a key pair or half a login.
   */
  static open(options: EtcdStoreOptions = {}): EtcdStore {
    const { username, password, timeoutMs = TIMEOUT_MS } = options;
    const endpoints = parseEndpoints(options.endpoints || ENDPOINTS_DEFAULT);
    checkPair("a certificate", options.certFile, "its key", options.keyFile);
    checkPair("a user", username, "a password", password);
    warn(endpoints, options);
    const closing = new AbortController();
    const dialer = new Dialer(endpoints, options, closing.signal);
    const user = username === undefined ? null : { username, password: password ?? "" };
    return new EtcdStore(new Caller(dialer, user, timeoutMs, closing.signal), closing);
  }

  async get(key: string): Promise<{ entry: StoreEntry | null; revision: bigint }> {
    checkEntry(key, "");
    const range = await this.#caller.call("range", { key: Buffer.from(key) });
    return { entry: firstOf(range), revision: BigInt(range.header.revision) };
  }

  async list(prefix: string): Promise<StoreListing> {
    const { kvs, header } = await this.#caller.call("range", rangeOf(prefix));
    return { entries: kvs.map(entryOf), revision: BigInt(header.revision) };
  }

  async put(key: string, value: string, leaseId: string | null): Promise<{ revision: bigint }> {
    checkEntry(key, value);
    const { header } = await this.#caller.call("put", putOf(key, value, leaseId));
    return { revision: BigInt(header.revision) };
  }

  create(key: string, value: string, leaseId: string | null): Promise<StoreOutcome> {
    return this.#write(key, value, leaseId, [isMissing(key)]);
  }

  replace(
    key: string,
    value: string,
    leaseId: string | null,
    modRevision: bigint,
  ): Promise<StoreOutcome> {
    return this.#write(key, value, leaseId, [isThere(key), isAt(key, modRevision)]);
  }

  async remove(key: string, modRevision: bigint | null): Promise<StoreOutcome> {
    checkEntry(key, "");
    const at = modRevision === null ? [] : [isAt(key, modRevision)];
    return this.#attempt(key, [isThere(key), ...at], { deleteRange: { key: Buffer.from(key) } });
  }

  async grantLease(ttlS: number): Promise<StoreLease> {
    checkTtl(ttlS);
    const { ID, TTL } = await this.#caller.call("grant", { TTL: `${ttlS}` });
    return { id: ID, ttlS: Number(TTL) };
  }

  async leaseTtl(leaseId: string): Promise<number | null> {
    this.#closing.signal.throwIfAborted();
    if (!isLeaseId(leaseId)) return null;
    const { TTL } = await this.#caller.call("timeToLive", { ID: leaseId });
    return Number(TTL) < 0 ? null : Number(TTL);
  }

  async revokeLease(leaseId: string): Promise<void> {
    this.#closing.signal.throwIfAborted();
    if (!isLeaseId(leaseId)) return;
    try {
      await this.#caller.call("revoke", { ID: leaseId });
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== "LeaseGone") throw error;
    }
  }

  async *watch(
    prefix: string,
    revision: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<StoreBatch, void, undefined> {
    if (signal.aborted) return;
    checkStart(revision);
    const closing = this.#closing.signal;
    yield* watchBatches(this.#caller, { prefix, revision, signal, closing });
  }

  async close(): Promise<void> {
    this.#closing.abort(new StoreError("Closed", "the store is closed"));
  }

  async #write(
    key: string,
    value: string,
    leaseId: string | null,
    compare: readonly Compare[],
  ): Promise<StoreOutcome> {
    checkEntry(key, value);
    return this.#attempt(key, compare, { put: putOf(key, value, leaseId) });
  }

  async #attempt(
    key: string,
    compare: readonly Compare[],
    operation: Operation,
  ): Promise<StoreOutcome> {
    const failure = [{ range: { key: Buffer.from(key) } }];
    const request = { compare, success: [operation], failure };
    const { header, succeeded, responses } = await this.#caller.call("txn", request);
    if (succeeded) return { done: true, revision: BigInt(header.revision) };
    return { done: false, entry: firstOf(responses[0]?.range) };
  }
}

function isMissing(key: string): Compare {
  return { key: Buffer.from(key), target: "VERSION", result: "EQUAL", version: "0" };
}

function isThere(key: string): Compare {
  return { key: Buffer.from(key), target: "VERSION", result: "GREATER", version: "0" };
}

function isAt(key: string, revision: bigint): Compare {
  return { key: Buffer.from(key), target: "MOD", result: "EQUAL", modRevision: `${revision}` };
}

function firstOf(range: RangeResponse | null | undefined): StoreEntry | null {
  const [first] = range?.kvs ?? [];
  return first === undefined ? null : entryOf(first);
}

function putOf(key: string, value: string, leaseId: string | null): PutRequest {
  return { key: Buffer.from(key), value: Buffer.from(value), lease: printLease(leaseId) };
}

function checkPair(
  first: string,
  hasFirst: string | undefined,
  second: string,
  hasSecond: string | undefined,
): void {
  if ((hasFirst === undefined) === (hasSecond === undefined)) return;
  const [there, missing] = hasFirst === undefined ? [second, first] : [first, second];
  throw new RangeError(`etcd: ${there} without ${missing}: expected both, or neither`);
}

// Plain text is what flannel does with such options, and what nobody who gives them means.
function warn(endpoints: readonly Endpoint[], { log, ...options }: EtcdStoreOptions): void {
  const plain = endpoints.filter((endpoint) => !isSecure(endpoint, options));
  if (plain.length === 0) return;
  const fields = { endpoints: plain.map(({ text }) => text) };
  if (options.caFile !== undefined || options.certFile !== undefined) {
    log?.("warn", "connections to etcd are not encrypted in spite of certificates", fields);
  }
  if (options.username !== undefined) {
    log?.("warn", "the password for etcd is sent without encryption", fields);
  }
}
