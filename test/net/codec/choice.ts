// What chance decides in a packet.
import { Dice } from "../../../bindings/lab/dice.ts";

export class Choice {
  readonly #dice: Dice;

  constructor(seed: number) {
    this.#dice = new Dice(BigInt(seed));
  }

  /** A whole number from 0 to 2^bits - 1, at its edges more often than elsewhere. */
  word(bits: number): number {
    const most = 2 ** bits - 1;
    const edge = this.below(8);
    if (edge === 0) return 0;
    return edge === 1 ? most : this.#dice.u32() % (most + 1);
  }

  below(count: number): number {
    return this.#dice.u32() % count;
  }

  one<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  bit(): boolean {
    return this.below(2) === 1;
  }

  /** Hex digits of `len` bytes. */
  hex(len: number): string {
    return Array.from({ length: len }, () => this.below(256).toString(16).padStart(2, "0")).join(
      "",
    );
  }

  /** Of a station: neither a group nor nobody. */
  mac(): string {
    const rest = Array.from({ length: 4 }, () => this.hex(1));
    return ["02", ...rest, `0${1 + this.below(9)}`].join(":");
  }

  /** Of a host: no group, no loopback, nobody's network. */
  address(): string {
    const [second, third] = [this.below(256), this.below(256)];
    return [this.one([10, 100, 172, 192, 203]), second, third, 1 + this.below(254)].join(".");
  }
}
