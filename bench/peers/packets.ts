// What decoders take apart: a frame in VXLAN, in memory that both sides see. Each writes the same
// records into it, those of ABI.md, so that nobody does less than the others.
import { type HeddleNode, LayerAt, LayerKind, PieceAt } from "../../bindings/core/index.ts";
import { openMeasured } from "../opening.ts";
import { layPieces } from "../pieces.ts";
import { frames, outerFrames, PACKETS } from "../workload.ts";
import type { Contender } from "./contest.ts";
import { timed } from "./rounds.ts";

const FRAME_LEN = 1400;
const MEMORY_BYTES = 1 << 23;
const SCRATCH = 1 << 22;

export const BURST_LEN = 64;
export const CAP = 8; // Ethernet, IPv4, UDP, VXLAN, the first three again, payload
export const LAYERS: number = PACKETS * CAP;
export const RECORDS_LEN: number = LAYERS * LayerAt.End;

/** Takes packets apart from the one at `at` on. Returns: how many layers there are. */
export type Decode = (pieces: number, count: number, out: number) => number;

export class Packets {
  readonly bytes: readonly Uint8Array[] = outerFrames(frames(FRAME_LEN));
  readonly node: HeddleNode;
  readonly #pieces: number;
  readonly #out: number;
  #expected: Uint8Array | undefined;

  private constructor(node: HeddleNode) {
    this.node = node;
    this.#pieces = layPieces(node, this.bytes);
    this.#out = node.takeScratch(RECORDS_LEN);
  }

  static async open(): Promise<Packets> {
    const core = await openMeasured({ memoryBytes: MEMORY_BYTES });
    const nothing = { routes: 0, hops: 0, fdb: 0, neighbors: 0, remotes: 0, slots: 0, flood: 0 };
    return new Packets(core.openNode({ ...nothing, seed: 1n, scratch: SCRATCH }));
  }

  /** The core, a burst at a time. */
  get heddle(): Contender {
    return this.contender("heddle", this.#inCore);
  }

  /** All packets through the core once. Returns: how many layers they have. */
  get all(): () => number {
    return this.#through(this.#inCore);
  }

  /** Whoever writes other records than the first is refused. */
  contender(name: string, decode: Decode): Contender {
    const run = this.#through(decode);
    const layers = run();
    if (layers !== LAYERS) throw new Error(`${name} finds ${layers} of ${LAYERS} layers`);
    const found = this.node.bytes.slice(this.#out, this.#out + RECORDS_LEN);
    this.#expected ??= found;
    if (Buffer.compare(found, this.#expected) !== 0) throw new Error(`${name} has other layers`);
    return { name, round: timed(PACKETS, run) };
  }

  readonly #inCore: Decode = (pieces, count, out) =>
    this.node.exports.packet_decode_bulk(pieces, count, LayerKind.Ethernet, out, CAP);

  #through(decode: Decode): () => number {
    return () => {
      let layers = 0;
      for (let at = 0; at < PACKETS; at += BURST_LEN) {
        const out = this.#out + at * CAP * LayerAt.End;
        layers += decode(this.#pieces + at * PieceAt.End, BURST_LEN, out);
      }
      return layers;
    };
  }
}
