// What the core's tables hold for peers, as far as the agent knows: from what it put, or from a
// look at the tables.
import type { TableName, TableRecords } from "../../core/index.ts";
import { TUNNEL_PORT } from "../ports.ts";
import { type Key, prefixKey, stationKey } from "./wasm-claim.ts";

export interface HeldRemote {
  /** Of the remote, and of the hop that leads to it. */
  readonly index: number;
  isAllowed: boolean;
  hasHop: boolean;
  /** The peers that claim it. */
  readonly users: Set<string>;
}

interface HeldEntry {
  readonly owner: string;
  /** The remote that it leads to, or "" where that is none of ours. */
  readonly remote: string;
}

/** The owner of what no peer claims. */
export const NOBODY = "";

export class Holdings {
  readonly remotes: Map<string, HeldRemote> = new Map();
  readonly #entries = new Map<Key, HeldEntry>();
  readonly #keysOf = new Map<string, Set<Key>>();

  get(key: Key): HeldEntry | undefined {
    return this.#entries.get(key);
  }

  set(key: Key, entry: HeldEntry): void {
    this.delete(key);
    this.#entries.set(key, entry);
    const keys = this.#keysOf.get(entry.owner);
    if (keys === undefined) this.#keysOf.set(entry.owner, new Set([key]));
    else keys.add(key);
  }

  delete(key: Key): void {
    const owner = this.#entries.get(key)?.owner;
    this.#entries.delete(key);
    if (owner === undefined) return;
    const keys = this.#keysOf.get(owner);
    keys?.delete(key);
    if (keys?.size === 0) this.#keysOf.delete(owner);
  }

  /** What `owner` has. */
  keysOf(owner: string): Key[] {
    return [...(this.#keysOf.get(owner) ?? [])];
  }

  owners(): string[] {
    return [...this.#keysOf.keys()];
  }
}

/** Reads a table, record by record. */
export type List = <Name extends TableName>(table: Name) => AsyncIterable<TableRecords[Name]>;

/** What the tables really hold; `ownerOf` says whose an entry is. */
export async function look(list: List, ownerOf: (key: Key) => string): Promise<Holdings> {
  const held = new Holdings();
  const addresses = new Map<number, string>();
  for await (const { index, address, flags } of list("remotes")) {
    if (flags.includes("learned")) continue;
    const isAllowed = flags.includes("allowed");
    held.remotes.set(address, { index, isAllowed, hasHop: false, users: new Set() });
    addresses.set(index, address);
  }
  for await (const { index, kind, port, remote } of list("hops")) {
    const known = held.remotes.get(addresses.get(index) ?? "");
    if (known && remote === index && kind === "unicast" && port === TUNNEL_PORT) {
      known.hasHop = true;
    }
  }
  const saw = (key: Key, index: number | null): void => {
    held.set(key, { owner: ownerOf(key), remote: addresses.get(index ?? -1) ?? "" });
  };
  for await (const { mac, remote, flags } of list("fdb")) {
    if (flags.includes("permanent")) saw(stationKey(mac), remote);
  }
  for await (const { prefix, hop } of list("routes")) saw(prefixKey(prefix), hop);
  return held;
}
