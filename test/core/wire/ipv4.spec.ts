import { sumPlain } from "../../../assembly/base/checksum";
import { Status } from "../../../assembly/base/status";
import { isBroadcast, isLoopback, isMulticast } from "../../../assembly/wire/address";
import {
  IPV4_HEADER_LEN_MIN,
  Ipv4,
  PROTOCOL_ICMP,
  PROTOCOL_IGMP,
  PROTOCOL_IPIP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from "../../../assembly/wire/ipv4";
import { dirty, edge, flip, hexOf, isDirty, put } from "../bytes";

// The outer header of a datagram from 10.168.0.2 to 10.168.0.3 (lab C, underlay, packet 3).
const OUTER = "4500 0070 5c8f 4000 4011 c899 0aa8 0002 0aa8 0003";
// An IGMP report, with the router alert option (lab B, underlay, packet 1).
const REPORT = "46c0 0028 0000 4000 0102 03fa 0000 0000 e000 0016 9404 0000";

const packet: usize = memory.data(128);

/** Puts the byte in its place and the checksum right, so that only the byte can be refused. */
function judgeWith(at: usize, byte: u8, headerLen: u32): i32 {
  dirty(packet, 128);
  put(packet, OUTER);
  store<u8>(packet + at, byte);
  seal(headerLen);
  return Ipv4.check(packet, 112);
}

function seal(headerLen: u32): void {
  store<u16>(packet + 10, 0);
  store<u16>(packet + 10, <u16>~sumPlain(packet, headerLen, 0));
}

describe("Ipv4.emit", () => {
  beforeEach(() => {
    dirty(packet, 128);
  });

  it("writes every byte it owns, and no other", () => {
    Ipv4.at(packet + 2).emit(0x70, 64, PROTOCOL_UDP, 0x0aa80002, 0x0aa80003);
    const expected = "450000700000000040116529" + "0aa800020aa80003";
    expect<string>(hexOf(packet + 2, 20)).toBe(expected);
    expect<bool>(isDirty(packet, 2)).toBe(true);
    expect<bool>(isDirty(packet + 22, 106)).toBe(true);
  });

  it("and its setters make the header that Linux made", () => {
    const header = Ipv4.at(packet);
    header.emit(0, 65, PROTOCOL_UDP, 0x0aa80002, 0x0aa80003);
    header.setTotalLength(0x70);
    header.setId(0x5c8f);
    header.setDontFragment();
    header.setTos(0xc0);
    header.setTos(0);
    header.decrementTtl();
    expect<string>(hexOf(packet, 20)).toBe(OUTER.replaceAll(" ", ""));
    expect<bool>(isDirty(packet + 20, 108)).toBe(true);
  });

  it("heeds no more of an argument than its field holds", () => {
    Ipv4.at(packet).emit(0xffff0070, 0xffffff40, 0xffffff11, 0x0aa80002, 0x0aa80003);
    expect<string>(hexOf(packet, 12)).toBe("450000700000000040116529");
  });
});

describe("Ipv4.check", () => {
  it("takes a header that Linux made, with and without options", () => {
    put(packet, OUTER);
    expect<i32>(Ipv4.check(packet, 112)).toBe(Status.Ok);
    put(packet, REPORT);
    expect<i32>(Ipv4.check(packet, 40)).toBe(Status.Ok);
  });

  it("takes the padding of a short frame", () => {
    put(packet, REPORT);
    expect<i32>(Ipv4.check(packet, 46)).toBe(Status.Ok);
  });

  it("refuses every length short of a header", () => {
    const ptr = edge(0);
    for (let len: u32 = 0; len < IPV4_HEADER_LEN_MIN; len++) {
      expect<i32>(Ipv4.check(ptr, len)).toBe(Status.Truncated); // and reads nothing
    }
  });

  it("refuses every length short of what the header claims", () => {
    put(packet, OUTER);
    for (let len: u32 = IPV4_HEADER_LEN_MIN; len < 112; len++) {
      expect<i32>(Ipv4.check(packet, len)).toBe(Status.Truncated);
    }
  });

  it("refuses every other version", () => {
    for (let version = 0; version < 16; version++) {
      const expected: i32 = version == 4 ? Status.Ok : Status.BadVersion;
      expect<i32>(judgeWith(0, <u8>((version << 4) | 5), 20)).toBe(expected);
    }
  });

  it("refuses a header length below five words", () => {
    for (let ihl = 0; ihl < 5; ihl++) {
      expect<i32>(judgeWith(0, <u8>(0x40 | ihl), 20)).toBe(Status.BadLength);
    }
    for (let ihl = 5; ihl < 16; ihl++) {
      expect<i32>(judgeWith(0, <u8>(0x40 | ihl), ihl << 2)).toBe(Status.Ok);
    }
  });

  it("refuses a total length below the header's", () => {
    for (let len: u32 = 0; len < 20; len++) {
      expect<i32>(judgeWith(3, <u8>len, 20)).toBe(Status.BadLength);
    }
    expect<i32>(judgeWith(3, 20, 20)).toBe(Status.Ok);
    put(packet, "46c0 0014 0000 4000 0102 0000 0000 0000 e000 0016 9404 0000");
    seal(24);
    expect<i32>(Ipv4.check(packet, 40)).toBe(Status.BadLength);
  });

  it("never reads options that lie behind the packet", () => {
    const ptr = edge(20);
    put(ptr, "4f00 0014 0000 0000 4011 0000 0aa8 0002 0aa8 0003");
    expect<i32>(Ipv4.check(ptr, 20)).toBe(Status.BadLength);
    put(ptr, "4f00 003c");
    expect<i32>(Ipv4.check(ptr, 20)).toBe(Status.Truncated);
  });

  it("refuses every single bit that is wrong behind the lengths", () => {
    for (let bit: u32 = 32; bit < 160; bit++) {
      put(packet, OUTER);
      flip(packet, bit);
      expect<i32>(Ipv4.check(packet, 112)).toBe(Status.BadChecksum);
    }
  });

  it("refuses a header of zeros for its version", () => {
    memory.fill(packet, 0, 128);
    expect<i32>(Ipv4.check(packet, 112)).toBe(Status.BadVersion);
  });
});

describe("Ipv4.checkHeader", () => {
  it("takes what an ICMP error quotes: the header and eight bytes of a longer packet", () => {
    put(packet, OUTER);
    expect<i32>(Ipv4.checkHeader(packet, 28)).toBe(Status.Ok);
    expect<i32>(Ipv4.checkHeader(packet, 20)).toBe(Status.Ok);
    flip(packet, 90); // of the checksum, which a router may have left behind
    expect<i32>(Ipv4.checkHeader(packet, 28)).toBe(Status.Ok);
  });

  it("refuses every cut inside the header, and reads none behind", () => {
    for (let len: u32 = 0; len < 24; len++) {
      const ptr = edge(len);
      for (let i: u32 = 0; i < len; i++) store<u8>(ptr + i, 0x46);
      expect<i32>(Ipv4.checkHeader(ptr, len)).toBe(Status.Truncated);
    }
  });

  it("refuses a version and lengths that cannot be", () => {
    put(packet, OUTER);
    store<u8>(packet, 0x65);
    expect<i32>(Ipv4.checkHeader(packet, 112)).toBe(Status.BadVersion);
    store<u8>(packet, 0x44);
    expect<i32>(Ipv4.checkHeader(packet, 112)).toBe(Status.BadLength);
    store<u8>(packet, 0x4f);
    put(packet + 2, "003b");
    expect<i32>(Ipv4.checkHeader(packet, 112)).toBe(Status.BadLength);
  });
});

describe("Ipv4 readers", () => {
  it("read a header that Linux made", () => {
    const ptr = edge(20);
    put(ptr, OUTER);
    const header = Ipv4.at(ptr);
    expect<u32>(header.headerLen).toBe(20);
    expect<u32>(header.tos).toBe(0);
    expect<u32>(header.totalLength).toBe(112);
    expect<u32>(header.id).toBe(0x5c8f);
    expect<bool>(header.isDontFragment).toBe(true);
    expect<u32>(header.ttl).toBe(64);
    expect<u32>(header.protocol).toBe(PROTOCOL_UDP);
    expect<u32>(header.src).toBe(0x0aa80002);
    expect<u32>(header.dst).toBe(0x0aa80003);
    expect<usize>(header.payload).toBe(ptr + 20);
    expect<u32>(header.payloadLen).toBe(92);
    expect<u32>(header.pseudo()).toBe(sumPlain(ptr + 12, 8, 0));
  });

  it("step over options", () => {
    put(packet, REPORT);
    const header = Ipv4.at(packet);
    expect<u32>(header.headerLen).toBe(24);
    expect<u32>(header.tos).toBe(0xc0);
    expect<u32>(header.protocol).toBe(PROTOCOL_IGMP);
    expect<usize>(header.payload).toBe(packet + 24);
    expect<u32>(header.payloadLen).toBe(16);
  });

  it("know a whole packet, whatever DF and the reserved bit say", () => {
    for (let bits = 0; bits < 3; bits++) {
      put(packet + 6, bits == 0 ? "0000" : bits == 1 ? "4000" : "8000");
      expect<bool>(Ipv4.at(packet).isFragment).toBe(false);
      expect<bool>(Ipv4.at(packet).isFirstFragment).toBe(true);
      expect<bool>(Ipv4.at(packet).hasMoreFragments).toBe(false);
      expect<bool>(Ipv4.at(packet).isDontFragment).toBe(bits == 1);
      expect<bool>(Ipv4.at(packet).isReserved).toBe(bits == 2);
      expect<u32>(Ipv4.at(packet).fragmentOffset).toBe(0);
    }
  });

  it("know the first fragment", () => {
    put(packet + 6, "2000");
    expect<bool>(Ipv4.at(packet).hasMoreFragments).toBe(true);
    expect<bool>(Ipv4.at(packet).isReserved).toBe(false);
    expect<bool>(Ipv4.at(packet).isFragment).toBe(true);
    expect<bool>(Ipv4.at(packet).isFirstFragment).toBe(true);
    expect<u32>(Ipv4.at(packet).fragmentOffset).toBe(0);
  });

  it("know every later fragment, and where it belongs", () => {
    for (let offset: u32 = 1; offset < 0x2000; offset += 31) {
      store<u16>(packet + 6, bswap<u16>(<u16>offset));
      expect<bool>(Ipv4.at(packet).isFragment).toBe(true);
      expect<bool>(Ipv4.at(packet).isFirstFragment).toBe(false);
      expect<u32>(Ipv4.at(packet).fragmentOffset).toBe(offset * 8);
    }
    put(packet + 6, "ffff");
    expect<u32>(Ipv4.at(packet).fragmentOffset).toBe(65528);
  });
});

describe("protocols", () => {
  it("have their assigned numbers", () => {
    expect<u32>(PROTOCOL_ICMP).toBe(1);
    expect<u32>(PROTOCOL_IGMP).toBe(2);
    expect<u32>(PROTOCOL_IPIP).toBe(4);
    expect<u32>(PROTOCOL_TCP).toBe(6);
    expect<u32>(PROTOCOL_UDP).toBe(17);
  });
});

describe("address classes", () => {
  it("end where they should", () => {
    expect<bool>(isMulticast(0xdfffffff)).toBe(false);
    expect<bool>(isMulticast(0xe0000000)).toBe(true);
    expect<bool>(isMulticast(0xefffffff)).toBe(true);
    expect<bool>(isMulticast(0xf0000000)).toBe(false);
    expect<bool>(isBroadcast(0xffffffff)).toBe(true);
    expect<bool>(isBroadcast(0xfffffffe)).toBe(false);
    expect<bool>(isLoopback(0x7effffff)).toBe(false);
    expect<bool>(isLoopback(0x7f000000)).toBe(true);
    expect<bool>(isLoopback(0x7fffffff)).toBe(true);
    expect<bool>(isLoopback(0x80000000)).toBe(false);
  });
});
