import { Status } from "../../../assembly/base/status";
import { Ipv4 } from "../../../assembly/wire/ipv4";
import { UDP_HEADER_LEN, Udp } from "../../../assembly/wire/udp";
import { dirty, edge, flip, hexOf, isDirty, put } from "../bytes";

// A datagram of flannel's UDP backend, with its IPv4 header (lab C, underlay, packet 3).
const IPV4_HEADER = "4500 0070 5c8f 4000 4011 c899 0aa8 0002 0aa8 0003";
const UDP_HEADER = "205d 205d 005c a927";
const PAYLOAD =
  "4500 0054 9560 4000 3e01 db83 6460 0102 6460 0203 0800 a248 60ff 0001 cafe 006b 0000 0000 " +
  "617a 0900 0000 0000 1011 1213 1415 1617 1819 1a1b 1c1d 1e1f 2021 2223 2425 2627 2829 2a2b " +
  "2c2d 2e2f 3031 3233 3435 3637";

const PACKET_LEN: u32 = 112;
const packet: usize = memory.data(160);
const datagram: usize = packet + 20;

function putPacket(): void {
  put(packet, IPV4_HEADER);
  put(datagram, UDP_HEADER);
  put(datagram + 8, PAYLOAD);
}

function judgeLength(length: u16, len: u32): i32 {
  store<u16>(datagram + 4, bswap<u16>(length));
  return Udp.check(datagram, len);
}

describe("Udp", () => {
  beforeEach(() => {
    dirty(packet, 160);
  });

  it("writes every byte it owns, and no other", () => {
    Udp.at(packet + 2).emit(0xffff84b7, 0xffff2118, 0xffff0072);
    expect<string>(hexOf(packet + 2, 8)).toBe("84b7211800720000");
    expect<bool>(isDirty(packet, 2)).toBe(true);
    expect<bool>(isDirty(packet + 10, 150)).toBe(true);
  });

  it("reads a datagram that flannel sent", () => {
    putPacket();
    expect<i32>(Udp.check(datagram, 92)).toBe(Status.Ok);
    expect<u32>(Udp.at(datagram).srcPort).toBe(8285);
    expect<u32>(Udp.at(datagram).dstPort).toBe(8285);
    expect<u32>(Udp.at(datagram).length).toBe(92);
    expect<u32>(Udp.at(datagram).checksum).toBe(0xa927);
    expect<usize>(Udp.at(datagram).payload).toBe(datagram + 8);
    expect<u32>(Udp.at(datagram).payloadLen).toBe(84);
  });

  it("tells the ports apart", () => {
    Udp.at(datagram).emit(0x84b7, 0x2118, 8);
    expect<u32>(Udp.at(datagram).srcPort).toBe(0x84b7);
    expect<u32>(Udp.at(datagram).dstPort).toBe(0x2118);
    expect<u32>(Udp.at(datagram).payloadLen).toBe(0);
  });

  it("refuses every length short of a header", () => {
    const ptr = edge(0);
    for (let len: u32 = 0; len < UDP_HEADER_LEN; len++) {
      expect<i32>(Udp.check(ptr, len)).toBe(Status.Truncated); // and reads nothing
    }
  });

  it("refuses a length below eight", () => {
    for (let length = 0; length < 8; length++) {
      expect<i32>(judgeLength(<u16>length, 92)).toBe(Status.BadLength);
    }
    expect<i32>(judgeLength(8, 8)).toBe(Status.Ok);
  });

  it("refuses a length above what is there", () => {
    for (let len: u32 = 8; len < 92; len++) {
      expect<i32>(judgeLength(<u16>(len + 1), len)).toBe(Status.Truncated);
      expect<i32>(judgeLength(<u16>len, len)).toBe(Status.Ok);
    }
    expect<i32>(judgeLength(0xffff, 92)).toBe(Status.Truncated);
  });

  it("takes bytes behind the datagram", () => {
    expect<i32>(judgeLength(20, 92)).toBe(Status.Ok);
  });
});

describe("Udp's checksum", () => {
  beforeEach(() => {
    dirty(packet, 160);
    putPacket();
  });

  it("is the one that Linux computed", () => {
    const pseudo = Ipv4.at(packet).pseudo();
    expect<bool>(Udp.at(datagram).isChecksumValid(pseudo)).toBe(true);
    store<u16>(datagram + 6, 0x1234); // it does not enter its own sum
    Udp.at(datagram).fillChecksum(pseudo);
    expect<u32>(Udp.at(datagram).checksum).toBe(0xa927);
    expect<bool>(isDirty(packet + PACKET_LEN, 160 - PACKET_LEN)).toBe(true);
  });

  it("is refused for every single bit that is wrong, in the addresses too", () => {
    for (let bit: u32 = 12 * 8; bit < PACKET_LEN * 8; bit++) {
      if (bit >> 4 == 12) continue; // the length says what is summed
      flip(packet, bit);
      expect<bool>(Udp.at(datagram).isChecksumValid(Ipv4.at(packet).pseudo())).toBe(false);
      flip(packet, bit);
    }
  });

  it("is not asked for when zero", () => {
    store<u16>(datagram + 6, 0);
    store<u8>(datagram + 20, 0xee);
    expect<bool>(Udp.at(datagram).isChecksumValid(0x1234)).toBe(true);
  });

  it("is sent as all ones when it comes out as zero", () => {
    // Two bytes of payload that complete the sum of all the rest.
    Udp.at(datagram).emit(1, 2, 10);
    store<u16>(datagram + 8, 0);
    Udp.at(datagram).fillChecksum(0);
    store<u16>(datagram + 8, load<u16>(datagram + 6));
    Udp.at(datagram).fillChecksum(0);
    expect<u32>(Udp.at(datagram).checksum).toBe(0xffff);
    expect<bool>(Udp.at(datagram).isChecksumValid(0)).toBe(true);
  });

  it("takes in an odd last byte, and none behind", () => {
    const ptr = edge(9);
    Udp.at(ptr).emit(1, 2, 9);
    store<u8>(ptr + 8, 0x7f);
    Udp.at(ptr).fillChecksum(0);
    // 0x0001 + 0x0002 + 0x0009 + 0x7f00, and 0x0011 + 0x0009 of the pseudo header
    expect<u32>(Udp.at(ptr).checksum).toBe(0x80d9);
    expect<bool>(Udp.at(ptr).isChecksumValid(0)).toBe(true);
  });
});
