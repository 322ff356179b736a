// More headers built the slow way, beside packet.ts: tags, segments, group messages and options.
import { type Address, addressBytes, internetChecksum, join } from "./packet.ts";

function word(value: number): Uint8Array {
  return Uint8Array.of((value >> 8) & 0xff, value & 0xff);
}

function long(value: number): Uint8Array {
  return join(word(Math.floor(value / 0x10000)), word(value & 0xffff));
}

export interface VlanFields {
  /** 0 to 4095. */
  vid: number;
  /** 0 to 7. */
  priority?: number;
  dropEligible?: boolean;
  /** Of what follows. */
  etherType: number;
}

/** What stands behind the tag's own EtherType, 0x8100 (IEEE 802.1Q, clause 9.6). */
export function vlan(fields: VlanFields, payload: Uint8Array): Uint8Array {
  const { vid, priority = 0, dropEligible = false, etherType } = fields;
  return join(word(priority * 8192 + (dropEligible ? 4096 : 0) + vid), word(etherType), payload);
}

export interface TcpFields {
  srcPort: number;
  dstPort: number;
  sequence?: number;
  acknowledgment?: number;
  /** The low nine bits, NS in front of CWR; the reserved three are zero. */
  flags?: number;
  window?: number;
  urgentPointer?: number;
  /** A multiple of four bytes. */
  options?: Uint8Array;
  /** In words; absent to count the options. */
  dataOffset?: number;
  /** Absent to have it computed over `pseudo`. */
  checksum?: number;
  pseudo: { src: Address; dst: Address };
}

/** A segment (RFC 9293, section 3.1). */
export function tcp(fields: TcpFields, payload: Uint8Array): Uint8Array {
  const { options = new Uint8Array(), flags = 0 } = fields;
  const dataOffset = fields.dataOffset ?? 5 + options.length / 4;
  const bytes = join(
    ...[word(fields.srcPort), word(fields.dstPort)],
    ...[long(fields.sequence ?? 0), long(fields.acknowledgment ?? 0)],
    ...[word(dataOffset * 4096 + flags), word(fields.window ?? 0xffff)],
    ...[word(0), word(fields.urgentPointer ?? 0)],
    options,
    payload,
  );
  const checksum = fields.checksum ?? transportChecksum(fields.pseudo, 6, bytes);
  bytes.set(word(checksum), 16);
  return bytes;
}

/** Over the pseudo-header too (RFC 9293, section 3.1; RFC 768). */
export function transportChecksum(
  { src, dst }: { src: Address; dst: Address },
  protocol: number,
  bytes: Uint8Array,
): number {
  const ends = join(addressBytes(src), addressBytes(dst));
  const pseudo = join(ends, Uint8Array.of(0, protocol), word(bytes.length));
  return internetChecksum(join(pseudo, bytes));
}

export interface IgmpFields {
  /** 0x11 query, 0x12 and 0x16 report, 0x17 leave, 0x22 version 3 report. */
  type: number;
  /** The second byte: most time to answer, in tenths of a second. */
  maxResponse?: number;
  group: Address;
  checksum?: number;
}

/** A message of eight bytes (RFC 2236, section 2), and what version 3 adds (RFC 3376). */
export function igmp(fields: IgmpFields, behind: Uint8Array = new Uint8Array()): Uint8Array {
  const head = Uint8Array.of(fields.type, fields.maxResponse ?? 0);
  const bytes = join(head, word(0), addressBytes(fields.group), behind);
  bytes.set(word(fields.checksum ?? internetChecksum(bytes)), 2);
  return bytes;
}

/** An option of IPv4 or TCP with a length byte: both bytes are counted in it. */
export function option(kind: number, data: Uint8Array): Uint8Array {
  return join(Uint8Array.of(kind, data.length + 2), data);
}

/** A list of options, ended and filled up to a multiple of four bytes with zeros. */
export function optionList(...options: readonly Uint8Array[]): Uint8Array {
  const list = join(...options);
  return join(list, new Uint8Array((4 - (list.length % 4)) % 4));
}
