import { areOptionsWhole, copyOptions, findOption, optionLen } from "../../../assembly/wire/option";
import { dirty, edge, hexOf, isDirty, noise, put } from "../bytes";

// Router alert, NOP, record route for two addresses, loose source route over one, end, and a byte.
const LIST = "94040000 01 070b04 0a000001 00000000 830704 0a000002 00 ff";
const LIST_LEN: u32 = 25;

const list: usize = memory.data(128);
const copy: usize = memory.data(128);

describe("optionLen", () => {
  it("counts one byte for the end and for padding, whatever follows", () => {
    put(list, "00ff");
    expect<u32>(optionLen(list, 2)).toBe(1);
    put(list, "01ff");
    expect<u32>(optionLen(list, 1)).toBe(1);
  });

  it("takes two bytes where there are no more", () => {
    put(list, "9402");
    expect<u32>(optionLen(list, 2)).toBe(2);
    expect<u32>(optionLen(list, 1)).toBe(0);
    put(list, "9403");
    expect<u32>(optionLen(list, 2)).toBe(0);
  });

  it("takes every length from two to the room there is, for every other kind", () => {
    for (let kind: u32 = 2; kind < 256; kind++) {
      for (let len: u32 = 0; len < 256; len++) {
        store<u8>(list, <u8>kind);
        store<u8>(list + 1, <u8>len);
        expect<u32>(optionLen(list, 40)).toBe(len >= 2 && len <= 40 ? len : 0);
      }
    }
  });

  it("does not read a length that is not there", () => {
    const ptr = edge(1);
    store<u8>(ptr, 7);
    expect<u32>(optionLen(ptr, 1)).toBe(0);
  });
});

describe("areOptionsWhole", () => {
  it("takes no options, a whole list, and whatever stands behind its end", () => {
    expect<bool>(areOptionsWhole(edge(0), 0)).toBe(true);
    put(list, LIST);
    expect<bool>(areOptionsWhole(list, LIST_LEN)).toBe(true);
    put(list, "00070000");
    expect<bool>(areOptionsWhole(list, 4)).toBe(true);
  });

  it("refuses a list that is cut inside an option", () => {
    put(list, LIST);
    for (let len: u32 = 0; len < LIST_LEN; len++) {
      const isBetween = len == 0 || len == 4 || len == 5 || len == 16 || len >= 23;
      expect<bool>(areOptionsWhole(list, len)).toBe(isBetween);
    }
  });

  it("ends on noise, and reads none behind", () => {
    for (let seed: u64 = 0; seed < 500; seed++) {
      const len: u32 = 4 * (<u32>seed % 11);
      const ptr = edge(len);
      noise(ptr, len, seed << 8);
      areOptionsWhole(ptr, len);
      findOption(ptr, len, 148);
    }
  });
});

describe("findOption", () => {
  beforeEach(() => {
    put(list, LIST);
  });

  it("finds what is there, and the first of two", () => {
    expect<usize>(findOption(list, LIST_LEN, 0x94)).toBe(list);
    expect<usize>(findOption(list, LIST_LEN, 7)).toBe(list + 5);
    expect<usize>(findOption(list, LIST_LEN, 131)).toBe(list + 16);
    put(list + 5, "940b");
    expect<usize>(findOption(list, LIST_LEN, 0x94)).toBe(list);
  });

  it("finds nothing else: no data, nothing behind the end or a wrong length", () => {
    expect<usize>(findOption(list, LIST_LEN, 10)).toBe(0);
    expect<usize>(findOption(list, LIST_LEN, 255)).toBe(0);
    put(list + 4, "00");
    expect<usize>(findOption(list, LIST_LEN, 7)).toBe(0);
    put(list + 4, "0201");
    expect<usize>(findOption(list, LIST_LEN, 131)).toBe(0);
    expect<usize>(findOption(list, LIST_LEN, 0x94)).toBe(list);
  });
});

describe("copyOptions", () => {
  beforeEach(() => {
    dirty(copy, 128);
  });

  it("takes the copied options along, ends them to a word, and writes no more", () => {
    put(list, LIST);
    expect<u32>(copyOptions(list, 24, copy)).toBe(12);
    expect<string>(hexOf(copy, 12)).toBe("940400008307040a00000200");
    expect<bool>(isDirty(copy + 12, 116)).toBe(true);
  });

  it("leaves nothing of options that only the first fragment carries", () => {
    put(list, "01010101 0703 04 00 ff940400");
    expect<u32>(copyOptions(list, 12, copy)).toBe(0);
    expect<bool>(isDirty(copy, 128)).toBe(true);
  });

  it("takes forty bytes that are all copied", () => {
    put(list, "8827");
    memory.fill(list + 2, 0x77, 37);
    store<u8>(list + 39, 1);
    expect<u32>(copyOptions(list, 40, copy)).toBe(40);
    expect<string>(hexOf(copy + 36, 4)).toBe("77777700");
    expect<bool>(isDirty(copy + 40, 88)).toBe(true);
  });
});
