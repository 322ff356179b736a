// A journal is text: a first line that names it, and then lines of a checksum and JSON.
//
//   heddle-store 1
//   5f3c9a1b {"kind":"changes","changes":[{"kind":"delete","key":"/a"}]}
//
// A line is what one append writes, and its line feed comes last: without it, the line was never
// written in full. JSON has neither line feeds nor NUL, so a NUL says so, too: it is what a file
// system leaves behind where the power went before the bytes came.
import { crc32 } from "node:zlib";

export const FIRST_LINE = "heddle-store 1\n";

/** A line that is there in full. */
export interface JournalLine {
  readonly json: unknown;
  /** Where it begins and where it ends. */
  readonly at: number;
  readonly end: number;
}

/** What is no line of ours, though nobody died writing it. */
export class BrokenLine extends Error {
  readonly at: number;

  constructor(at: number, what: string) {
    super(what);
    this.at = at;
  }
}

const LINE_FEED = 10;
const NUL = 0;
const SUM_LEN = 8;
const JSON_AT = SUM_LEN + 1;

/** A line for JSON text. */
export function printLine(json: string): string {
  return `${sumOf(Buffer.from(json))} ${json}\n`;
}

/**
 * The lines of `bytes`, which lie at `base` of the file and go to its end. What was not written in
 * full is at the end, and left out. Throws BrokenLine.
 */
export function* readLines(bytes: Buffer, base: number): Generator<JournalLine> {
  let at = 0;
  while (at < bytes.length) {
    const feed = bytes.indexOf(LINE_FEED, at);
    if (feed < 0) return;
    const line = bytes.subarray(at, feed);
    const isLast = feed + 1 === bytes.length;
    if (isLast && line.includes(NUL)) return;
    yield { json: parse(line, base + at), at: base + at, end: base + feed + 1 };
    at = feed + 1;
  }
}

/** Whether a file begins as ours do; if not, it is one that was never begun. Throws BrokenLine. */
export function hasFirstLine(bytes: Buffer): boolean {
  const [first = ""] = bytes.subarray(0, FIRST_LINE.length).toString("latin1").split("\0", 1);
  if (first === FIRST_LINE) return true;
  const isEmpty = bytes.subarray(first.length).every((byte) => byte === NUL);
  if (FIRST_LINE.startsWith(first) && isEmpty) return false;
  throw new BrokenLine(0, "no store of heddle");
}

function parse(line: Buffer, at: number): unknown {
  const text = line.subarray(JSON_AT);
  if (line.subarray(0, JSON_AT).toString("latin1") !== `${sumOf(text)} `) {
    throw new BrokenLine(at, "the checksum does not hold");
  }
  try {
    return JSON.parse(text.toString());
  } catch {
    throw new BrokenLine(at, "no JSON");
  }
}

function sumOf(bytes: Buffer): string {
  return crc32(bytes).toString(16).padStart(SUM_LEN, "0");
}
