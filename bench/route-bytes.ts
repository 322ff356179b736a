// What the routes of a node take, read where the core keeps it: assembly/table/root.ts, buddy.ts.
import type { HeddleNode } from "../bindings/core/index.ts";

const HEADER_AT = 128; // of the routes, in a node
const ROOT_BITS_AT = 12;
const LEAVES_USED_AT = 64 + 40; // of the spans' pool
const SPANS_AT = 108;
const ROOT_BYTES = 16 + 4; // and its two shorts
const SPANS_BYTES = 2 ** 18 * 16;

export interface RouteBytes {
  /** What look-ups read. */
  readonly forwarding: number;
  /** All that is in use. */
  readonly whole: number;
}

export function routeBytes(node: HeddleNode): RouteBytes {
  const tree = node.info().routePoolBytes + ROOT_BYTES * 2 ** wordOf(node, ROOT_BITS_AT);
  if (spansOf(node) === 0) return { forwarding: tree, whole: tree };
  const spans = SPANS_BYTES + wordOf(node, LEAVES_USED_AT);
  return { forwarding: spans, whole: tree + spans };
}

/** Where the spans begin, or 0. */
export function spansOf(node: HeddleNode): number {
  return wordOf(node, SPANS_AT);
}

function wordOf({ view, address }: HeddleNode, at: number): number {
  return view.getUint32(address + HEADER_AT + at, true);
}
