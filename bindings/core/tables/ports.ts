import {
  anyOf,
  byte,
  field,
  index,
  ipv4,
  mac,
  type NameOf,
  NONE,
  oneOf,
  orNone,
  readOnly,
  short,
  u8,
  u8x6,
  u16,
  u32,
  vni,
  whole,
  word,
} from "../field.ts";
import { PortAt, PortFlag, PortKind, TosMode } from "../layout.ts";
import { RecordLayout } from "../record.ts";
import { IndexedTable } from "./indexed.ts";
import type { Room } from "./room.ts";

export type PortKindName = NameOf<typeof PortKind>;
export type PortFlagName = NameOf<typeof PortFlag>;
export type TosModeName = NameOf<typeof TosMode>;

/** Where packets enter or leave. Whatever is left out is null, empty or zero. */
export interface PortInit {
  readonly index: number;
  readonly kind: PortKindName;
  /** The bridge or VNI it belongs to. */
  readonly domain?: number | null;
  /** Its own; inner frames from it are refused. A router has one at each port with frames. */
  readonly mac?: string | null;
  /** Its own address, and how long the prefix of its subnet is. */
  readonly ipv4?: string | null;
  readonly prefixLen?: number;
  /** The longest IP packet in bytes; 0 means 65535. */
  readonly mtu?: number;
  readonly flags?: readonly PortFlagName[];
  readonly vni?: number;
  /** Most MACs learned here; 0 means no limit. */
  readonly learnLimit?: number;
  /** The outer source of frames. */
  readonly localIpv4?: string | null;
  readonly udpPort?: number;
  /** Of outer headers; 0 means 64. */
  readonly ttl?: number;
  readonly tosMode?: TosModeName;
  readonly tos?: number;
}

export interface Port extends Required<PortInit> {
  /** MACs learned here now. */
  readonly learned: number;
}

export const portLayout: RecordLayout<PortInit, Port> = new RecordLayout(
  { name: "ports", len: PortAt.End },
  {
    index: field(u16(PortAt.Index), index),
    kind: field(u16(PortAt.Kind), oneOf(PortKind)),
    domain: field(u16(PortAt.Domain), orNone(index, NONE), null),
    mac: field(u8x6(PortAt.Mac), orNone(mac, 0), null),
    ipv4: field(u32(PortAt.Ipv4), orNone(ipv4, 0), null),
    prefixLen: field(u8(PortAt.PrefixLen), whole(32), 0),
    mtu: field(u32(PortAt.Mtu), word, 0),
    flags: field(u32(PortAt.Flags), anyOf(PortFlag), []),
    vni: field(u32(PortAt.Vni), vni, 0),
    learnLimit: field(u32(PortAt.LearnLimit), word, 0),
    localIpv4: field(u32(PortAt.LocalIpv4), orNone(ipv4, 0), null),
    udpPort: field(u16(PortAt.UdpPort), short, 0),
    ttl: field(u8(PortAt.Ttl), byte, 0),
    tosMode: field(u8(PortAt.TosMode), oneOf(TosMode), "fixed"),
    tos: field(u8(PortAt.Tos), byte, 0),
    learned: readOnly(u32(PortAt.Learned), word),
  },
);

/** By index. A port that anything names cannot be removed: `Busy`. */
export class Ports extends IndexedTable<PortInit, Port> {
  constructor(room: Room) {
    const { port_set, port_get, port_remove, port_next } = room.exports;
    super(room, portLayout, { set: port_set, get: port_get, remove: port_remove, next: port_next });
  }
}
