import { parseMac } from "../address.ts";
import {
  anyOf,
  field,
  index,
  mac,
  type NameOf,
  NONE,
  orNone,
  readOnly,
  u8x6,
  u16,
  u32,
  word,
} from "../field.ts";
import { FdbAt, FdbFlag } from "../layout.ts";
import { RecordLayout } from "../record.ts";
import { accept } from "../status.ts";
import { BulkTable, checkTime, type OneOrMany } from "./bulk.ts";
import { lookupBulk } from "./lookup.ts";
import type { Room } from "./room.ts";

export type FdbFlagName = NameOf<typeof FdbFlag>;

/** Behind which port, and remote, a MAC lives. */
export interface FdbInit {
  readonly domain: number;
  readonly mac: string;
  readonly port: number;
  readonly remote?: number | null;
  /** None: as if it were learned. */
  readonly flags?: readonly FdbFlagName[];
}

export interface FdbEntry extends Required<FdbInit> {
  /** Seconds of `nowMs` when it was last set or learned. */
  readonly seenS: number;
}

export type FdbKey = Pick<FdbEntry, "domain" | "mac">;

/** What to forget; what is left out is any. */
export interface FdbChoice {
  readonly domain?: number | null;
  readonly port?: number | null;
  readonly remote?: number | null;
  /** Static and permanent entries as well. */
  readonly flags?: readonly Extract<FdbFlagName, "static">[];
}

const form = { name: "fdb", len: FdbAt.End };

export const fdbLayout: RecordLayout<FdbInit, FdbEntry> = new RecordLayout(form, {
  domain: field(u16(FdbAt.Domain), index),
  mac: field(u8x6(FdbAt.Mac), mac),
  port: field(u16(FdbAt.Port), index),
  remote: field(u16(FdbAt.Remote), orNone(index, NONE), null),
  flags: field(u16(FdbAt.Flags), anyOf(FdbFlag), []),
  seenS: readOnly(u32(FdbAt.SeenS), word),
});

const choiceLayout: RecordLayout<FdbChoice, Required<FdbChoice>> = new RecordLayout(form, {
  domain: field(u16(FdbAt.Domain), orNone(index, NONE), null),
  port: field(u16(FdbAt.Port), orNone(index, NONE), null),
  remote: field(u16(FdbAt.Remote), orNone(index, NONE), null),
  flags: field(u16(FdbAt.Flags), anyOf({ Static: FdbFlag.Static }), []),
});

/** A key of `lookupBulk`. */
export function fdbKey(domain: number, station: string): bigint {
  return (BigInt(parseMac(station)) << 16n) | BigInt(index.parse(domain, "fdb.domain"));
}

/** Stations by domain and MAC. */
export class Fdb extends BulkTable<FdbInit, FdbEntry, FdbKey> {
  constructor(room: Room) {
    super(room, fdbLayout, fdbLayout.key("domain", "mac"), FdbAt.Status);
  }

  /** Makes or replaces entries. */
  set(entries: OneOrMany<FdbInit>, nowMs: number): void {
    const { exports, address } = this.room;
    checkTime(nowMs);
    this.setAll(entries, (ptr, count) => exports.fdb_set(address, ptr, count, nowMs));
  }

  /** Returns how many were there. */
  remove(keys: OneOrMany<FdbKey>): number {
    const { exports, address } = this.room;
    return this.removeAll(keys, (ptr, count) => exports.fdb_remove(address, ptr, count));
  }

  /** An entry that is still believed. */
  get(key: FdbKey, nowMs: number): FdbEntry | undefined {
    const { exports, address } = this.room;
    checkTime(nowMs);
    return this.getOne(key, (ptr) => exports.fdb_get(address, ptr, nowMs));
  }

  /** For each key `port | remote << 16`, or 0xffffffff. See fdbKey. */
  lookupBulk(keys: BigUint64Array, nowMs: number): Uint32Array {
    const { exports, address } = this.room;
    checkTime(nowMs);
    const places = new Uint32Array(keys.length);
    lookupBulk(this.room, keys, places, (from, to, count) =>
      exports.fdb_lookup_bulk(address, from, to, count, nowMs),
    );
    return places;
  }

  /** Removes expired entries; looks at `budget` buckets and goes on there the next time. */
  age(budget: number, nowMs: number): number {
    const { exports, address } = this.room;
    word.parse(budget, "fdb.age: budget");
    return accept(exports.fdb_age(address, budget, checkTime(nowMs)), budget, "fdb: a budget");
  }

  /** Forgets what `choice` names. Returns how many entries that was. */
  flush(choice: FdbChoice = {}): number {
    const { address, bytes, exports, records } = this.room;
    bytes.set(choiceLayout.encodeOne(choice), records);
    return accept(exports.fdb_flush(address, records), choice, "fdb: a choice");
  }

  [Symbol.iterator](): Iterator<FdbEntry> {
    const { exports, address } = this.room;
    return this.walk((cursor, ptr) => exports.fdb_next(address, cursor, ptr));
  }
}
