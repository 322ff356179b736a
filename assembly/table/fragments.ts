// Which flows the first fragments of packets belonged to, so that the later ones, which have no
// ports, can go the same way. A node remembers a few dozen, the latest first to be forgotten by
// another of the same place; who finds nothing here, or a flow of other ends, has come too early.
import { mix } from "../base/hash";
import { nodeAt } from "../base/node";
import { Conn, Way } from "./conn";
import { Tuple } from "./tuple";

// A place that remembers one.
namespace at {
  export const NAME: usize = 0; // u32, what tells packets of two ends apart
  export const FLOW: usize = 4; // u32, its row, which is aligned, and the way in the lowest bit
  export const END: usize = 8;
}

const BASE: usize = nodeAt.CONN + 32; // u32, of the places
const PLACE_BITS: u32 = 6;
const PLACE_SHIFT: u32 = 3;
const WAY_MASK: u32 = 1;

if ((<usize>1) << PLACE_SHIFT != at.END) ERROR("fragments: places are counted by shifts");

/** Returns: the first address behind the places. */
export function layFragments(node: usize, base: usize): usize {
  store<u32>(node, <u32>base, BASE);
  return base + (at.END << PLACE_BITS);
}

/** Remembers that the packet of this name between these addresses goes `way` in its flow. */
export function fragmentKeep(node: usize, t: Tuple, name: u32, conn: Conn, way: Way): void {
  const place = placeOf(node, t, name);
  store<u32>(place, name, at.NAME);
  store<u32>(place, <u32>changetype<usize>(conn) | way, at.FLOW);
}

/**
 * Gives the tuple of a later fragment, `t`, the ports that the first one had. Returns: its flow, or
 * 0 when nobody knows.
 */
export function fragmentFlow(node: usize, t: Tuple, name: u32, isBefore: bool): usize {
  const place = placeOf(node, t, name);
  const flow = load<u32>(place, at.FLOW);
  if (flow == 0 || load<u32>(place, at.NAME) != name) return 0;
  const row = <usize>(flow & ~WAY_MASK);
  const conn = Conn.at(row);
  const addresses = t.addresses;
  conn.emitAt(flow & WAY_MASK, isBefore, t);
  return conn.state != 0 && t.addresses == addresses ? row : 0; // another may have its row by now
}

function placeOf(node: usize, t: Tuple, name: u32): usize {
  const index = mix(t.addresses ^ ((<u64>name) << 32)) >> (64 - PLACE_BITS);
  return <usize>load<u32>(node, BASE) + ((<usize>index) << PLACE_SHIFT);
}
