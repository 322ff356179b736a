import { fits, isWithin, isZero, toLine } from "../../../assembly/base/arith";

const bytes: usize = memory.data(32);

describe("isWithin", () => {
  it("takes every range from edge to edge", () => {
    expect<bool>(isWithin(100, 200, 100, 100)).toBe(true);
    expect<bool>(isWithin(100, 200, 150, 50)).toBe(true);
    expect<bool>(isWithin(100, 200, 100, 0)).toBe(true);
    expect<bool>(isWithin(100, 200, 200, 0)).toBe(true);
    expect<bool>(isWithin(100, 100, 100, 0)).toBe(true);
  });

  it("refuses a byte more on either side", () => {
    expect<bool>(isWithin(100, 200, 99, 1)).toBe(false);
    expect<bool>(isWithin(100, 200, 99, 0)).toBe(false);
    expect<bool>(isWithin(100, 200, 100, 101)).toBe(false);
    expect<bool>(isWithin(100, 200, 200, 1)).toBe(false);
    expect<bool>(isWithin(100, 200, 201, 0)).toBe(false);
  });

  it("refuses ranges whose end wraps", () => {
    expect<bool>(isWithin(100, 200, 150, 0xffffffff)).toBe(false);
    expect<bool>(isWithin(100, 200, 0xffffffff, 101)).toBe(false);
    expect<bool>(isWithin(0, 0xffffffff, 1, 0xffffffff)).toBe(false);
  });
});

describe("fits", () => {
  it("says yes up to the capacity", () => {
    expect<bool>(fits(10, 4, 6)).toBe(true);
    expect<bool>(fits(10, 4, 7)).toBe(false);
    expect<bool>(fits(10, 10, 0)).toBe(true);
    expect<bool>(fits(10, 10, 1)).toBe(false);
    expect<bool>(fits(10, 4, 0xffffffff)).toBe(false); // used + need wraps to 3
  });
});

describe("toLine", () => {
  it("rounds up to 64", () => {
    expect<u32>(toLine(0)).toBe(0);
    expect<u32>(toLine(1)).toBe(64);
    expect<u32>(toLine(64)).toBe(64);
    expect<u32>(toLine(65)).toBe(128);
    expect<u32>(toLine(0xffffffc0)).toBe(0xffffffc0);
  });
});

describe("isZero", () => {
  it("sees each byte, and none behind", () => {
    memory.fill(bytes, 0, 32);
    store<u8>(bytes, 1, 20);
    expect<bool>(isZero(bytes, 20)).toBe(true);
    expect<bool>(isZero(bytes, 21)).toBe(false);
    expect<bool>(isZero(bytes + 20, 0)).toBe(true);
    for (let at: u32 = 0; at < 20; at++) {
      memory.fill(bytes, 0, 32);
      store<u8>(bytes + at, 0x80);
      expect<bool>(isZero(bytes, 20)).toBe(false);
    }
  });
});
