// What the ratios of some launches say together: the middle one, an interval by the sign test, and
// a word for it.

/** Branch by base, of one item: above 1 the branch is slower. */
export interface Interval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** `unclear` is what these launches can neither tell from a change nor from none. */
export type Verdict = "same" | "faster" | "slower" | "unclear";

/** How likely the interval may be to miss the ratio. */
const RISK = 0.01;

/** With fewer launches no interval is as sure as that. */
export const LAUNCHES_MIN = 8;

/**
 * The interval holds the middle of all launches that there could be, however they are distributed:
 * each of them falls on either side as a coin does, so the ends are those of the sorted ratios that
 * coins seldom reach. Requires: at least LAUNCHES_MIN ratios.
 */
export function intervalOf(ratios: readonly number[]): Interval {
  const sorted = ratios.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const last = sorted.length - 1;
  const outside = outsideOf(sorted.length);
  const middle = (at(Math.floor(last / 2)) + at(Math.ceil(last / 2))) / 2;
  return { median: middle, low: at(outside), high: at(last - outside) };
}

/** `margin` is the change that nobody minds: 0.03 for three in a hundred. */
export function verdictOn({ median, low, high }: Interval, margin: number): Verdict {
  if (low > 1 && median > 1 + margin) return "slower";
  if (high < 1 && median < 1 - margin) return "faster";
  return low >= 1 - margin && high <= 1 + margin ? "same" : "unclear";
}

/** How many ratios may be left outside at each end. */
function outsideOf(count: number): number {
  let chance = 2 ** -count; // that all coins fall on one side
  let tail = chance;
  let outside = 0;
  for (;;) {
    chance *= (count - outside) / (outside + 1);
    if (2 * (tail + chance) > RISK) return outside;
    tail += chance;
    outside += 1;
  }
}
