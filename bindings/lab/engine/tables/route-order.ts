// The order in which `ip route` prints: by address, of one address the longer prefix first.
import { parsePrefix } from "../../../core/index.ts";
import type { Row } from "../../trace/trace.ts";
import { parseRoute } from "../../words/route.ts";

export function inPrintedOrder(rows: readonly Row[]): Row[] {
  const placed = rows.map((row) => ({ row, ...placeOf(row) }));
  placed.sort((a, b) => a.address - b.address || b.len - a.len || a.metric - b.metric);
  return placed.map(({ row }) => row);
}

function placeOf(row: Row): { address: number; len: number; metric: number } {
  const { prefix, metric } = parseRoute(row);
  return { ...parsePrefix(prefix), metric: metric ?? 0 };
}
