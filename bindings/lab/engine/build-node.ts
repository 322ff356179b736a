// Nodes of the core: each as large as its network asks for.
import type { Room } from "./build-devices.ts";
import { Elements } from "./element.ts";
import type { Lab } from "./lab.ts";

const HEADROOM_LEN = 256; // what the core wants in front of a packet, and the outer headers
const STRIDE_MIN = 2048;
const LINE = 64;
const RULES = 256;
const DESC_LEN = 32;
const PIECE_LEN = 8;

/** Opens a node with room for `ports`. */
export function openElements(lab: Lab, { longestLen, size }: Room, ports: number): Elements {
  const stride = Math.max(STRIDE_MIN, Math.ceil((longestLen + HEADROOM_LEN) / LINE) * LINE);
  const outCapacity = Math.max(16, 2 * ports, size + 8);
  const spareBytes = 2 * stride + outCapacity * LINE;
  const rows = 64 + 4 * size;
  const node = lab.core.openNode({
    seed: lab.dice.u64(),
    routes: rows,
    hops: rows,
    fdb: rows,
    neighbors: rows,
    remotes: Math.max(16, 2 * size),
    ports: ports + 2,
    domains: ports + 2,
    flood: Math.max(64, 2 * (ports + size)),
    conns: 64 + 4 * size,
    rules: RULES,
    scratch: 1024 + outCapacity * (DESC_LEN + 2 * PIECE_LEN),
    slots: 2 + Math.ceil(spareBytes / stride),
    slotStride: stride,
  });
  return new Elements(node, lab.clock, outCapacity, spareBytes);
}
