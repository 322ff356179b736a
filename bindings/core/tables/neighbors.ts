import {
  field,
  index,
  ipv4,
  mac,
  type NameOf,
  oneOf,
  orNone,
  readOnly,
  short,
  u8,
  u8x6,
  u8x16,
  u16,
} from "../field.ts";
import { NeighborAt, NeighborState } from "../layout.ts";
import { RecordLayout } from "../record.ts";
import { BulkTable, checkTime, type OneOrMany } from "./bulk.ts";
import { lookupBulk } from "./lookup.ts";
import type { Room } from "./room.ts";

export type NeighborStateName = NameOf<typeof NeighborState>;

/** Which MAC answers for an address on the link of a port. */
export interface NeighborInit {
  readonly port: number;
  readonly address: string;
  readonly mac: string;
  /** Left out: permanent. */
  readonly state?: Extract<NeighborStateName, "reachable" | "permanent" | "stale">;
}

/** What the table says: what was set, or what ARP found out, or has not yet. */
export interface Neighbor extends Pick<NeighborInit, "port" | "address"> {
  /** null in the states incomplete and failed. */
  readonly mac: string | null;
  readonly state: NeighborStateName;
  /** Seconds since it was set or confirmed, or came into one of the states that do not last. */
  readonly ageS: number;
}

export type NeighborKey = Pick<Neighbor, "port" | "address">;

export const neighborLayout: RecordLayout<NeighborInit, Neighbor> = new RecordLayout(
  { name: "neighbors", len: NeighborAt.End, familyAt: NeighborAt.Family },
  {
    port: field(u16(NeighborAt.Port), index),
    address: field(u8x16(NeighborAt.Address), ipv4),
    mac: field(u8x6(NeighborAt.Mac), { ...orNone(mac, 0), parse: mac.parse }),
    state: field(u8(NeighborAt.State), oneOf(NeighborState), "permanent"),
    ageS: readOnly(u16(NeighborAt.AgeS), short),
  },
);

/** What ARP finds out, or an operator knows. */
export class Neighbors extends BulkTable<NeighborInit, Neighbor, NeighborKey> {
  constructor(room: Room) {
    super(room, neighborLayout, neighborLayout.key("port", "address"), NeighborAt.Status);
  }

  /** Makes or replaces entries. */
  set(entries: OneOrMany<NeighborInit>, nowMs: number): void {
    const { exports, address } = this.room;
    checkTime(nowMs);
    this.setAll(entries, (ptr, count) => exports.neighbor_set(address, ptr, count, nowMs));
  }

  /** Returns how many were there. */
  remove(keys: OneOrMany<NeighborKey>): number {
    const { exports, address } = this.room;
    return this.removeAll(keys, (ptr, count) => exports.neighbor_remove(address, ptr, count));
  }

  /** An entry, whether it has a MAC or not. */
  get(key: NeighborKey, nowMs: number): Neighbor | undefined {
    const { exports, address } = this.room;
    checkTime(nowMs);
    return this.getOne(key, (ptr) => exports.neighbor_get(address, ptr, nowMs));
  }

  /** For each key `port << 32 | address` the MAC as the core keeps it, or all ones. */
  lookupBulk(keys: BigUint64Array, nowMs: number): BigUint64Array {
    const { exports, address } = this.room;
    checkTime(nowMs);
    const macs = new BigUint64Array(keys.length);
    lookupBulk(this.room, keys, macs, (from, to, count) =>
      exports.neighbor_lookup_bulk(address, from, to, count, nowMs),
    );
    return macs;
  }

  [Symbol.iterator](): Iterator<Neighbor> {
    const { exports, address } = this.room;
    return this.walk((cursor, ptr) => exports.neighbor_next(address, cursor, ptr));
  }
}
