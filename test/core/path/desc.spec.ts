import { arena, arenaEnd } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { checkPlain, Desc, DescAt, DescFlag } from "../../../assembly/path/desc";
import { dirty, hexOf, isDirty } from "../bytes";
import { openNode } from "../table/node";

const HEADROOM: u32 = 50;

const desc: usize = memory.data(64, 8);
let node: usize = 0;

function check(ptr: usize, len: u32): i32 {
  const d = Desc.at(desc);
  d.emit(ptr, len, 0);
  return checkPlain(node, d, HEADROOM);
}

describe("Desc", () => {
  it("starts anew over whatever was there, and nowhere else", () => {
    dirty(desc, 64);
    Desc.at(desc + 8).emit(0x11223344, 0x55667788, DescFlag.L3 | DescFlag.OuterFrame);
    const hex = "44332211 88776655 ffff 0101 0000 ffff 00000000 00000000 0000 0000 00 00 00 00";
    expect<string>(hexOf(desc + 8, DescAt.End)).toBe(hex.replaceAll(" ", ""));
    expect<bool>(isDirty(desc, 8)).toBe(true);
    expect<bool>(isDirty(desc + 40, 24)).toBe(true);
  });

  it("reads what was set, and keeps the rest", () => {
    const d = Desc.at(desc);
    d.emit(1, 2, DescFlag.Shared | DescFlag.L3);
    d.addFlags(DescFlag.Gather);
    d.dropFlags(DescFlag.Shared | DescFlag.Decapped);
    d.setRange(3, 4);
    d.setPort(5);
    d.setVerdict(Status.Truncated);
    d.setRemote(6);
    d.setPeer(0xc0000201);
    d.setVni(0xffffff);
    d.setTos(0xb8);
    d.setLane(0xabcdef);
    const hex = "03000000 04000000 0500 1100 e0ff 0600 010200c0 ffffff00 0000 0000 00 00 b8 ef";
    expect<string>(hexOf(desc, DescAt.End)).toBe(hex.replaceAll(" ", ""));
    expect<i32>(d.verdict).toBe(Status.Truncated);
    expect<u32>(d.flags).toBe(DescFlag.L3 | DescFlag.Gather);
  });
});

describe("checkPlain", () => {
  beforeEach(() => {
    node = openNode();
  });

  it("takes no super-packet and nothing unfinished", () => {
    const d = Desc.at(desc);
    const begin = arena(node) + HEADROOM;
    for (let flag = 1; flag <= DescFlag.OuterFrame; flag <<= 1) {
      d.emit(begin, 64, flag);
      const isSuper =
        flag == DescFlag.CsumPartial || flag == DescFlag.Gather || flag == DescFlag.UdpGro;
      expect<i32>(checkPlain(node, d, HEADROOM)).toBe(isSuper ? Status.NeedsOffload : Status.Ok);
    }
    d.emit(begin, 64, 0);
    store<u16>(desc, 1, DescAt.GsoSize);
    expect<i32>(checkPlain(node, d, HEADROOM)).toBe(Status.NeedsOffload);
  });

  it("takes what lies in the arena with its headroom, to the byte", () => {
    const begin = arena(node) + HEADROOM;
    const len = <u32>(arenaEnd(node) - begin);
    expect<i32>(check(begin, len)).toBe(Status.Ok);
    expect<i32>(check(begin, len + 1)).toBe(Status.BadArgument);
    expect<i32>(check(begin - 1, 1)).toBe(Status.BadArgument);
    expect<i32>(check(arenaEnd(node), 0)).toBe(Status.Ok);
    expect<i32>(check(arenaEnd(node), 1)).toBe(Status.BadArgument);
  });

  it("is not fooled by ranges that wrap", () => {
    expect<i32>(check(arena(node) + HEADROOM, 0xffffffff)).toBe(Status.BadArgument);
    expect<i32>(check(0xffffffff, 1)).toBe(Status.BadArgument);
    expect<i32>(check(0xffffffff, 0xffffffff)).toBe(Status.BadArgument);
    expect<i32>(check(0, 0)).toBe(Status.BadArgument);
  });
});
