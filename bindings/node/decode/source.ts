// What `heddle decode` is to take apart: a capture in a file or on standard input, or one packet in
// hex digits. A file of that name comes first.
import { createReadStream, existsSync } from "node:fs";
import { HeddleError, parseHex } from "../../core/index.ts";
import { type CapturedInterface, type LinkType, readCaptureStream } from "../../lab/index.ts";

/** A packet, and what is known of where and when it was seen. */
export interface Specimen {
  readonly index: number;
  /** Null for a packet in hex. */
  readonly interface: CapturedInterface | null;
  /** What it begins with; null for what is neither. */
  readonly linkType: LinkType | null;
  readonly timeNs: bigint | null;
  readonly bytes: Uint8Array;
  readonly originalLen: number;
  readonly direction?: "in" | "out";
  readonly comments: readonly string[];
}

const STANDARD_INPUT = "-";
const HEX = /^(0x)?[0-9a-f\s:]+$/i;
const SEPARATORS = /[\s:]+/;

/** What `input` is called in a complaint. */
export function nameOf(input: string): string {
  if (isHex(input)) return "hex";
  return input === STANDARD_INPUT ? "standard input" : input;
}

/** True for hex digits, also for a wrong number of them, unless a file is called so. */
export function isHex(input: string): boolean {
  return HEX.test(input) && !existsSync(input);
}

/** The packets of a capture. Throws CaptureError where it breaks, Error where it cannot be read. */
export async function* specimensOf(input: string): AsyncGenerator<Specimen, void> {
  const source = input === STANDARD_INPUT ? process.stdin : createReadStream(input);
  for await (const packet of readCaptureStream(source)) {
    yield { ...packet, linkType: packet.interface.linkType };
  }
}

/** A packet in hex digits, with blanks or colons between bytes. Throws HeddleError. */
export function specimenOf(input: string, linkType: LinkType): Specimen {
  const groups = input.trim().replace(/^0x/i, "").split(SEPARATORS);
  const odd = groups.find((group) => group.length % 2 !== 0);
  if (odd !== undefined) {
    const found = `${odd.length} hex digits in a row`;
    throw new HeddleError("BadValue", found, "an even number, two for each byte");
  }
  const bytes = parseHex(groups.join(""));
  const originalLen = bytes.length;
  return { index: 0, interface: null, linkType, timeNs: null, bytes, originalLen, comments: [] };
}
