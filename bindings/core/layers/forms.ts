// How each header lies: one list of fields for reading and for writing.
import { type Field, field, ipv4, mac, u8x6, vni } from "../field.ts";
import type { LayerName } from "./fields.ts";
import { bits, flag, inPlace, number, octets, some } from "./places.ts";

/** The fields of a header by name, in its order. */
export type FieldMap = Readonly<Record<string, Field<unknown>>>;

/** A header. */
export interface Form {
  /** Bytes in front of options or data. */
  readonly len: number;
  readonly fields: FieldMap;
  /** The fields that depend on what the others say. */
  readonly more?: (view: DataView, ptr: number) => FieldMap;
  /** What every header of this kind begins with. */
  readonly constant?: readonly number[];
  /** What bytes of any number, behind all fields, are called. */
  readonly tail?: "options" | "data";
}

const address = (at: number): Field<string> => field(bits(at, 4, 0xffffffff), ipv4);
const station = (at: number): Field<string> => field(u8x6(at), mac);

const DATA: Form = { len: 0, fields: {}, tail: "data" };

const TYPE_AT = 0;
const CODE_AT = 1;

const ECHOES = [0, 8];
const FRAGMENTATION_NEEDED = 0x0304;
const REDIRECT = 5;
const PARAMETER_PROBLEM = 12;
const OTHER_ERRORS = [3, 4, 11];
const IGMP_REPORT_V3 = 0x22;

const VXLAN_FLAGS = 0x8848; // G, I, D and A

/** The forms by name. A field that `encode` finds out by itself is zero until then. */
export const FORMS: Readonly<Record<LayerName, Form>> = {
  ethernet: { len: 14, fields: { dst: station(0), src: station(6), etherType: number(12, 2, 0) } },
  vlan: {
    len: 4,
    fields: {
      pcp: some(0, 2, 0xe000, 0),
      dropEligible: flag(0, 2, 0x1000),
      vid: some(0, 2, 0x0fff),
      etherType: number(2, 2, 0),
    },
  },
  arp: {
    len: 28,
    constant: [0, 1, 8, 0, 6, 4],
    fields: {
      operation: number(6, 2),
      senderMac: station(8),
      senderAddress: address(14),
      targetMac: station(18),
      targetAddress: address(24),
    },
  },
  ipv4: {
    len: 20,
    fields: {
      version: some(0, 1, 0xf0, 4),
      ihl: some(0, 1, 0x0f, 0),
      tos: number(1, 1, 0),
      totalLength: number(2, 2, 0),
      id: number(4, 2, 0),
      reserved: flag(6, 2, 0x8000),
      dontFragment: flag(6, 2, 0x4000),
      moreFragments: flag(6, 2, 0x2000),
      fragmentOffset: field(bits(6, 2, 0x1fff), octets, 0),
      ttl: number(8, 1, 64),
      protocol: number(9, 1, 0),
      checksum: number(10, 2, 0),
      src: address(12),
      dst: address(16),
    },
    tail: "options",
  },
  icmp: {
    len: 8,
    fields: { type: number(TYPE_AT, 1), code: number(CODE_AT, 1, 0), checksum: number(2, 2, 0) },
    more: icmpRest,
  },
  igmp: {
    len: 8,
    fields: { type: number(TYPE_AT, 1), checksum: number(2, 2, 0) },
    more: igmpRest,
  },
  udp: {
    len: 8,
    fields: {
      srcPort: number(0, 2),
      dstPort: number(2, 2),
      length: number(4, 2, 0),
      checksum: number(6, 2, 0),
    },
  },
  tcp: {
    len: 20,
    fields: {
      srcPort: number(0, 2),
      dstPort: number(2, 2),
      sequence: number(4, 4, 0),
      acknowledgment: number(8, 4, 0),
      dataOffset: some(12, 2, 0xf000, 0),
      reserved: some(12, 2, 0x0e00, 0),
      ns: flag(12, 2, 0x0100),
      cwr: flag(12, 2, 0x0080),
      ece: flag(12, 2, 0x0040),
      urg: flag(12, 2, 0x0020),
      ack: flag(12, 2, 0x0010),
      psh: flag(12, 2, 0x0008),
      rst: flag(12, 2, 0x0004),
      syn: flag(12, 2, 0x0002),
      fin: flag(12, 2, 0x0001),
      window: number(14, 2, 0),
      checksum: number(16, 2, 0),
      urgentPointer: number(18, 2, 0),
    },
    tail: "options",
  },
  vxlan: {
    len: 8,
    fields: {
      validVni: flag(0, 2, 0x0800, true),
      policy: flag(0, 2, 0x8000),
      dontLearn: flag(0, 2, 0x0040),
      policyApplied: flag(0, 2, 0x0008),
      policyId: number(2, 2, 0),
      vni: field(bits(4, 4, 0xffffff00), vni),
      reservedFlags: inPlace(0, 2, 0xffff ^ VXLAN_FLAGS),
      reserved: number(7, 1, 0),
    },
  },
  payload: DATA,
  padding: DATA,
};

function icmpRest(view: DataView, ptr: number): FieldMap {
  const type = view.getUint8(ptr + TYPE_AT);
  if (ECHOES.includes(type)) return { id: number(4, 2, 0), sequence: number(6, 2, 0) };
  if (view.getUint16(ptr + TYPE_AT) === FRAGMENTATION_NEEDED) {
    return { unused: number(4, 2, 0), nextHopMtu: number(6, 2, 0) };
  }
  if (type === REDIRECT) return { gateway: address(4) };
  if (type === PARAMETER_PROBLEM) {
    return { pointer: number(4, 1, 0), unused: some(4, 4, 0x00ffffff, 0) };
  }
  return OTHER_ERRORS.includes(type) ? { unused: number(4, 4, 0) } : { rest: number(4, 4, 0) };
}

function igmpRest(view: DataView, ptr: number): FieldMap {
  if (view.getUint8(ptr + TYPE_AT) !== IGMP_REPORT_V3) {
    return { maxRespTime: number(1, 1, 0), group: address(4) };
  }
  return { reserved: number(1, 1, 0), flags: number(4, 2, 0), groupRecords: number(6, 2, 0) };
}
