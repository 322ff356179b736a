// The classic format (draft-ietf-opsawg-pcap): one header, then records without a gap.
//
//   +-------------------------------+      +-------------------------------+
//   |            magic              |      |            seconds            |
//   | major version | minor version |      |   micro- or nanoseconds       |
//   |           reserved            |      |      bytes that follow        |
//   |           reserved            |      |      bytes on the wire        |
//   |     most bytes of a packet    |      +-------------------------------+
//   | FCS |           |  link type  |
//   +-------------------------------+
//
// The magic says in which order all bytes lie, and what the second word of a record counts.

import { viewOf } from "../packet/bytes.ts";
import { CaptureError } from "./error.ts";
import type { Input } from "./input.ts";
import { type CapturedInterface, linkTypeOf, PACKET_LEN_MAX, type Uncounted } from "./packet.ts";

const HEADER_LEN = 24;
const VERSION_MAJOR_AT = 4;
const VERSION_MINOR_AT = 6;
const SNAP_LEN_AT = 16;
const LINK_AT = 20;

const RECORD_LEN = 16;
const FRACTION_AT = 4;
const CAPTURED_LEN_AT = 8;
const ORIGINAL_LEN_AT = 12;

const VERSION = "2.4";
const NS_PER_S = 1_000_000_000n;

interface Form {
  readonly isLittle: boolean;
  readonly unitNs: bigint;
}

/** By the magic as a big-endian number. */
const FORMS: ReadonlyMap<number, Form> = new Map([
  [0xa1b2c3d4, { isLittle: false, unitNs: 1000n }],
  [0xd4c3b2a1, { isLittle: true, unitNs: 1000n }],
  [0xa1b23c4d, { isLittle: false, unitNs: 1n }],
  [0x4d3cb2a1, { isLittle: true, unitNs: 1n }],
]);

export function isPcap(magic: number): boolean {
  return FORMS.has(magic);
}

/** Requires: the input begins with a magic that `isPcap` knows. Throws CaptureError. */
export function* parsePcap(input: Input): Generator<Uncounted | undefined, void> {
  const header = viewOf(yield* input.take(HEADER_LEN, "the header of a pcap file"));
  const form = FORMS.get(header.getUint32(0)) as Form;
  const place = interfaceOf(header, form.isLittle);
  while (yield* input.hasMore()) {
    const at = input.at;
    const record = viewOf(yield* input.take(RECORD_LEN, "the header of a packet"));
    const read = (field: number): number => record.getUint32(field, form.isLittle);
    const timeNs = BigInt(read(0)) * NS_PER_S + BigInt(read(FRACTION_AT)) * form.unitNs;
    const originalLen = read(ORIGINAL_LEN_AT);
    const len = read(CAPTURED_LEN_AT);
    if (len > PACKET_LEN_MAX) {
      const expected = `at most ${PACKET_LEN_MAX} bytes`;
      throw new CaptureError(at + CAPTURED_LEN_AT, `a packet of ${len} bytes`, expected);
    }
    const bytes = (yield* input.take(len, "a packet")).slice();
    yield { interface: place, timeNs, bytes, originalLen, comments: [] };
  }
}

function interfaceOf(header: DataView, isLittle: boolean): CapturedInterface {
  const major = header.getUint16(VERSION_MAJOR_AT, isLittle);
  const minor = header.getUint16(VERSION_MINOR_AT, isLittle);
  if (`${major}.${minor}` !== VERSION) {
    throw new CaptureError(VERSION_MAJOR_AT, `version ${major}.${minor}`, `version ${VERSION}`);
  }
  const linkNumber = header.getUint32(LINK_AT, isLittle) & 0xffff;
  const snapLen = header.getUint32(SNAP_LEN_AT, isLittle);
  return { index: 0, linkType: linkTypeOf(linkNumber), linkNumber, snapLen };
}
