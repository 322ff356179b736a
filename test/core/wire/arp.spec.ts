import { Status } from "../../../assembly/base/status";
import { ARP_LEN, ARP_REPLY, ARP_REQUEST, Arp } from "../../../assembly/wire/arp";
import { dirty, edge, hexOf, isDirty, put } from "../bytes";

// 10.168.0.2 asks for 10.168.0.3, and is answered (lab B, underlay, packets 2 and 3).
const REQUEST = "0001 0800 0604 0001 0200 0aa8 0002 0aa8 0002 0000 0000 0000 0aa8 0003";
const REPLY = "0001 0800 0604 0002 0200 0aa8 0003 0aa8 0003 0200 0aa8 0002 0aa8 0002";

const MAC_2: u64 = 0x0200a80a0002;
const MAC_3: u64 = 0x0300a80a0002;
const ADDRESS_2: u32 = 0x0aa80002;
const ADDRESS_3: u32 = 0x0aa80003;

const message: usize = memory.data(64);

/** What check says of a request with one byte changed. */
function judgeWith(at: usize, byte: u8): i32 {
  put(message, REQUEST);
  store<u8>(message + at, byte);
  return Arp.check(message, ARP_LEN);
}

describe("Arp", () => {
  beforeEach(() => {
    dirty(message, 64);
  });

  it("writes every byte it owns, and no other", () => {
    Arp.at(message + 2).emit(ARP_REPLY, MAC_3, ADDRESS_3, MAC_2, ADDRESS_2);
    expect<string>(hexOf(message + 2, 28)).toBe(REPLY.replaceAll(" ", ""));
    expect<bool>(isDirty(message, 2)).toBe(true);
    expect<bool>(isDirty(message + 30, 34)).toBe(true);
  });

  it("writes no more of a MAC than its six bytes", () => {
    const high: u64 = 0xffff000000000000;
    Arp.at(message).emit(ARP_REPLY, MAC_3 | high, ADDRESS_3, MAC_2 | high, ADDRESS_2);
    expect<string>(hexOf(message, 28)).toBe(REPLY.replaceAll(" ", ""));
  });

  it("reads a request, and nothing behind it", () => {
    const ptr = edge(ARP_LEN);
    put(ptr, REQUEST);
    expect<i32>(Arp.check(ptr, ARP_LEN)).toBe(Status.Ok);
    expect<u32>(Arp.at(ptr).operation).toBe(ARP_REQUEST);
    expect<bool>(Arp.at(ptr).isRequest).toBe(true);
    expect<u64>(Arp.at(ptr).senderMac).toBe(MAC_2);
    expect<u32>(Arp.at(ptr).senderAddress).toBe(ADDRESS_2);
    expect<u64>(Arp.at(ptr).targetMac).toBe(0);
    expect<u32>(Arp.at(ptr).targetAddress).toBe(ADDRESS_3);
  });

  it("reads a reply", () => {
    put(message, REPLY);
    expect<i32>(Arp.check(message, ARP_LEN)).toBe(Status.Ok);
    expect<u32>(Arp.at(message).operation).toBe(ARP_REPLY);
    expect<bool>(Arp.at(message).isRequest).toBe(false);
    expect<u64>(Arp.at(message).senderMac).toBe(MAC_3);
    expect<u32>(Arp.at(message).senderAddress).toBe(ADDRESS_3);
    expect<u64>(Arp.at(message).targetMac).toBe(MAC_2);
    expect<u32>(Arp.at(message).targetAddress).toBe(ADDRESS_2);
  });

  it("takes the padding of a short frame", () => {
    put(message, REQUEST);
    expect<i32>(Arp.check(message, 46)).toBe(Status.Ok);
  });

  it("refuses every length short of a message", () => {
    put(message, REQUEST);
    for (let len: u32 = 0; len < ARP_LEN; len++) {
      expect<i32>(Arp.check(message, len)).toBe(Status.Truncated);
    }
    expect<i32>(Arp.check(message, 28)).toBe(Status.Ok);
  });

  it("refuses other hardware than Ethernet", () => {
    expect<i32>(judgeWith(0, 1)).toBe(Status.BadHardware);
    expect<i32>(judgeWith(1, 6)).toBe(Status.BadHardware);
  });

  it("refuses other protocols than IPv4", () => {
    expect<i32>(judgeWith(2, 0x86)).toBe(Status.BadHardware);
    expect<i32>(judgeWith(3, 1)).toBe(Status.BadHardware);
  });

  it("refuses other lengths of an address", () => {
    expect<i32>(judgeWith(4, 8)).toBe(Status.BadHardware);
    expect<i32>(judgeWith(5, 16)).toBe(Status.BadHardware);
  });

  it("refuses what neither asks nor answers", () => {
    expect<i32>(judgeWith(7, 0)).toBe(Status.BadHardware);
    expect<i32>(judgeWith(7, 3)).toBe(Status.BadHardware);
    expect<i32>(judgeWith(6, 1)).toBe(Status.BadHardware);
  });
});
