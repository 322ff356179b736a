import { field, index, orNone, u16, u32, vni, word } from "../field.ts";
import { DomainAt } from "../layout.ts";
import { RecordLayout } from "../record.ts";
import { IndexedTable } from "./indexed.ts";
import type { Room } from "./room.ts";

/** One broadcast domain: a bridge, or the segment that a VNI names. */
export interface DomainInit {
  readonly index: number;
  /** null, or left out, for a bridge. */
  readonly vni?: number | null;
  /** Seconds that a learned MAC is believed, at most 134217728; 0, or left out, for ever. */
  readonly ageS?: number;
}

export interface Domain extends Required<DomainInit> {}

const NO_VNI = 0xffffffff;

export const domainLayout: RecordLayout<DomainInit, Domain> = new RecordLayout(
  { name: "domains", len: DomainAt.End },
  {
    index: field(u16(DomainAt.Index), index),
    vni: field(u32(DomainAt.Vni), orNone(vni, NO_VNI), null),
    ageS: field(u32(DomainAt.AgeS), word, 0),
  },
);

/** By index, VNIs once each. */
export class Domains extends IndexedTable<DomainInit, Domain> {
  constructor(room: Room) {
    const {
      domain_set: set,
      domain_get: get,
      domain_remove: remove,
      domain_next: next,
    } = room.exports;
    super(room, domainLayout, { set, get, remove, next });
  }
}
