// pcapng (draft-ietf-opsawg-pcapng): sections, each with its own byte order and interfaces, and
// packets that name an interface of their section.
import {
  type Block,
  blocksOf,
  ENHANCED_PACKET,
  INTERFACE,
  OBSOLETE_PACKET,
  SECTION,
} from "./block.ts";
import { type Clock, clockOf, timeNsOf } from "./clock.ts";
import { CaptureError } from "./error.ts";
import type { Input } from "./input.ts";
import { expectLen, optionsOf, textOf } from "./options.ts";
import { type CapturedInterface, linkTypeOf, PACKET_LEN_MAX, type Uncounted } from "./packet.ts";

/** Where the fixed fields of a block lie, from its type on. */
const SECTION_AT = { version: 12 } as const;
const INTERFACE_AT = { link: 8, snapLen: 12, options: 16 } as const;
const ENHANCED_AT = { place: 8, high: 12, low: 16, len: 20, originalLen: 24, bytes: 28 } as const;
const SIMPLE_AT = { originalLen: 8, bytes: 12 } as const;

const OPTION_COMMENT = 1;
const OPTION_NAME = 2; // of an interface
const OPTION_DESCRIPTION = 3; // of an interface
const OPTION_TIME_RESOLUTION = 9; // of an interface
const OPTION_TIME_OFFSET = 14; // of an interface
const OPTION_FLAGS = 2; // of a packet

const VERSION_MAJOR = 1;
const INTERFACES_MAX = 1 << 16; // of a section
const DIRECTION_MASK = 3;
const DIRECTIONS = [undefined, "in", "out", undefined] as const;

/** An interface, and what its packets count time by. */
interface Place {
  readonly interface: CapturedInterface;
  readonly clock: Clock;
}

/** Requires: the input begins with a section. Throws CaptureError. */
export function* parsePcapng(input: Input): Generator<Uncounted | undefined, void> {
  let places: Place[] = [];
  let count = 0; // of the interfaces in all sections
  for (const block of blocksOf(input)) {
    if (block === undefined) yield undefined;
    else if (block.type === SECTION) {
      expectVersion(block);
      places = [];
    } else if (block.type === INTERFACE) {
      if (places.length === INTERFACES_MAX) throw tooMany(block);
      places.push(placeOf(block, count++));
    } else yield packetOf(block, places);
  }
}

function expectVersion({ at, view, isLittle }: Block): void {
  const major = view.getUint16(SECTION_AT.version, isLittle);
  if (major === VERSION_MAJOR) return;
  throw new CaptureError(at + SECTION_AT.version, `version ${major}`, `version ${VERSION_MAJOR}`);
}

function tooMany({ at }: Block): CaptureError {
  return new CaptureError(at, "one interface more", `at most ${INTERFACES_MAX} in a section`);
}

function placeOf({ at, view, isLittle }: Block, index: number): Place {
  const linkNumber = view.getUint16(INTERFACE_AT.link, isLittle);
  const snapLen = view.getUint32(INTERFACE_AT.snapLen, isLittle);
  const texts: { name?: string; description?: string } = {};
  let resolution: number | undefined;
  let offsetS: bigint | undefined;
  for (const option of optionsOf(view, INTERFACE_AT.options, at, isLittle)) {
    if (option.code === OPTION_NAME) texts.name = textOf(option);
    if (option.code === OPTION_DESCRIPTION) texts.description = textOf(option);
    if (option.code === OPTION_TIME_RESOLUTION) {
      expectLen(option, 1);
      resolution = option.value.getUint8(0);
    }
    if (option.code === OPTION_TIME_OFFSET) {
      expectLen(option, 8);
      offsetS = option.value.getBigInt64(0, isLittle);
    }
  }
  const linkType = linkTypeOf(linkNumber);
  const place = { index, linkType, linkNumber, snapLen, ...texts };
  return { interface: place, clock: clockOf(resolution, offsetS) };
}

function packetOf(block: Block, places: readonly Place[]): Uncounted {
  const { type, view, isLittle } = block;
  if (type === ENHANCED_PACKET) {
    return timedPacket(block, placeAt(block, view.getUint32(ENHANCED_AT.place, isLittle), places));
  }
  if (type === OBSOLETE_PACKET) {
    // the same but for the first word: interface and drops
    return timedPacket(block, placeAt(block, view.getUint16(ENHANCED_AT.place, isLittle), places));
  }
  return simplePacket(block, placeAt(block, 0, places));
}

function placeAt({ at }: Block, index: number, places: readonly Place[]): Place {
  const place = places[index];
  if (place !== undefined) return place;
  const expected = `one of the ${places.length} interfaces of the section`;
  throw new CaptureError(at + ENHANCED_AT.place, `a packet of interface ${index}`, expected);
}

function timedPacket(block: Block, place: Place): Uncounted {
  const { at, view, isLittle } = block;
  const read = (field: number): number => view.getUint32(field, isLittle);
  const len = read(ENHANCED_AT.len);
  expectPacketLen(at + ENHANCED_AT.len, len, view.byteLength - ENHANCED_AT.bytes);
  const comments: string[] = [];
  let direction: "in" | "out" | undefined;
  const optionsAt = ENHANCED_AT.bytes + ((len + 3) & ~3);
  for (const option of optionsOf(view, optionsAt, at, isLittle)) {
    if (option.code === OPTION_COMMENT) comments.push(textOf(option));
    if (option.code === OPTION_FLAGS) {
      expectLen(option, 4);
      direction = DIRECTIONS[option.value.getUint32(0, isLittle) & DIRECTION_MASK];
    }
  }
  return {
    interface: place.interface,
    timeNs: timeNsOf(place.clock, read(ENHANCED_AT.high), read(ENHANCED_AT.low)),
    bytes: copyOf(view, ENHANCED_AT.bytes, len),
    originalLen: read(ENHANCED_AT.originalLen),
    ...(direction && { direction }),
    comments,
  };
}

/** It has no time and no length of its own: the interface's limit says how much was kept. */
function simplePacket({ at, view, isLittle }: Block, place: Place): Uncounted {
  const originalLen = view.getUint32(SIMPLE_AT.originalLen, isLittle);
  const { snapLen } = place.interface;
  const len = snapLen === 0 ? originalLen : Math.min(snapLen, originalLen);
  expectPacketLen(at + SIMPLE_AT.originalLen, len, view.byteLength - SIMPLE_AT.bytes);
  const bytes = copyOf(view, SIMPLE_AT.bytes, len);
  return { interface: place.interface, timeNs: null, bytes, originalLen, comments: [] };
}

function expectPacketLen(at: number, len: number, room: number): void {
  const most = Math.min(room, PACKET_LEN_MAX);
  if (len > most) throw new CaptureError(at, `a packet of ${len} bytes`, `at most ${most} bytes`);
}

function copyOf(view: DataView, from: number, len: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + from, len).slice();
}
