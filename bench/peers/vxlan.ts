// Frames into VXLAN and out of it in bursts of 64, beside C that reads the same node and the same
// descriptors, and has to leave the same bytes behind.
import {
  BurstAt,
  DescAt,
  type ElementName,
  HEADROOM_LEN,
  type HeddleNode,
  openCore,
} from "../../bindings/core/index.ts";
import { NativeMemory } from "../../bindings/node/native.ts";
import { layBursts, type Spot } from "../bursts.ts";
import { settle } from "../vtep.ts";
import {
  frames,
  outerFrames,
  PACKETS,
  REMOTES,
  remoteAddress,
  STATIONS,
  senderOf,
} from "../workload.ts";
import { CLibrary, missingCompiler } from "./c-library.ts";
import type { Contest, Rival, Suite } from "./contest.ts";
import { ipIdAt } from "./core-at.ts";
import { canTranslate, translated } from "./engine.ts";
import { timed } from "./rounds.ts";

const LENS = [64, 512, 1400];
const OUTER_LEN = 42;
const SLOT_STRIDE = 2112; // of 2048, all packets would share a few lines of the cache
const BOUNDS = { must: 0.75, aim: 0.9 };

/** Of each element: the function in C, and what of an outer frame is not given to it. */
const ELEMENTS = [
  { name: "encap, datagram", element: "vxlan_encap_burst", inC: "vxlan_encap" },
  { name: "encap, frame", element: "vxlan_encap_frame_burst", inC: "vxlan_encap_frame" },
  { name: "decap, datagram", element: "vxlan_decap_burst", inC: "vxlan_decap", skip: OUTER_LEN },
  { name: "decap, frame", element: "vxlan_decap_frame_burst", inC: "vxlan_decap_frame", skip: 0 },
] as const satisfies readonly { readonly element: ElementName; readonly [key: string]: unknown }[];

const TRANSLATED = "heddle's plain core, by wasm2c and gcc";

/** One of those who do the work, a burst at a time. */
interface Side extends Omit<Rival, "round"> {
  readonly run: (burst: number) => number;
}

export const vxlan: Suite = { missing: missingCompiler, contests };

async function* contests(): AsyncGenerator<Contest> {
  const library = new CLibrary("vxlan");
  for (const each of ELEMENTS) {
    const inC = library.func(`uint32_t ${each.inC}(uintptr_t base, uint32_t node, uint32_t burst)`);
    for (const len of LENS) {
      const node = await openNode();
      const spots = lay(node, len, "skip" in each ? each.skip : undefined);
      const { bursts, fresh } = layBursts(node, spots);
      const { base } = new NativeMemory(node.exports.memory);
      const run = node.exports[each.element];
      const byHeddle: Side = { name: "heddle", run: (burst) => run(node.address, burst) };
      const rivals: Side[] = [
        { name: "C", run: (burst) => inC(base, node.address, burst), ...BOUNDS },
      ];
      if (canTranslate()) rivals.push({ name: TRANSLATED, run: translated(node, each.element) });
      expectSame(node, [byHeddle, ...rivals], { fresh, bursts });
      const contender = ({ run, ...rest }: Side): Rival => {
        return { ...rest, round: timed(PACKETS, () => bursts.forEach(run), fresh) };
      };
      yield {
        name: `${each.name}, ${len} bytes`,
        heddle: contender(byHeddle),
        rivals: rivals.map(contender),
      };
    }
  }
}

async function openNode(): Promise<HeddleNode> {
  const core = await openCore({ memoryBytes: 8 << 20 });
  const node = core.openNode({
    ...{ seed: 0x5eedn, fdb: STATIONS, remotes: REMOTES, scratch: 1 << 17 },
    ...{ slots: PACKETS, slotStride: SLOT_STRIDE },
  });
  settle(node, ["learn", "linuxMode", "strictPeer", "ecn"]);
  return node;
}

/** Puts frames of `len` bytes into slots; with `skip`, outer frames without so many bytes. */
function lay(node: HeddleNode, len: number, skip: number | undefined): Spot[] {
  const inner = frames(len);
  return (skip === undefined ? inner : outerFrames(inner)).map((bytes, at) => {
    const ptr = at * SLOT_STRIDE + HEADROOM_LEN;
    node.bytes.set(bytes, node.arena + ptr);
    const peer = skip === undefined ? "0.0.0.0" : remoteAddress(senderOf(bytes));
    return { ptr: ptr + (skip ?? 0), len: bytes.length - (skip ?? 0), peer };
  });
}

interface Way {
  readonly fresh: () => void;
  readonly bursts: readonly number[];
}

/** Throws unless all packets come out, and the same bytes of node and packets on every side. */
function expectSame(node: HeddleNode, sides: readonly Side[], { fresh, bursts }: Way): void {
  const left = sides.map(({ run }) => {
    fresh();
    node.bytes.fill(0, node.address + ipIdAt, node.address + ipIdAt + 4);
    bursts.forEach(run);
    const counts = bursts.map((burst) => node.view.getUint32(burst + BurstAt.OutCount, true));
    const count = counts.reduce((sum, one) => sum + one, 0);
    if (count !== PACKETS) throw new Error(`${count} of ${PACKETS} packets came out`);
    const outs = bursts.map((burst) => {
      const out = node.view.getUint32(burst + BurstAt.Out, true);
      return node.bytes.slice(out, out + (PACKETS / bursts.length) * DescAt.End);
    });
    const arena = node.bytes.slice(node.arena, node.arena + PACKETS * SLOT_STRIDE);
    return Buffer.concat([...outs, arena]);
  });
  sides.forEach(({ name }, at) => {
    if (left[0]?.equals(left[at] as Buffer) !== true) {
      throw new Error(`${name} leaves other bytes behind`);
    }
  });
}
