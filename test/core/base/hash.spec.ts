import { mix, scale } from "../../../assembly/base/hash";

describe("mix", () => {
  it("is SplitMix64", () => {
    // The first numbers of the reference generator begun at 0 (prng.di.unimi.it/splitmix64.c).
    expect<u64>(mix(0)).toBe(0xe220a8397b1dcdaf);
    expect<u64>(mix(0x9e3779b97f4a7c15)).toBe(0x6e789e6aa1b965f4);
  });

  it("moves about half of the bits for one bit of its state", () => {
    for (let bit: u64 = 0; bit < 64; bit++) {
      const moved = popcnt(mix(1234) ^ mix(1234 ^ ((<u64>1) << bit)));
      expect<bool>(moved > 12 && moved < 52).toBe(true);
    }
  });
});

describe("scale", () => {
  it("stays below the count", () => {
    expect<u32>(scale(0, 10)).toBe(0);
    expect<u32>(scale(0xffffffff, 10)).toBe(9);
    expect<u32>(scale(0x80000000, 10)).toBe(5);
    expect<u32>(scale(0xffffffff, 0xffffffff)).toBe(0xfffffffe);
    expect<u32>(scale(0xffffffff, 1)).toBe(0);
  });
});
