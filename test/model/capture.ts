// Captures written the slow way, a field at a time and in either byte order, from the drafts
// (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng) and from nothing of ours.
import { join } from "./packet.ts";

export type Order = "big" | "little";

export function u16(value: number, order: Order): Uint8Array {
  return number(BigInt(value), 2, order);
}

export function u32(value: number, order: Order): Uint8Array {
  return number(BigInt(value), 4, order);
}

/** A number of any width; a negative one as its two's complement. */
export function number(value: bigint, len: number, order: Order): Uint8Array {
  const bytes = Array.from({ length: len }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn));
  return Uint8Array.from(order === "big" ? bytes.reverse() : bytes);
}

export interface PcapPacket {
  readonly seconds: number;
  /** Micro- or nanoseconds, as the magic says. */
  readonly fraction: number;
  readonly bytes: Uint8Array;
  readonly originalLen?: number;
}

export interface PcapFields {
  readonly order: Order;
  readonly magic?: number;
  readonly link: number;
  readonly snapLen?: number;
  readonly major?: number;
  readonly packets: readonly PcapPacket[];
}

export const MICROSECONDS = 0xa1b2c3d4;
export const NANOSECONDS = 0xa1b23c4d;

export function pcap(fields: PcapFields): Uint8Array {
  const { order, packets } = fields;
  const header = join(
    u32(fields.magic ?? MICROSECONDS, order),
    u16(fields.major ?? 2, order),
    u16(4, order),
    new Uint8Array(8),
    u32(fields.snapLen ?? 0x40000, order),
    u32(fields.link, order),
  );
  const records = packets.map(({ seconds, fraction, bytes, originalLen }) =>
    join(
      u32(seconds, order),
      u32(fraction, order),
      u32(bytes.length, order),
      u32(originalLen ?? bytes.length, order),
      bytes,
    ),
  );
  return join(header, ...records);
}

export type Option = readonly [code: number, value: Uint8Array];

export function text(words: string): Uint8Array {
  return new TextEncoder().encode(words);
}

/** A pcapng block; what is in it is padded to whole words. */
export function block(order: Order, type: number, ...body: readonly Uint8Array[]): Uint8Array {
  const inner = join(...body.map(padded));
  const len = u32(inner.length + 12, order);
  return join(u32(type, order), len, inner, len);
}

/** A list of options with its end. */
export function options(order: Order, ...list: readonly Option[]): Uint8Array {
  const each = list.map(([code, value]) =>
    join(u16(code, order), u16(value.length, order), padded(value)),
  );
  return join(...each, ...(list.length > 0 ? [new Uint8Array(4)] : []));
}

export function sectionBlock(order: Order, ...list: readonly Option[]): Uint8Array {
  const version = join(u16(1, order), u16(0, order));
  const magic = u32(0x1a2b3c4d, order);
  const len = number(-1n, 8, order);
  return block(order, 0x0a0d0d0a, join(magic, version, len), options(order, ...list));
}

export interface InterfaceFields {
  readonly link: number;
  readonly snapLen?: number;
}

export function interfaceBlock(
  order: Order,
  { link, snapLen = 0 }: InterfaceFields,
  ...list: readonly Option[]
): Uint8Array {
  const fixed = join(u16(link, order), u16(0, order), u32(snapLen, order));
  return block(order, 1, fixed, options(order, ...list));
}

export interface EnhancedFields {
  readonly interface: number;
  readonly ticks: bigint;
  readonly bytes: Uint8Array;
  readonly originalLen?: number;
}

export function enhancedBlock(
  order: Order,
  fields: EnhancedFields,
  ...list: readonly Option[]
): Uint8Array {
  const place = u32(fields.interface, order);
  return block(order, 6, place, timed(order, fields), fields.bytes, options(order, ...list));
}

/** The packet block of old: drops stand beside a short interface number. */
export function obsoleteBlock(
  order: Order,
  fields: EnhancedFields & { readonly drops: number },
  ...list: readonly Option[]
): Uint8Array {
  const place = join(u16(fields.interface, order), u16(fields.drops, order));
  return block(order, 2, place, timed(order, fields), fields.bytes, options(order, ...list));
}

function timed(order: Order, { ticks, bytes, originalLen }: EnhancedFields): Uint8Array {
  return join(
    u32(Number(ticks >> 32n), order),
    u32(Number(ticks & 0xffffffffn), order),
    u32(bytes.length, order),
    u32(originalLen ?? bytes.length, order),
  );
}

export function simpleBlock(order: Order, originalLen: number, bytes: Uint8Array): Uint8Array {
  return block(order, 3, u32(originalLen, order), bytes);
}

function padded(bytes: Uint8Array): Uint8Array {
  return join(bytes, new Uint8Array((4 - (bytes.length % 4)) % 4));
}
