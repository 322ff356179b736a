// Curves as tables: a row for each size, a column for each line.
import type { Curve, Point } from "./curve.ts";

/** Of curves that grow by the same thing, in the same steps. */
export function curvesHead(curves: readonly Curve[]): string[] {
  const columns = curves.flatMap(({ unit, series }) =>
    series.map(({ name }) => `${name}, ${unit}`),
  );
  return [curves[0]?.size ?? "", ...columns];
}

export function curvesRows(curves: readonly Curve[]): string[][] {
  const all = curves.flatMap(({ series }) => series);
  const sizes = all[0]?.points.map(({ size }) => size) ?? [];
  return sizes.map((size, at) => [`${size}`, ...all.map(({ points }) => cellOf(points[at]))]);
}

function cellOf(point: Point | undefined): string {
  if (point === undefined) return "";
  const { median, min, max } = point.cost;
  const digits = median < 10 ? 2 : 1;
  const [middle, least, most] = [median, min, max].map((value) => value.toFixed(digits));
  return least === most ? `${middle}` : `${middle} [${least}..${most}]`;
}
