// The descriptor of one packet as a plain object.
import {
  anyOf,
  byName,
  byte,
  field,
  i16,
  index,
  ipv4,
  type NameOf,
  NONE,
  named,
  orNone,
  short,
  u8,
  u16,
  u32,
  vni,
  word,
} from "./field.ts";
import { DescAt, DescFlag, Status, Verdict } from "./layout.ts";
import { RecordLayout } from "./record.ts";
import type { StatusName } from "./status.ts";

export type DescFlagName = NameOf<typeof DescFlag>;

/** What became of a packet: alive, done for the reason above, or dropped for a status. */
export type VerdictName = "alive" | NameOf<typeof Verdict> | StatusName;

/** One packet. Whatever is left out is null, empty or zero. */
export interface DescInit {
  /** The address of the first byte; with `gather` of the first piece. */
  readonly ptr?: number;
  /** Bytes; with `gather` the number of pieces. */
  readonly len?: number;
  /** Where it came in, or goes out; once it is waiting, where it would go out. */
  readonly port?: number | null;
  readonly flags?: readonly DescFlagName[];
  readonly verdict?: VerdictName;
  readonly remote?: number | null;
  /**
   * The address of the other VTEP. Of a packet that is waiting, the next hop; of ARP that was
   * heard, the sender: what waits for it may be pushed again, with the port that it came in by.
   */
  readonly peer?: string | null;
  readonly vni?: number;
  readonly gsoSize?: number;
  readonly csumStart?: number;
  readonly csumOffset?: number;
  readonly gsoType?: number;
  /** The outer DS field. */
  readonly tos?: number;
  /** Low byte of the flow hash. */
  readonly lane?: number;
}

export interface Desc extends Required<DescInit> {}

const verdicts = new Map<VerdictName, number>([
  ["alive", 0],
  ...byName(Verdict),
  ...(Object.entries(Status) as [StatusName, number][]).filter(([, value]) => value < 0),
]);

export const descLayout: RecordLayout<DescInit, Desc> = new RecordLayout(
  { name: "desc", len: DescAt.End },
  {
    ptr: field(u32(DescAt.Ptr), word, 0),
    len: field(u32(DescAt.Len), word, 0),
    port: field(u16(DescAt.Port), orNone(index, NONE), null),
    flags: field(u16(DescAt.Flags), anyOf(DescFlag), []),
    verdict: field(i16(DescAt.Verdict), named(verdicts), "alive"),
    remote: field(u16(DescAt.Remote), orNone(index, NONE), null),
    peer: field(u32(DescAt.Peer), orNone(ipv4, 0), null),
    vni: field(u32(DescAt.Vni), vni, 0),
    gsoSize: field(u16(DescAt.GsoSize), short, 0),
    csumStart: field(u16(DescAt.CsumStart), short, 0),
    csumOffset: field(u8(DescAt.CsumOffset), byte, 0),
    gsoType: field(u8(DescAt.GsoType), byte, 0),
    tos: field(u8(DescAt.Tos), byte, 0),
    lane: field(u8(DescAt.Lane), byte, 0),
  },
);
