// What a link does to what it carries: by the dice of the run, or to the frames that a scenario
// names.
import type { Dice } from "../dice.ts";
import type { LinkSpec } from "../spec/network.ts";

export type Fault = "loss" | "duplicate" | "reorder" | "corrupt";

const FAULTS: readonly Fault[] = ["loss", "duplicate", "reorder", "corrupt"];
const DICE_COUNT = 2 ** 32;
const BITS = 8;

/** One link, and how many frames it has carried. */
export class LinkFaults {
  readonly #spec: LinkSpec;
  readonly #dice: Dice;
  #count = 0;

  constructor(spec: LinkSpec, dice: Dice) {
    this.#spec = spec;
    this.#dice = dice;
  }

  /** What happens to the next frame; null: nothing. */
  next(): Fault | null {
    this.#count++;
    return FAULTS.find((fault) => this.#isDue(fault)) ?? null;
  }

  /** The frame with one bit flipped. */
  corrupt(bytes: Uint8Array): Uint8Array {
    const bit = this.#dice.u32() % (bytes.length * BITS);
    const damaged = bytes.slice();
    const at = Math.floor(bit / BITS);
    damaged[at] = (damaged[at] ?? 0) ^ (0x80 >> (bit % BITS));
    return damaged;
  }

  #isDue(fault: Fault): boolean {
    const named = this.#spec.at?.[fault];
    if (named !== undefined) return named.includes(this.#count);
    const share = this.#spec[fault];
    return share !== undefined && this.#dice.u32() < share * DICE_COUNT;
  }
}
