import { Status } from "../../../assembly/base/status";
import { Ipv4 } from "../../../assembly/wire/ipv4";
import {
  TCP_ACK,
  TCP_CWR,
  TCP_ECE,
  TCP_FIN,
  TCP_HEADER_LEN_MIN,
  TCP_NS,
  TCP_PSH,
  TCP_RST,
  TCP_SYN,
  TCP_URG,
  Tcp,
} from "../../../assembly/wire/tcp";
import { dirty, edge, flip, isDirty, put } from "../bytes";

// Made by scapy 2.5: five bytes of data behind NOP, NOP and a timestamp.
const IPV4_HEADER = "4500 0039 0001 0000 4006 47b8 0a01 0f02 0a01 1003";
const TCP_HEADER =
  "9c40 0050 0102 0304 0506 0708 8018 01f6 ca9d 0009 0101 080a 0000 0001 0000 0002";
const DATA = "4745 5420 2f";

const SEGMENT_LEN: u32 = 37;
const packet: usize = memory.data(128);
const segment: usize = packet + 20;

describe("Tcp", () => {
  beforeEach(() => {
    dirty(packet, 128);
    put(packet, IPV4_HEADER);
    put(segment, TCP_HEADER);
    put(segment + 32, DATA);
  });

  it("reads every field of a segment", () => {
    expect<i32>(Tcp.check(segment, SEGMENT_LEN)).toBe(Status.Ok);
    const tcp = Tcp.at(segment);
    expect<u32>(tcp.srcPort).toBe(40000);
    expect<u32>(tcp.dstPort).toBe(80);
    expect<u32>(tcp.sequence).toBe(0x01020304);
    expect<u32>(tcp.acknowledgment).toBe(0x05060708);
    expect<u32>(tcp.headerLen).toBe(32);
    expect<u32>(tcp.flags).toBe(TCP_PSH | TCP_ACK);
    expect<u32>(tcp.window).toBe(502);
    expect<u32>(tcp.checksum).toBe(0xca9d);
    expect<u32>(tcp.urgentPointer).toBe(9);
    expect<usize>(tcp.options).toBe(segment + 20);
    expect<u32>(tcp.optionsLen).toBe(12);
    expect<usize>(tcp.payload).toBe(segment + 32);
  });

  it("knows the flags by their bits", () => {
    const all = TCP_FIN | TCP_SYN | TCP_RST | TCP_PSH | TCP_ACK | TCP_URG | TCP_ECE | TCP_CWR;
    expect<u32>(all).toBe(0xff);
    put(segment + 12, "5fff");
    expect<u32>(Tcp.at(segment).flags).toBe(0xfff);
    expect<u32>(Tcp.at(segment).headerLen).toBe(20);
    put(segment + 12, "f100");
    expect<u32>(Tcp.at(segment).flags).toBe(TCP_NS);
    expect<u32>(Tcp.at(segment).headerLen).toBe(60);
  });

  it("refuses every length short of a header", () => {
    for (let len: u32 = 0; len < TCP_HEADER_LEN_MIN; len++) {
      expect<i32>(Tcp.check(edge(0), len)).toBe(Status.Truncated); // and reads nothing
    }
    for (let len: u32 = TCP_HEADER_LEN_MIN; len < 32; len++) {
      expect<i32>(Tcp.check(segment, len)).toBe(Status.Truncated);
    }
    expect<i32>(Tcp.check(segment, 32)).toBe(Status.Ok);
  });

  it("refuses a data offset below five", () => {
    for (let offset = 0; offset < 16; offset++) {
      store<u8>(segment + 12, <u8>(offset << 4));
      const expected = offset < 5 ? Status.BadLength : offset > 9 ? Status.Truncated : Status.Ok;
      expect<i32>(Tcp.check(segment, SEGMENT_LEN)).toBe(expected);
    }
  });

  it("refuses options only when asked", () => {
    expect<i32>(Tcp.at(segment).checkOptions()).toBe(Status.Ok);
    put(segment + 23, "0b");
    expect<i32>(Tcp.check(segment, SEGMENT_LEN)).toBe(Status.Ok);
    expect<i32>(Tcp.at(segment).checkOptions()).toBe(Status.BadOption);
  });
});

describe("Tcp's checksum", () => {
  beforeEach(() => {
    dirty(packet, 128);
    put(packet, IPV4_HEADER);
    put(segment, TCP_HEADER);
    put(segment + 32, DATA);
  });

  it("is the one that others compute", () => {
    const pseudo = Ipv4.at(packet).pseudo();
    expect<bool>(Tcp.at(segment).isChecksumValid(pseudo, SEGMENT_LEN)).toBe(true);
    put(segment + 16, "1234"); // it does not enter its own sum
    Tcp.at(segment).fillChecksum(pseudo, SEGMENT_LEN);
    expect<u32>(Tcp.at(segment).checksum).toBe(0xca9d);
    expect<bool>(isDirty(packet + 57, 71)).toBe(true);
  });

  it("is refused for every single bit that is wrong, in the addresses too", () => {
    for (let bit: u32 = 12 * 8; bit < 57 * 8; bit++) {
      flip(packet, bit);
      const pseudo = Ipv4.at(packet).pseudo();
      expect<bool>(Tcp.at(segment).isChecksumValid(pseudo, SEGMENT_LEN)).toBe(false);
      flip(packet, bit);
    }
  });

  it("covers the length of the segment", () => {
    store<u8>(segment + SEGMENT_LEN, 0);
    const pseudo = Ipv4.at(packet).pseudo();
    expect<bool>(Tcp.at(segment).isChecksumValid(pseudo, SEGMENT_LEN + 1)).toBe(false);
  });
});

describe("Tcp's MSS", () => {
  beforeEach(() => {
    dirty(packet, 128);
    put(packet, IPV4_HEADER);
  });

  it("is where a SYN offers it, behind whatever comes first", () => {
    begin("7002", "0204 05b4 0101 0101");
    expect<usize>(Tcp.at(segment).mssPtr).toBe(segment + 22);
    begin("7002", "0103 0307 0204 05b4");
    expect<usize>(Tcp.at(segment).mssPtr).toBe(segment + 26);
    begin("7012", "0102 0405 b401 0101"); // on an odd place, of a SYN that answers
    expect<usize>(Tcp.at(segment).mssPtr).toBe(segment + 23);
  });

  it("is nowhere without a SYN, without the option, and with one of a wrong length", () => {
    begin("7010", "0204 05b4 0101 0101");
    expect<usize>(Tcp.at(segment).mssPtr).toBe(0);
    begin("5002", "");
    expect<usize>(Tcp.at(segment).mssPtr).toBe(0);
    begin("7002", "0101 0101 0101 0101");
    expect<usize>(Tcp.at(segment).mssPtr).toBe(0);
    begin("7002", "0002 0405 b400 0000"); // behind the end of the list
    expect<usize>(Tcp.at(segment).mssPtr).toBe(0);
    for (let len: u32 = 0; len < 16; len++) {
      begin("7002", "0204 05b4 0101 0101");
      store<u8>(segment + 21, <u8>len);
      expect<usize>(Tcp.at(segment).mssPtr).toBe(len == 4 ? segment + 22 : 0);
    }
    begin("6002", "0101 0204"); // it ends with the header
    expect<usize>(Tcp.at(segment).mssPtr).toBe(0);
  });

  it("changes with the checksum, on even places and odd ones", () => {
    for (let from: u32 = 1; from < 0x10000; from += 255) {
      for (let to: u32 = 28; to < 0x10000; to += 4369) {
        expectMended("7002", "0204 05b4 0101 0101", 22, from, to);
        expectMended("7002", "0102 0405 b401 0101", 23, from, to);
      }
    }
  });
});

/** A SYN or another segment of a header alone, `flags` with the data offset. */
function begin(flags: string, options: string): void {
  put(segment, TCP_HEADER);
  put(segment + 12, flags);
  put(segment + 20, options);
}

/** Compares what setMss does with the sum over all. */
function expectMended(flags: string, options: string, at: usize, from: u32, to: u32): void {
  begin(flags, options);
  const tcp = Tcp.at(segment);
  const pseudo = Ipv4.at(packet).pseudo();
  store<u16>(segment + at, bswap<u16>(<u16>from));
  tcp.fillChecksum(pseudo, tcp.headerLen);
  tcp.setMss(segment + at, to);
  expect<u32>(bswap<u16>(load<u16>(segment + at))).toBe(to);
  expect<bool>(tcp.isChecksumValid(pseudo, tcp.headerLen)).toBe(true);
}
