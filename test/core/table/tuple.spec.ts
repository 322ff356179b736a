import { Tuple, tupleAt } from "../../../assembly/table/tuple";

const first: usize = memory.data(<i32>tupleAt.END, 8);
const second: usize = memory.data(<i32>tupleAt.END, 8);

const a = Tuple.at(first);
const b = Tuple.at(second);

describe("a tuple", () => {
  beforeEach(() => {
    a.emit(0x0a0000020a000001, 0x00501388);
    b.emitBack(a);
  });

  it("has a source and a target", () => {
    expect<u32>(a.src).toBe(0x0a000001);
    expect<u32>(a.srcPort).toBe(5000);
    expect<u32>(a.dst).toBe(0x0a000002);
    expect<u32>(a.dstPort).toBe(80);
    a.setSource(0xc0000201, 4000);
    a.setTarget(0xc0000202, 443);
    expect<u64>(a.addresses).toBe(0xc0000202c0000201);
    expect<u32>(a.ports).toBe(0x01bb0fa0);
  });

  it("goes both ways under one key", () => {
    expect<u32>(b.src).toBe(a.dst);
    expect<u32>(b.dstPort).toBe(a.srcPort);
    expect<bool>(b.equals(a)).toBe(false);
    expect<u64>(b.key(1, 6)).toBe(a.key(1, 6));
    b.emitBack(b);
    expect<bool>(b.equals(a)).toBe(true);
  });

  it("has another key with another seed, protocol, address or port, and never zero", () => {
    const key = a.key(1, 6);
    expect<u64>(key).not.toBe(0);
    expect<u64>(a.key(2, 6)).not.toBe(key);
    expect<u64>(a.key(1, 17)).not.toBe(key);
    a.setSource(0x0a000001, 5001);
    expect<u64>(a.key(1, 6)).not.toBe(key);
    a.setSource(0x0a000003, 5000);
    expect<u64>(a.key(1, 6)).not.toBe(key);
  });

  it("equals none that differs in a single bit", () => {
    for (let bit: u32 = 0; bit < 64; bit++) {
      b.emit(a.addresses ^ ((<u64>1) << bit), a.ports);
      expect<bool>(b.equals(a)).toBe(false);
      b.emit(a.addresses, a.ports ^ (1 << (bit & 31)));
      expect<bool>(b.equals(a)).toBe(false);
    }
  });
});
