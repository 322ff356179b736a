// The same packets in a node of the core and in front of a twin, and their bursts through both.
import {
  type Caps,
  HEADROOM_LEN,
  type HeddleNode,
  parseIpv4,
  parseMac,
} from "../bindings/core/index.ts";
import { inCore, SPARE_SLOTS, type Spot, type Through } from "./bursts.ts";
import type { Case } from "./measure.ts";
import { openMeasured } from "./opening.ts";
import type { MapsByLen } from "./prefixes.ts";
import { TwinIp, type TwinIpConfig } from "./twin-ip.ts";
import { BURST_LEN, LOCAL, LOCAL_MAC, PACKETS } from "./workload.ts";

const MEMORY_BYTES = 8 << 20;
const TTL_RUNS = 200; // after so many runs packets are laid again: each may take one off a TTL

/** What every packet is given to, at its place and of its length. */
type TwinWork = (ptr: number, len: number, index: number) => boolean;

export interface StageInit extends Partial<TwinIpConfig> {
  readonly caps?: Partial<Caps>;
}

export class Stage {
  readonly node: HeddleNode;
  readonly twin: TwinIp;
  readonly #arena: Uint8Array;
  #packets: readonly Uint8Array[] = [];

  static async open({ caps = {}, ...config }: StageInit = {}): Promise<Stage> {
    const core = await openMeasured({ memoryBytes: MEMORY_BYTES });
    const slots = PACKETS + SPARE_SLOTS;
    const node = core.openNode({ seed: 0x5eedn, slots, scratch: 1 << 16, ...caps });
    return new Stage(node, config);
  }

  private constructor(node: HeddleNode, config: Partial<TwinIpConfig>) {
    this.node = node;
    this.#arena = new Uint8Array(node.slotCount * node.slotStride);
    const none: MapsByLen = [];
    this.twin = new TwinIp(this.#arena, {
      ...{ local: parseIpv4(LOCAL), mac: parseMac(LOCAL_MAC), egressMac: parseMac(LOCAL_MAC) },
      ...{ udpPort: 0, mtu: 1500, routes: none, images: [], peers: new Map() },
      ...{ neighbors: new Map(), stations: new Map() },
      ...config,
    });
  }

  /** Where the twin may write what it makes, for each packet of a burst. */
  spare(index: number): number {
    const { slotCount, slotStride } = this.node;
    return (slotCount - SPARE_SLOTS) * slotStride + (index % BURST_LEN) * 64;
  }

  /** Puts packets into slots, each with its headroom. */
  load(packets: readonly Uint8Array[]): void {
    this.#packets = packets;
    packets.forEach((bytes, at) => {
      this.node.bytes.set(bytes, this.node.arena + this.place(at));
      this.#arena.set(bytes, this.place(at));
    });
  }

  /** Where packet `at` begins, from the beginning of the arena. */
  place(at: number): number {
    return at * this.node.slotStride + HEADROOM_LEN;
  }

  /** One row: the packets, without their first `skip` bytes, through an element and its twin. */
  case(name: string, through: Through, skip: number, work: TwinWork): Case {
    const spots: Spot[] = this.#packets.map((bytes, at) => {
      return { ptr: this.place(at) + skip, len: bytes.length - skip, peer: LOCAL };
    });
    const ptrs = Uint32Array.from(spots, ({ ptr }) => ptr);
    const lens = Uint32Array.from(spots, ({ len }) => len);
    const twin = (): number => {
      let outCount = 0;
      for (let at = 0; at < PACKETS; at++) {
        if (work(ptrs[at] as number, lens[at] as number, at)) outCount += 1;
      }
      return outCount;
    };
    const wasm = inCore(this.node, through, spots);
    const some = { name, items: PACKETS, expected: PACKETS };
    return { ...some, wasm: this.#fresh(wasm), twin: this.#fresh(twin) };
  }

  #fresh(run: () => number): () => number {
    let runs = 0;
    const packets = this.#packets;
    return () => {
      if (++runs % TTL_RUNS === 0) this.load(packets);
      return run();
    };
  }
}
