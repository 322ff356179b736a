import { Status } from "../../../assembly/base/status";
import {
  ETHERNET_HEADER_LEN,
  ETHERTYPE_ARP_NET,
  ETHERTYPE_IPV4_NET,
  ETHERTYPE_IPV6_NET,
  ETHERTYPE_VLAN_NET,
  Ethernet,
  isGroupMac,
  MAC_BROADCAST,
} from "../../../assembly/wire/ethernet";
import { dirty, edge, hexOf, isDirty, put } from "../bytes";

const frame: usize = memory.data(64);

describe("Ethernet", () => {
  beforeEach(() => {
    dirty(frame, 64);
  });

  it("writes every byte it owns, and no other", () => {
    Ethernet.at(frame + 2).emit(0x0300a80a0002, 0x0200a80a0002, ETHERTYPE_IPV4_NET);
    expect<string>(hexOf(frame + 2, 14)).toBe("02000aa8000302000aa800020800");
    expect<bool>(isDirty(frame, 2)).toBe(true);
    expect<bool>(isDirty(frame + 16, 48)).toBe(true);
  });

  it("writes no more of a MAC than its six bytes", () => {
    Ethernet.at(frame).emit(0xffff0300a80a0002, 0xffff0200a80a0002, 0xffff0608);
    expect<string>(hexOf(frame, 14)).toBe("02000aa8000302000aa800020806");
    expect<bool>(isDirty(frame + 14, 50)).toBe(true);
  });

  it("refuses every length short of a header", () => {
    for (let len: u32 = 0; len < ETHERNET_HEADER_LEN; len++) {
      expect<i32>(Ethernet.check(frame, len)).toBe(Status.Truncated);
    }
    expect<i32>(Ethernet.check(frame, 14)).toBe(Status.Ok);
    expect<i32>(Ethernet.check(frame, 0xffffffff)).toBe(Status.Ok);
  });

  it("reads a frame that Linux sent, and nothing behind its header", () => {
    // A container asks for the other's MAC, docker0 (lab A, packet 2).
    const header = edge(14);
    put(header, "ffff ffff ffff 0242 ac11 0002 0806");
    expect<u64>(Ethernet.at(header).dst).toBe(MAC_BROADCAST);
    expect<u64>(Ethernet.at(header).src).toBe(0x020011ac4202);
    expect<u32>(Ethernet.at(header).etherTypeNet).toBe(ETHERTYPE_ARP_NET);
    expect<u32>(Ethernet.at(header).etherType).toBe(0x0806);
    expect<usize>(Ethernet.at(header).payload).toBe(header + 14);
  });

  it("names the types as they lie", () => {
    put(frame, "0000 0000 0000 0000 0000 0000 8100");
    expect<u32>(Ethernet.at(frame).etherTypeNet).toBe(ETHERTYPE_VLAN_NET);
    put(frame + 12, "86dd");
    expect<u32>(Ethernet.at(frame).etherTypeNet).toBe(ETHERTYPE_IPV6_NET);
  });

  it("knows a group address by the first bit on the wire", () => {
    put(frame, "0100 5e00 0016 0242 6a46 93d2 0800");
    expect<bool>(isGroupMac(Ethernet.at(frame).dst)).toBe(true);
    expect<bool>(isGroupMac(Ethernet.at(frame).src)).toBe(false);
    expect<bool>(isGroupMac(MAC_BROADCAST)).toBe(true);
    expect<bool>(isGroupMac(0)).toBe(false);
  });
});
