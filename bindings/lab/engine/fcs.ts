// The frame check sequence: CRC-32 as IEEE 802.3 computes it. No capture shows it; here it is kept
// beside a frame that was damaged on the way, for the next station to compare.
import type { Carried } from "./journey.ts";

const POLYNOMIAL = 0xedb88320; // reflected

/** Eight steps at once. */
const TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? POLYNOMIAL : 0);
  return value;
});

export function fcsOf(frame: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of frame) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}

/** True for a frame whose check sequence no longer holds. */
export function isDamaged({ bytes, fcs }: Pick<Carried, "bytes" | "fcs">): boolean {
  return fcs !== undefined && fcs !== fcsOf(bytes);
}
