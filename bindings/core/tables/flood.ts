import { field, index, NONE, orNone, u16 } from "../field.ts";
import { FloodAt } from "../layout.ts";
import { RecordLayout } from "../record.ts";
import { BulkTable, type OneOrMany } from "./bulk.ts";
import type { Room } from "./room.ts";

/** One who gets what has no FDB entry. */
export interface FloodInit {
  readonly domain: number;
  readonly port: number;
  readonly remote?: number | null;
}

export interface FloodEntry extends Required<FloodInit> {}

export const floodLayout: RecordLayout<FloodInit, FloodEntry> = new RecordLayout(
  { name: "flood", len: FloodAt.End },
  {
    domain: field(u16(FloodAt.Domain), index),
    port: field(u16(FloodAt.Port), index),
    remote: field(u16(FloodAt.Remote), orNone(index, NONE), null),
  },
);

/** By domain, each in the order of setting. */
export class Flood extends BulkTable<FloodInit, FloodEntry, FloodInit> {
  constructor(room: Room) {
    super(room, floodLayout, floodLayout, FloodAt.Status);
  }

  /** Adds entries; one that is there already stays where it is. */
  set(entries: OneOrMany<FloodInit>): void {
    const { exports, address } = this.room;
    this.setAll(entries, (ptr, count) => exports.flood_set(address, ptr, count));
  }

  /** Returns how many were there. */
  remove(entries: OneOrMany<FloodInit>): number {
    const { exports, address } = this.room;
    return this.removeAll(entries, (ptr, count) => exports.flood_remove(address, ptr, count));
  }

  [Symbol.iterator](): Iterator<FloodEntry> {
    const { exports, address } = this.room;
    return this.walk((cursor, ptr) => exports.flood_next(address, cursor, ptr));
  }
}
