import { Status } from "../../../assembly/base/status";
import { VNI_MAX, VXLAN_HEADER_LEN, Vxlan } from "../../../assembly/wire/vxlan";
import { dirty, edge, flip, hexOf, isDirty, put } from "../bytes";

const FLAG_I_BIT: u32 = 3; // of byte 0, counted from its lowest
const header: usize = memory.data(32);

describe("Vxlan", () => {
  beforeEach(() => {
    dirty(header, 32);
  });

  it("writes every byte it owns, and no other", () => {
    Vxlan.at(header + 2).emit(VNI_MAX);
    expect<string>(hexOf(header + 2, 8)).toBe("08000000ffffff00");
    expect<bool>(isDirty(header, 2)).toBe(true);
    expect<bool>(isDirty(header + 10, 22)).toBe(true);
  });

  it("reads the header that Linux sends for VNI 1, and nothing behind it", () => {
    // Lab B, underlay, packet 4.
    const ptr = edge(VXLAN_HEADER_LEN);
    put(ptr, "0800 0000 0000 0100");
    expect<i32>(Vxlan.check(ptr, VXLAN_HEADER_LEN, true)).toBe(Status.Ok);
    expect<u32>(Vxlan.at(ptr).vni).toBe(1);
    expect<usize>(Vxlan.at(ptr).payload).toBe(ptr + 8);
  });

  it("reads back every bit of a VNI", () => {
    for (let vni: u32 = 0; vni <= VNI_MAX; vni += 4369) {
      Vxlan.at(header).emit(vni);
      expect<u32>(Vxlan.at(header).vni).toBe(vni);
    }
  });

  it("refuses every length short of a header", () => {
    Vxlan.at(header).emit(1);
    for (let len: u32 = 0; len < VXLAN_HEADER_LEN; len++) {
      expect<i32>(Vxlan.check(header, len, false)).toBe(Status.Truncated);
      expect<i32>(Vxlan.check(header, len, true)).toBe(Status.Truncated);
    }
    expect<i32>(Vxlan.check(header, 8, true)).toBe(Status.Ok);
  });

  it("refuses a clear I flag before anything else", () => {
    put(header, "f7ff ffff 0000 01ff");
    expect<i32>(Vxlan.check(header, 8, false)).toBe(Status.BadFlags);
    expect<i32>(Vxlan.check(header, 8, true)).toBe(Status.BadFlags);
    memory.fill(header, 0, 8);
    expect<i32>(Vxlan.check(header, 8, true)).toBe(Status.BadFlags);
  });

  it("ignores each of the 39 reserved bits, or refuses it where the receiver is strict", () => {
    let reserved = 0;
    for (let bit: u32 = 0; bit < 64; bit++) {
      const byte = bit >> 3;
      if (bit == FLAG_I_BIT || (byte >= 4 && byte < 7)) continue;
      Vxlan.at(header).emit(0x123456);
      flip(header, bit);
      expect<i32>(Vxlan.check(header, 8, false)).toBe(Status.Ok);
      expect<i32>(Vxlan.check(header, 8, true)).toBe(Status.ReservedBits);
      expect<u32>(Vxlan.at(header).vni).toBe(0x123456);
      reserved++;
    }
    expect<i32>(reserved).toBe(39);
  });

  it("reads the group policy", () => {
    put(header, "8848 1234 0000 0700");
    expect<bool>(Vxlan.at(header).hasPolicy).toBe(true);
    expect<bool>(Vxlan.at(header).isDontLearn).toBe(true);
    expect<bool>(Vxlan.at(header).isPolicyApplied).toBe(true);
    expect<u32>(Vxlan.at(header).policyId).toBe(0x1234);
    expect<u32>(Vxlan.at(header).vni).toBe(7);
    put(header, "08b7");
    expect<bool>(Vxlan.at(header).hasPolicy).toBe(false);
    expect<bool>(Vxlan.at(header).isDontLearn).toBe(false);
    expect<bool>(Vxlan.at(header).isPolicyApplied).toBe(false);
  });

  it("takes the bits of the group policy, and no others, where it is told to", () => {
    let allowed = 0;
    for (let bit: u32 = 0; bit < 64; bit++) {
      const byte = bit >> 3;
      if (bit == FLAG_I_BIT || (byte >= 4 && byte < 7)) continue;
      Vxlan.at(header).emit(0x123456);
      flip(header, bit);
      const isPolicy = bit == 7 || (byte > 0 && byte < 4);
      const expected = isPolicy ? Status.Ok : Status.ReservedBits;
      expect<i32>(Vxlan.check(header, 8, true, true)).toBe(expected);
      expect<i32>(Vxlan.check(header, 8, false, true)).toBe(Status.Ok);
      if (isPolicy) allowed++;
    }
    expect<i32>(allowed).toBe(25);
    memory.fill(header, 0, 8);
    expect<i32>(Vxlan.check(header, 8, true, true)).toBe(Status.BadFlags);
  });
});
