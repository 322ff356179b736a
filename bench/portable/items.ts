// The items that every runtime measures, browsers among them: heddle's own side of what
// `npm run bench:peers` holds beside others, on packets and tables of the same making.
import {
  type ElementName,
  HEADROOM_LEN,
  type HeddleNode,
  LayerAt,
  LayerKind,
  openCore,
  PieceAt,
} from "../../bindings/core/index.ts";
import { layBursts, NOW_MS, SPARE_SLOTS } from "../bursts.ts";
import { layPieces } from "../pieces.ts";
import { prefixSet, wanted } from "../prefixes.ts";
import { layStationKeys, openRoutes, openStations, wantedStations } from "../tables.ts";
import { settle } from "../vtep.ts";
import {
  BURST_LEN,
  frames,
  outerFrames,
  PACKETS,
  REMOTES,
  remoteAddress,
  STATIONS,
  senderOf,
} from "../workload.ts";
import type { Item, Kind, Task } from "./item.ts";

const PACKET_LENS = [64, 1400];
const ENTRIES = [1000, 100_000];
const KEYS = 1 << 15;
const MEMORY_BYTES = 8 << 20;
const SLOT_STRIDE = 2112; // of 2048, all packets would share a few lines of the cache
const OUTER_LEN = 42;
const LAYERS = 8; // Ethernet, IPv4, UDP, VXLAN, the first three again, payload
const SUMS = 64;
const MISS = 0xffffffff;

/** Elements, and what of an outer frame is not given to them. */
const ELEMENTS: Readonly<Partial<Record<Kind, readonly [ElementName, skip?: number]>>> = {
  encapDatagram: ["vxlan_encap_burst"],
  encapFrame: ["vxlan_encap_frame_burst"],
  decapDatagram: ["vxlan_decap_burst", OUTER_LEN],
  decapFrame: ["vxlan_decap_frame_burst", 0],
};

/** In the order of measuring. */
export const ITEMS: readonly Item[] = [
  ...Object.entries(ELEMENTS).flatMap(([kind, [element, skip]]) =>
    PACKET_LENS.map((size): Item => {
      return { kind: kind as Kind, size, open: () => openElement(element, size, skip) };
    }),
  ),
  ...ENTRIES.map((size): Item => ({ kind: "fdb", size, open: () => openFdb(size) })),
  ...ENTRIES.map((size): Item => ({ kind: "route", size, open: () => openRoute(size) })),
  ...PACKET_LENS.map((size): Item => ({ kind: "decode", size, open: () => openDecode(size) })),
  ...PACKET_LENS.map((size): Item => ({ kind: "checksum", size, open: () => openSum(size) })),
];

/** Packets of a thousand stations, in bursts of 64: `skip` is of outer frames. */
async function openElement(element: ElementName, len: number, skip?: number): Promise<Task> {
  const core = await openCore({ memoryBytes: MEMORY_BYTES });
  const node = core.openNode({
    ...{ seed: 0x5eedn, fdb: STATIONS, remotes: REMOTES, scratch: 1 << 17 },
    ...{ slots: PACKETS + SPARE_SLOTS, slotStride: SLOT_STRIDE },
  });
  settle(node, ["learn", "linuxMode", "strictPeer", "ecn"]);
  const inner = frames(len);
  const spots = (skip === undefined ? inner : outerFrames(inner)).map((bytes, at) => {
    const ptr = at * SLOT_STRIDE + HEADROOM_LEN;
    node.bytes.set(bytes, node.arena + ptr);
    const peer = skip === undefined ? "0.0.0.0" : remoteAddress(senderOf(bytes));
    return { ptr: ptr + (skip ?? 0), len: bytes.length - (skip ?? 0), peer };
  });
  const { bursts, fresh } = layBursts(node, spots);
  const through = node.exports[element];
  return {
    ...{ count: PACKETS, expected: PACKETS },
    run: () => {
      fresh(); // elements write their verdicts into the descriptors
      let outCount = 0;
      for (const burst of bursts) outCount += through(node.address, burst);
      return outCount;
    },
  };
}

/** Stations of whom nine in ten are known, in bursts of 64. */
async function openFdb(count: number): Promise<Task> {
  const node = await openStations(count);
  const keys = layStationKeys(node, wantedStations(count, KEYS));
  const out = node.takeScratch(KEYS * 4);
  const { fdb_lookup_bulk } = node.exports;
  return steady(node, out, () => {
    let hits = 0;
    for (let at = 0; at < KEYS; at += BURST_LEN) {
      hits += fdb_lookup_bulk(node.address, keys + at * 8, out + at * 4, BURST_LEN, NOW_MS);
    }
    return hits;
  });
}

/** Addresses of which nine in ten lie in a prefix. */
async function openRoute(count: number): Promise<Task> {
  const prefixes = prefixSet(count);
  const node = await openRoutes(prefixes, KEYS * 8);
  const [input, out] = [node.takeScratch(KEYS * 4), node.takeScratch(KEYS * 4)];
  node.bytes.set(new Uint8Array(wanted(prefixes, KEYS).buffer), input);
  return steady(node, out, () => {
    return node.exports.route_lookup_bulk(node.address, input, out, KEYS);
  });
}

/** Look-ups that have to count as many hits as there are answers. */
function steady(node: HeddleNode, out: number, run: () => number): Task {
  run();
  const answers = new Uint32Array(node.view.buffer, out, KEYS);
  return { count: KEYS, run, expected: answers.filter((answer) => answer !== MISS).length };
}

/** Frames in VXLAN, in bursts of 64. */
async function openDecode(len: number): Promise<Task> {
  const node = await openBare();
  const pieces = layPieces(node, outerFrames(frames(len)));
  const out = node.takeScratch(BURST_LEN * LAYERS * LayerAt.End);
  const { packet_decode_bulk } = node.exports;
  return {
    ...{ count: PACKETS, expected: PACKETS * LAYERS },
    run: () => {
      let layers = 0;
      for (let at = 0; at < PACKETS; at += BURST_LEN) {
        const some = pieces + at * PieceAt.End;
        layers += packet_decode_bulk(some, BURST_LEN, LayerKind.Ethernet, out, LAYERS);
      }
      return layers;
    },
  };
}

/** One call for each sum. */
async function openSum(len: number): Promise<Task> {
  const node = await openBare();
  const [ptr, { checksum_sum }] = [node.takeScratch(len), node.exports];
  frames(len).forEach((frame) => void node.bytes.set(frame, ptr));
  const run = (): number => {
    let total = 0;
    for (let at = 0; at < SUMS; at++) total += checksum_sum(ptr, len, 0);
    return total;
  };
  const words = new Uint16Array(node.view.buffer, ptr, len / 2);
  const sum = words.reduce((all, word) => all + word, 0);
  return { count: SUMS, run, expected: SUMS * folded(sum) };
}

function folded(sum: number): number {
  return sum > 0xffff ? folded((sum & 0xffff) + Math.floor(sum / 0x10000)) : sum;
}

/** A node with room for packets, and no tables. */
async function openBare(): Promise<HeddleNode> {
  const core = await openCore({ memoryBytes: MEMORY_BYTES });
  const nothing = { routes: 0, hops: 0, fdb: 0, neighbors: 0, remotes: 0, slots: 0, flood: 0 };
  return core.openNode({ ...nothing, seed: 1n, scratch: 1 << 22 });
}
