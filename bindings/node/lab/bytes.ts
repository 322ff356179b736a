// Bytes as people read them: sixteen a line, with offsets as in Wireshark.
import { printHex } from "../../core/index.ts";

const LINE_LEN = 16;
const HALF_LEN = 8;

export function bytesText(bytes: Uint8Array): string {
  const lines = [];
  for (let at = 0; at < bytes.length; at += LINE_LEN) {
    const pairs = [...bytes.subarray(at, at + LINE_LEN)].map((byte) =>
      printHex(Uint8Array.of(byte)),
    );
    const halves = [pairs.slice(0, HALF_LEN), pairs.slice(HALF_LEN)].map((half) => half.join(" "));
    lines.push(`      ${at.toString(16).padStart(4, "0")}  ${halves.join("  ").trimEnd()}\n`);
  }
  return lines.join("");
}
