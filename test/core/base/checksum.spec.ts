import { fold, pseudoSeed, sum, sumLong, sumPlain, update } from "../../../assembly/base/checksum";
import { edge, noise, put } from "../bytes";

const LEN_MAX: u32 = 65536;
const bytes: usize = memory.data(65536 * 3 + 16, 16);

/** Lengths 0 to 300 at every alignment that a packet can have, where wide and plain disagree. */
function countDifferences(seed: u32): u32 {
  let differences: u32 = 0;
  for (let shift: usize = 0; shift < 4; shift++) {
    for (let len: u32 = 0; len <= 300; len++) {
      const ptr = bytes + shift;
      if (sum(ptr, len, seed) != sumPlain(ptr, len, seed)) differences++;
    }
  }
  return differences;
}

/** For one other word `rest` and one word changed: where following differs from summing anew. */
function countStale(rest: u32, from: u32, to: u32): u32 {
  const before = ~fold(<u64>rest + from) & 0xffff;
  const after = ~fold(<u64>rest + to) & 0xffff;
  return update(before, from, to) == after ? 0 : 1;
}

describe("sum", () => {
  it("is the example of RFC 1071, section 3, as it lies", () => {
    const len = put(bytes, "0001 f203 f4f5 f6f7");
    expect<u32>(sumPlain(bytes, len, 0)).toBe(0xf2dd);
    expect<u32>(sum(bytes, len, 0)).toBe(0xf2dd);
  });

  it("pads an odd last byte with zero", () => {
    put(bytes, "0102 03ff");
    expect<u32>(sumPlain(bytes, 3, 0)).toBe(0x0204);
    expect<u32>(sum(bytes, 3, 0)).toBe(0x0204);
  });

  it("goes on from a seed", () => {
    noise(bytes, 300, 7);
    const first = sum(bytes, 140, 0);
    expect<u32>(sum(bytes + 140, 160, first)).toBe(sumPlain(bytes, 300, 0));
  });

  it("agrees with its plain twin on noise", () => {
    for (let seed: u64 = 1; seed <= 8; seed++) {
      noise(bytes, 304, seed << 32);
      expect<u32>(countDifferences(0)).toBe(0);
      expect<u32>(countDifferences(0xffffffff)).toBe(0);
    }
  });

  it("agrees with its plain twin on zeros", () => {
    memory.fill(bytes, 0, 304);
    expect<u32>(countDifferences(0)).toBe(0);
    expect<u32>(countDifferences(0xffff)).toBe(0);
    expect<u32>(sum(bytes, 300, 0)).toBe(0);
  });

  it("agrees with its plain twin on ones", () => {
    memory.fill(bytes, 0xff, 304);
    expect<u32>(countDifferences(0)).toBe(0);
    expect<u32>(countDifferences(0xffff)).toBe(0);
    expect<u32>(sum(bytes, 300, 0)).toBe(0xffff);
  });

  it("bears the longest input of every fill", () => {
    for (let fill = 0; fill < 256; fill += 0x7f) {
      memory.fill(bytes, <u8>fill, LEN_MAX);
      for (let len = LEN_MAX - 33; len <= LEN_MAX; len++) {
        expect<u32>(sum(bytes, len, 0xffff)).toBe(sumPlain(bytes, len, 0xffff));
      }
    }
  });

  it("bears what is rounded up wherever it can be", () => {
    // Of eight vectors: every mean of two, of four and of all is half a unit too large.
    const words: u16[] = [1, 0, 1, 2, 1, 2, 2, 3];
    for (let at: u32 = 0; at < LEN_MAX; at += 2) {
      store<u16>(bytes + at, words[(at >> 4) & 7]);
    }
    expect<u32>(sum(bytes, LEN_MAX, 0)).toBe(sumPlain(bytes, LEN_MAX, 0));
    for (let at: u32 = 0; at < LEN_MAX; at += 2) {
      store<u16>(bytes + at, 0xfffc + words[(at >> 4) & 7]);
    }
    for (let len = LEN_MAX - 130; len <= LEN_MAX; len++) {
      expect<u32>(sum(bytes, len, 0)).toBe(sumPlain(bytes, len, 0));
    }
  });

  it("reads nothing behind its last byte", () => {
    for (let len: u32 = 0; len <= 300; len++) {
      const ptr = edge(300) + 300 - len;
      noise(ptr, len, len);
      expect<u32>(sum(ptr, len, 0)).toBe(sumPlain(ptr, len, 0));
    }
  });
});

describe("sumLong", () => {
  it("takes any length", () => {
    noise(bytes, 65536 * 3 + 7, 3);
    for (let len: u32 = 65530; len < 65536 * 3; len += 32767) {
      expect<u32>(sumLong(bytes + 1, len, 5)).toBe(sumPlain(bytes + 1, len, 5));
    }
  });
});

describe("fold", () => {
  it("carries until sixteen bits are left", () => {
    expect<u32>(fold(0)).toBe(0);
    expect<u32>(fold(0xffff)).toBe(0xffff);
    expect<u32>(fold(0x10000)).toBe(1);
    expect<u32>(fold(0x1ffff)).toBe(1);
    expect<u32>(fold(0x10000ffffffff)).toBe(1); // a carry at every turn
    expect<u32>(fold(0xffffffffffffffff)).toBe(0xffff);
    expect<u32>(fold(0xfffffffffffffffe)).toBe(0xfffe);
  });
});

describe("update", () => {
  it("is the example of RFC 1624, section 4", () => {
    // Big-endian there: HC 0xdd2f, m 0x5555, m' 0x3285 gives 0x0000, never 0xffff.
    expect<u32>(update(0xdd2f, 0x5555, 0x3285)).toBe(0);
    expect<u32>(update(0x2fdd, 0x5555, 0x8532)).toBe(0);
  });

  it("follows every change of a word to and from an edge", () => {
    const edges: u32[] = [0, 1, 0xff, 0x100, 0x7fff, 0x8000, 0xff00, 0xfffe, 0xffff];
    const rests: u32[] = [1, 0x45, 0x7fff, 0x8000, 0xfffe, 0xffff]; // a version is there
    let stale: u32 = 0;
    for (let r = 0; r < rests.length; r++) {
      for (let e = 0; e < edges.length; e++) {
        for (let word: u32 = 0; word < 0x10000; word++) {
          stale += countStale(rests[r], word, edges[e]) + countStale(rests[r], edges[e], word);
        }
      }
    }
    expect<u32>(stale).toBe(0);
  });

  it("heeds the low sixteen bits only", () => {
    expect<u32>(update(0xabcddd2f, 0xabcd5555, 0xabcd3285)).toBe(0);
  });
});

describe("pseudoSeed", () => {
  it("is protocol and length as they lie", () => {
    put(bytes, "0011 0072"); // UDP, 114 bytes
    expect<u32>(fold(pseudoSeed(17, 114))).toBe(sumPlain(bytes, 4, 0));
    put(bytes, "0006 ffff");
    expect<u32>(fold(pseudoSeed(6, 0xffff))).toBe(sumPlain(bytes, 4, 0));
  });
});
