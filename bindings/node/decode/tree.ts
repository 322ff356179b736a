// A decoded packet for people: a line for each layer with its fields below it. What lies in a
// tunnel or in the quote of an ICMP error stands further in.
import type { DecodedLayer } from "../../core/index.ts";
import type { CapturedInterface } from "../../lab/index.ts";
import { type Findings, printError } from "./findings.ts";
import { nameOf } from "./names.ts";
import type { Specimen } from "./source.ts";
import { printDate } from "./time.ts";

const DUMP_ROW_LEN = 16;
const DUMP_ROWS_MAX = 4;
const INVISIBLE = /\p{C}/gu;

/** Fields that people read in hex, and how many digits they have. */
const HEX_DIGITS: Readonly<Record<string, number>> = {
  checksum: 4,
  etherType: 4,
  id: 4,
  reservedFlags: 4,
  rest: 8,
  tos: 2,
  unused: 8,
};

/** Lines, and an empty one behind them. */
export function treeOf({ specimen, layers, error }: Findings): string {
  const lines = [headOf(specimen)];
  for (const comment of specimen.comments) lines.push(`  comment: ${visible(comment)}`);
  for (const layer of layers) lines.push(...linesOf(layer));
  if (error !== undefined) lines.push(`  broken: ${printError(error)}`);
  return `${lines.join("\n")}\n\n`;
}

function headOf(specimen: Specimen): string {
  const { bytes, direction, index, originalLen, timeNs, interface: place } = specimen;
  const parts = [`packet ${index}: ${originalLen} bytes`];
  if (bytes.length !== originalLen) parts.push(`${bytes.length} of them captured`);
  if (timeNs !== null) parts.push(printDate(timeNs));
  if (place !== null) parts.push(placeOf(place));
  if (direction !== undefined) parts.push(direction);
  return parts.join(", ");
}

function placeOf({ index, name }: CapturedInterface): string {
  return name === undefined ? `interface ${index}` : visible(name);
}

/** Text from a file, with nothing in it that a terminal would obey. */
function visible(words: string): string {
  return words.replace(INVISIBLE, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`);
}

function linesOf({ layer, depth, offset, headerLen, len, status, fields }: DecodedLayer): string[] {
  const indent = "  ".repeat(depth + 1);
  const bytes = "data" in fields ? len : headerLen;
  const note = status === undefined ? "" : `: ${status}`;
  const head = `${indent}${layer}, ${bytes} bytes at ${offset}${note}`;
  return [head, ...fieldLines(layer, fields).map((line) => `${indent}    ${line}`)];
}

function fieldLines(layer: string, fields: object): string[] {
  const set: string[] = []; // flags
  const lines: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (name === "data") lines.push(...dumpOf(value));
    else if (value === true) set.push(name);
    else if (value !== false && value !== "")
      lines.push(`${name}: ${printValue(layer, name, value)}`);
  }
  return set.length === 0 ? lines : [...lines, `set: ${set.join(", ")}`];
}

function printValue(layer: string, name: string, value: unknown): string {
  if (typeof value !== "number") return String(value);
  const digits = HEX_DIGITS[name];
  const text = digits === undefined ? String(value) : hex(value, digits);
  const meaning = nameOf(layer, name, value);
  return meaning === undefined ? text : `${text} (${meaning})`;
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}

/** The first rows of hex digits, with offsets, and how many bytes were left out. */
function dumpOf(digits: string): string[] {
  const rowDigits = DUMP_ROW_LEN * 2;
  const rows: string[] = [];
  for (let at = 0; at < digits.length && rows.length < DUMP_ROWS_MAX; at += rowDigits) {
    const pairs = digits.slice(at, at + rowDigits).match(/../g) ?? [];
    rows.push(`${(at / 2).toString(16).padStart(4, "0")}  ${pairs.join(" ")}`);
  }
  const left = digits.length / 2 - DUMP_ROWS_MAX * DUMP_ROW_LEN;
  return left > 0 ? [...rows, `and ${left} bytes more`] : rows;
}
