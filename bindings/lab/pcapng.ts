// A writer of captures that Wireshark opens: pcapng (draft-ietf-opsawg-pcapng), one section, little
// endian, times in nanoseconds. Every block has the same frame around it:
//
//   +-------------------------------+
//   |          block type           |
//   |       total length, bytes     |   a multiple of four
//   |             body              |   fixed fields, then options
//   |   total length, once more     |
//   +-------------------------------+
//
// An option is a code, a length and a value, padded to four bytes; code zero ends the list.

/** What the first byte of a packet belongs to: an Ethernet header or an IP header. */
export type LinkType = "ethernet" | "ip";

/** A place where packets are seen. */
export interface CaptureInterface {
  readonly name: string;
  readonly linkType: LinkType;
  readonly description?: string;
}

/** A packet as somebody saw it. */
export interface CapturePacket {
  /** What `addInterface` returned. */
  readonly interface: number;
  /** Nanoseconds since 1970, or since the lab began. */
  readonly timeNs: bigint;
  readonly bytes: Uint8Array;
  /** Bytes on the wire, when more than were captured. */
  readonly originalLen?: number;
  /** As the owner of the interface sees it. */
  readonly direction?: "in" | "out";
  readonly comment?: string;
}

/** What the file says about itself. */
export interface CaptureSection {
  readonly application?: string;
  readonly comment?: string;
}

const BLOCK_SECTION = 0x0a0d0d0a;
const BLOCK_INTERFACE = 1;
const BLOCK_PACKET = 6;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const LINK_NUMBER: Record<LinkType, number> = { ethernet: 1, ip: 101 };

const OPTION_END = 0;
const OPTION_COMMENT = 1;
const OPTION_APPLICATION = 4; // of a section
const OPTION_NAME = 2; // of an interface
const OPTION_DESCRIPTION = 3; // of an interface
const OPTION_TIME_RESOLUTION = 9; // of an interface
const OPTION_FLAGS = 2; // of a packet
const NANOSECONDS = Uint8Array.of(9); // ten to the minus nine
const DIRECTION_BITS = { in: 1, out: 2 } as const;

/** Hands each block to `write`, whole and in a buffer of its own, as soon as it is known. */
export class PcapngWriter {
  readonly #write: (chunk: Uint8Array) => void;
  #interfaceCount = 0;

  constructor(write: (chunk: Uint8Array) => void, section: CaptureSection = {}) {
    this.#write = write;
    write(sectionBlock(section));
  }

  /** Returns the number that packets name this interface by. */
  addInterface(place: CaptureInterface): number {
    this.#write(interfaceBlock(place));
    return this.#interfaceCount++;
  }

  /** Throws RangeError for an interface that was not added. */
  addPacket(packet: CapturePacket): void {
    if (!(packet.interface >= 0 && packet.interface < this.#interfaceCount)) {
      throw new RangeError(`no interface ${packet.interface}, only ${this.#interfaceCount}`);
    }
    this.#write(packetBlock(packet));
  }
}

function sectionBlock(section: CaptureSection): Uint8Array {
  const fixed = new DataView(new ArrayBuffer(16));
  fixed.setUint32(0, BYTE_ORDER_MAGIC, true);
  fixed.setUint16(4, 1, true); // version 1.0
  fixed.setBigInt64(8, -1n, true); // the length of a stream is not known
  return block(BLOCK_SECTION, [bytesOf(fixed)], {
    [OPTION_COMMENT]: text(section.comment),
    [OPTION_APPLICATION]: text(section.application ?? "heddle"),
  });
}

function interfaceBlock(place: CaptureInterface): Uint8Array {
  const fixed = new DataView(new ArrayBuffer(8)); // the last four: no limit of length
  fixed.setUint16(0, LINK_NUMBER[place.linkType], true);
  return block(BLOCK_INTERFACE, [bytesOf(fixed)], {
    [OPTION_NAME]: text(place.name),
    [OPTION_DESCRIPTION]: text(place.description),
    [OPTION_TIME_RESOLUTION]: NANOSECONDS,
  });
}

function packetBlock(packet: CapturePacket): Uint8Array {
  const { bytes, timeNs, direction } = packet;
  const fixed = new DataView(new ArrayBuffer(20));
  fixed.setUint32(0, packet.interface, true);
  fixed.setUint32(4, Number((timeNs >> 32n) & 0xffffffffn), true);
  fixed.setUint32(8, Number(timeNs & 0xffffffffn), true);
  fixed.setUint32(12, bytes.length, true);
  fixed.setUint32(16, packet.originalLen ?? bytes.length, true);
  return block(BLOCK_PACKET, [bytesOf(fixed), bytes], {
    [OPTION_COMMENT]: text(packet.comment),
    [OPTION_FLAGS]: direction && Uint8Array.of(DIRECTION_BITS[direction], 0, 0, 0),
  });
}

/** Options are written in the order of their codes. */
type Options = Record<number, Uint8Array | undefined>;

function block(type: number, parts: readonly Uint8Array[], options: Options): Uint8Array {
  const fields = [...parts, ...optionFields(options)];
  const totalLen = fields.reduce((len, field) => len + padded(field.length), 12);
  const bytes = new Uint8Array(totalLen);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, totalLen, true);
  let at = 8;
  for (const field of fields) {
    bytes.set(field, at);
    at += padded(field.length);
  }
  view.setUint32(at, totalLen, true);
  return bytes;
}

function optionFields(options: Options): Uint8Array[] {
  const fields = Object.entries(options).flatMap(([code, value]) =>
    value ? [optionHead(Number(code), value.length), value] : [],
  );
  return fields.length ? [...fields, optionHead(OPTION_END, 0)] : [];
}

function optionHead(code: number, len: number): Uint8Array {
  const head = new DataView(new ArrayBuffer(4));
  head.setUint16(0, code, true);
  head.setUint16(2, len, true);
  return bytesOf(head);
}

function text(words: string | undefined): Uint8Array | undefined {
  return words ? new TextEncoder().encode(words) : undefined;
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer);
}

function padded(len: number): number {
  return (len + 3) & ~3;
}
