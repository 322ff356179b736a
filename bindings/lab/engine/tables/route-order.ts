// The order in which `ip route` prints: by address, of one address the longer prefix first.
import { parsePrefix } from "../../../core/index.ts";
import type { Row } from "../../trace/trace.ts";
import { parseRoute } from "../../words/route.ts";

export function compareRoutes(a: Row, b: Row): number {
  const [one, two] = [placeOf(a), placeOf(b)];
  return one.address - two.address || two.len - one.len || one.metric - two.metric;
}

function placeOf(row: Row): { address: number; len: number; metric: number } {
  const { prefix, metric } = parseRoute(row);
  return { ...parsePrefix(prefix), metric: metric ?? 0 };
}
