// A logarithmic axis of a chart: places of values, and the values that get a line.

const STEPS = [1, 2, 5];
const TICKS_MIN = 3;

/** Turns a value into a place on the drawing. */
export type Axis = (value: number) => number;

/** `low` is drawn at `from`, `high` at `to`. */
export function axisOf(low: number, high: number, from: number, to: number): Axis {
  const span = Math.log(high / low) || 1;
  return (value) => placeOf(from + (Math.log(value / low) / span) * (to - from));
}

/** From the 1, 2 or 5 below the least value to the one above the most. */
export function roomFor(values: readonly number[]): [low: number, high: number] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const all = ladder(least / 10, most * 10);
  const low = all.findLast((step) => step <= least) ?? least;
  return [low, all.find((step) => step >= most && step > low) ?? most];
}

/** 1, 2, 5, 10 and so on, as far as they lie between two values. */
export function ladder(from: number, to: number): number[] {
  const [first, last] = [Math.floor(Math.log10(from)), Math.ceil(Math.log10(to))];
  const powers = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  const all = powers.flatMap((power) => STEPS.map((step) => step * 10 ** power));
  return all.filter((step) => step >= from * (1 - 1e-9) && step <= to * (1 + 1e-9));
}

/** The tens alone where there are enough of them. */
export function ticksOf(low: number, high: number): number[] {
  const all = ladder(low, high);
  const tens = all.filter((step) => Number.isInteger(Number(Math.log10(step).toFixed(9))));
  return tens.length >= TICKS_MIN ? tens : all;
}

export function labelOf(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  if (value >= 1e4) return `${value / 1e3}k`;
  return `${Number(value.toPrecision(2)) === value ? Number(value.toPrecision(2)) : value}`;
}

function placeOf(value: number): number {
  return Math.round(value * 10) / 10;
}
