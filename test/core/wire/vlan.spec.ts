import { Status } from "../../../assembly/base/status";
import { ETHERTYPE_IPV4_NET, VLAN_TAG_LEN } from "../../../assembly/wire/ethernet";
import { Vlan } from "../../../assembly/wire/vlan";
import { dirty, edge, hexOf, isDirty, put } from "../bytes";

const tag: usize = memory.data(16);

describe("Vlan", () => {
  beforeEach(() => {
    dirty(tag, 16);
  });

  it("writes every byte it owns, and no other", () => {
    Vlan.at(tag + 2).emit(5, true, 0x123, ETHERTYPE_IPV4_NET);
    expect<string>(hexOf(tag + 2, 4)).toBe("b1230800");
    expect<bool>(isDirty(tag, 2)).toBe(true);
    expect<bool>(isDirty(tag + 6, 10)).toBe(true);
  });

  it("keeps priority, drop eligibility and VLAN apart", () => {
    for (let vid: u32 = 0; vid < 0x1000; vid += 13) {
      const pcp = vid % 8;
      const isEligible = (vid & 1) == 0;
      Vlan.at(tag).emit(pcp, isEligible, vid, 0);
      expect<u32>(Vlan.at(tag).pcp).toBe(pcp);
      expect<bool>(Vlan.at(tag).isDropEligible).toBe(isEligible);
      expect<u32>(Vlan.at(tag).vid).toBe(vid);
    }
  });

  it("heeds no more of an argument than its field holds", () => {
    Vlan.at(tag).emit(0xffffffff, false, 0xfffff001, 0xffff0008);
    expect<string>(hexOf(tag, 4)).toBe("e0010800");
  });

  it("reads a tag, and nothing behind it", () => {
    const ptr = edge(VLAN_TAG_LEN);
    put(ptr, "7fff 86dd");
    expect<i32>(Vlan.check(ptr, VLAN_TAG_LEN)).toBe(Status.Ok);
    expect<u32>(Vlan.at(ptr).pcp).toBe(3);
    expect<bool>(Vlan.at(ptr).isDropEligible).toBe(true);
    expect<u32>(Vlan.at(ptr).vid).toBe(0xfff);
    expect<u32>(Vlan.at(ptr).etherTypeNet).toBe(0xdd86);
    expect<usize>(Vlan.at(ptr).payload).toBe(ptr + 4);
  });

  it("refuses every length short of a tag", () => {
    for (let len: u32 = 0; len < VLAN_TAG_LEN; len++) {
      expect<i32>(Vlan.check(edge(0), len)).toBe(Status.Truncated); // and reads nothing
    }
  });
});
