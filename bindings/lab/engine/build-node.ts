// Nodes of the core: each as large as its network asks for.
import type { Room } from "./build-devices.ts";
import { Elements } from "./element.ts";
import type { Lab } from "./lab.ts";

const HEADROOM_LEN = 256; // what the core wants in front of a packet, and the outer headers
const STRIDE_MIN = 2048;
const LINE = 64;
const FRAGMENT_DATA_LEN = 48; // of a device of the least MTU: RFC 791, section 3.2
const RULES = 256;
const DESC_LEN = 32;
const PIECE_LEN = 8;

/** Opens a node with room for `ports`. */
export function openElements(lab: Lab, room: Room, ports: number): Elements {
  const { longestLen, size, hostCount, networkCount } = room;
  const stride = Math.max(STRIDE_MIN, Math.ceil((longestLen + HEADROOM_LEN) / LINE) * LINE);
  const pieceCount = Math.ceil(longestLen / FRAGMENT_DATA_LEN);
  const outCapacity = Math.max(16, 2 * ports, hostCount + 8, pieceCount);
  const spareBytes = 2 * stride + outCapacity * LINE;
  const stations = 64 + 4 * size;
  const networks = 64 + 2 * networkCount;
  const node = lab.core.openNode({
    seed: lab.dice.u64(),
    routes: networks,
    hops: networks,
    fdb: stations,
    neighbors: stations,
    remotes: Math.max(16, 2 * hostCount),
    ports: ports + 2,
    domains: ports + 2,
    flood: Math.max(64, 2 * (ports + hostCount)),
    conns: networks,
    rules: RULES,
    scratch: 1024 + outCapacity * (DESC_LEN + 2 * PIECE_LEN),
    slots: 2 + Math.ceil(spareBytes / stride),
    slotStride: stride,
  });
  return new Elements(node, lab.clock, outCapacity, spareBytes);
}
