import {
  anyOf,
  field,
  index,
  indexOrAny,
  ipv4,
  type NameOf,
  NONE,
  oneOf,
  orNone,
  readOnly,
  u8x16,
  u16,
  u32,
  word,
} from "../field.ts";
import { HopAt, HopFlag, HopKind } from "../layout.ts";
import { RecordLayout } from "../record.ts";
import { IndexedTable } from "./indexed.ts";
import type { Room } from "./room.ts";

export type HopKindName = NameOf<typeof HopKind>;
export type HopFlagName = NameOf<typeof HopFlag>;

/** What routes lead to; routes share it. */
export interface HopInit {
  /** null, or left out: a free one. */
  readonly index?: number | null;
  readonly kind: HopKindName;
  readonly gateway?: string | null;
  /** Where it goes out. */
  readonly port?: number | null;
  readonly remote?: number | null;
  /** 0, or left out: the port's. */
  readonly mtu?: number;
  readonly flags?: readonly HopFlagName[];
}

export interface Hop extends Required<HopInit> {
  readonly index: number;
  /** Routes that use it. */
  readonly users: number;
}

export const hopLayout: RecordLayout<HopInit, Hop> = new RecordLayout(
  { name: "hops", len: HopAt.End, familyAt: HopAt.Family },
  {
    index: field(u16(HopAt.Index), indexOrAny, null),
    kind: field(u16(HopAt.Kind), oneOf(HopKind)),
    gateway: field(u8x16(HopAt.Gateway), orNone(ipv4, 0), null),
    port: field(u16(HopAt.Port), orNone(index, NONE), null),
    remote: field(u16(HopAt.Remote), orNone(index, NONE), null),
    mtu: field(u32(HopAt.Mtu), word, 0),
    flags: field(u16(HopAt.Flags), anyOf(HopFlag), []),
    users: readOnly(u32(HopAt.Users), word),
  },
);

/** By index. A hop that routes use cannot be removed: `Busy`. */
export class Hops extends IndexedTable<HopInit, Hop> {
  constructor(room: Room) {
    const { hop_set: set, hop_get: get, hop_remove: remove, hop_next: next } = room.exports;
    super(room, hopLayout, { set, get, remove, next });
  }
}
