// All chance in the lab comes from here: xorshift128, by George Marsaglia ("Xorshift RNGs", 2003),
// its state filled from the seed by the mixer of MurmurHash3.

/** Random numbers that the seed decides. */
export class Dice {
  #x: number;
  #y: number;
  #z: number;
  #w: number;

  constructor(seed: bigint) {
    const low = Number(seed & 0xffffffffn);
    const high = Number((seed >> 32n) & 0xffffffffn);
    this.#x = mix(low ^ 0x9e3779b9);
    this.#y = mix(high ^ this.#x);
    this.#z = mix(low ^ this.#y);
    this.#w = mix(high ^ this.#z) | 1; // a state of zeros would stay zero
  }

  /** 0 to 2^32 - 1. */
  u32(): number {
    const t = this.#x ^ (this.#x << 11);
    this.#x = this.#y;
    this.#y = this.#z;
    this.#z = this.#w;
    this.#w ^= (this.#w >>> 19) ^ t ^ (t >>> 8);
    return this.#w >>> 0;
  }

  u16(): number {
    return this.u32() >>> 16;
  }

  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }
}

function mix(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
