// How large a packet is drawn by its number of headers: shells are opened at the left, where
// headers are, and closed by a thin line at the other sides.

export const SHELL_LEFT = 19;
export const SHELL_EDGE = 3;
/** By how much more than at its other sides a shell that is gone stands out at the left. */
export const GONE_LEFT = 9;

const NOTE_H = 28;
/** Letters of the words above it: of an alphabet, and of those that are as wide as high. */
const LETTER_W = 7.3;
const SQUARE_W = 12.8;
const FIRST_SQUARE = "\u2e80";

/** How far something reaches beyond its sides. */
export interface Margins {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** What is left in the middle. */
export function coreSize(count: number): { w: number; h: number } {
  return { w: Math.max(46, 94 - 5.5 * count), h: Math.max(24, 45 + 3 * count - shellH(count)) };
}

export function packetSize(count: number): { w: number; h: number } {
  const core = coreSize(count);
  const wrapped = Math.max(0, count - 1);
  return { w: core.w + wrapped * (SHELL_LEFT + SHELL_EDGE), h: core.h + shellH(count) };
}

/** What is drawn around a packet that is so wide: shells that are gone, and the words above it. */
export function marginsOf(w: number, goneCount: number, note: string | null): Margins {
  const out = goneCount * SHELL_EDGE;
  return {
    left: goneCount * GONE_LEFT,
    top: note === null ? out : Math.max(out, NOTE_H),
    right: Math.max(out, noteWidth(note ?? "") - w),
    bottom: out,
  };
}

function noteWidth(note: string): number {
  const widths = [...note].map((letter) => (letter < FIRST_SQUARE ? LETTER_W : SQUARE_W));
  return widths.reduce((sum, each) => sum + each, 0);
}

function shellH(count: number): number {
  return 2 * SHELL_EDGE * Math.max(0, count - 1);
}
