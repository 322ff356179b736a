// How large a packet is drawn by its number of headers: shells are opened at the left, where
// headers are, and closed by a thin line at the other sides.

export const SHELL_LEFT = 19;
export const SHELL_EDGE = 3;

/** What is left in the middle. */
export function coreSize(count: number): { w: number; h: number } {
  return { w: Math.max(46, 94 - 5.5 * count), h: Math.max(24, 45 + 3 * count - shellH(count)) };
}

export function packetSize(count: number): { w: number; h: number } {
  const core = coreSize(count);
  const wrapped = Math.max(0, count - 1);
  return { w: core.w + wrapped * (SHELL_LEFT + SHELL_EDGE), h: core.h + shellH(count) };
}

function shellH(count: number): number {
  return 2 * SHELL_EDGE * Math.max(0, count - 1);
}
