// A long table by the rows that matter: those that a hop found or the reader took away, and
// their neighbors. What lies between is counted.
import type { RowView } from "./table-view.ts";

/** Rows that are not shown. */
export interface Fold {
  readonly hiddenCount: number;
}

const LONG = 40;
const NEAR = 6;

/** All rows of a short table. */
export function folded(rows: readonly RowView[]): readonly (RowView | Fold)[] {
  if (rows.length <= LONG) return rows;
  const matters = rows.flatMap((row, at) => (isOfHop(row) ? [at] : []));
  const centers = matters.length === 0 ? [NEAR] : matters;
  const parts: (RowView | Fold)[] = [];
  let hiddenCount = 0;
  for (const [at, row] of rows.entries()) {
    if (!centers.some((center) => Math.abs(center - at) <= NEAR)) {
      hiddenCount++;
      continue;
    }
    if (hiddenCount > 0) parts.push({ hiddenCount });
    hiddenCount = 0;
    parts.push(row);
  }
  return hiddenCount > 0 ? [...parts, { hiddenCount }] : parts;
}

function isOfHop({ isHit, lost, isStruck }: RowView): boolean {
  return isHit || isStruck || lost !== null;
}
