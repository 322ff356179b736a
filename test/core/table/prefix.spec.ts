import {
  isPrefix,
  KEY_END,
  keyAddress,
  keyLen,
  keyOf,
  nameOf,
  nibbleAt,
} from "../../../assembly/table/prefix";

const FULL: u32 = 0xffffffff;

describe("prefixes", () => {
  it("have no host bits, and at most 32 others", () => {
    expect<bool>(isPrefix(0, 0)).toBe(true);
    expect<bool>(isPrefix(FULL, 32)).toBe(true);
    expect<bool>(isPrefix(0, 33)).toBe(false);
    expect<bool>(isPrefix(0, FULL)).toBe(false);
    for (let len: u32 = 0; len < 32; len++) {
      const host = (<u32>1) << (31 - len); // the first bit behind
      expect<bool>(isPrefix(FULL ^ (host | (host - 1)), len)).toBe(true);
      expect<bool>(isPrefix(host, len)).toBe(false);
      expect<bool>(isPrefix(1, len)).toBe(false);
    }
  });

  it("are named by their bits behind a leading one", () => {
    expect<u32>(nameOf(FULL, 0)).toBe(1);
    expect<u32>(nameOf(FULL, 1)).toBe(3);
    expect<u32>(nameOf(0x7fffffff, 1)).toBe(2);
    expect<u32>(nameOf(0xa0000000, 4)).toBe(0x1a);
  });

  it("are ordered by address, then by length", () => {
    expect<bool>(keyOf(5, 32) < keyOf(6, 0)).toBe(true);
    expect<bool>(keyOf(5, 7) < keyOf(5, 8)).toBe(true);
    expect<bool>(keyOf(FULL, 32) < KEY_END).toBe(true);
    expect<u32>(keyAddress(keyOf(0x0a2a0000, 15))).toBe(0x0a2a0000);
    expect<u32>(keyLen(keyOf(FULL, 15))).toBe(15);
    expect<u32>(keyLen(keyOf(0, 32))).toBe(32);
  });

  it("fall into nibbles", () => {
    for (let at: u32 = 0; at < 8; at++) {
      expect<u32>(nibbleAt(0x12345678, at * 4)).toBe(at + 1);
    }
  });
});
