// The MAC of a device of ours.
import type { Dice } from "./clock.ts";

/** A MAC that is local and one station's, and otherwise as the dice fall. */
export function drawMac(dice: Dice): string {
  const bytes = Array.from({ length: 6 }, () => dice() >>> 24);
  const [first = 0, ...rest] = bytes;
  return [(first & 0xfe) | 0x02, ...rest]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join(":");
}
