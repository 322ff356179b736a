// Bytes as hex digits, in pairs: what one half prints, the other half parses.
import { HeddleError } from "./status.ts";

const HEX = /^[0-9a-f]*$/i;
const DIGITS: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);

/** Bytes as hex digits, two each, in lower case. Pair: parseHex. */
export function printHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += DIGITS[byte];
  return text;
}

/** The bytes of hex digits, two each, with nothing in between. Pair: printHex. */
export function parseHex(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 2 !== 0 || !HEX.test(text)) {
    throw new HeddleError("BadValue", text, "hex digits, two for each byte");
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = Number.parseInt(text.slice(at * 2, at * 2 + 2), 16);
  }
  return bytes;
}
