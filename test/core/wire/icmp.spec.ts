import { sumPlain } from "../../../assembly/base/checksum";
import { Status } from "../../../assembly/base/status";
import {
  ICMP_DESTINATION_UNREACHABLE,
  ICMP_ECHO,
  ICMP_ECHO_REPLY,
  ICMP_FRAGMENTATION_NEEDED,
  ICMP_HEADER_LEN,
  ICMP_HOST_PROHIBITED,
  ICMP_HOST_UNREACHABLE,
  ICMP_NET_PROHIBITED,
  ICMP_NET_UNREACHABLE,
  ICMP_PORT_UNREACHABLE,
  ICMP_PROHIBITED,
  ICMP_PROTOCOL_UNREACHABLE,
  ICMP_REASSEMBLY_EXCEEDED,
  ICMP_REDIRECT_HOST,
  ICMP_SOURCE_ROUTE_FAILED,
  ICMP_TTL_EXCEEDED,
  Icmp,
} from "../../../assembly/wire/icmp";
import { dirty, edge, flip, hexOf, isDirty, put } from "../bytes";

// A container pings another (lab A, docker0, packet 4): an echo with 56 bytes of data.
const ECHO_HEADER = "0800 1853 5f23 0001";
const ECHO_DATA =
  "bbfe 006b 0000 0000 fd4b 0800 0000 0000 1011 1213 1415 1617 1819 1a1b 1c1d 1e1f " +
  "2021 2223 2425 2627 2829 2a2b 2c2d 2e2f 3031 3233 3435 3637";
// What an error quotes: the header of such a packet and eight bytes (lab C, underlay, packet 3).
const QUOTE = "4500 0054 9560 4000 3e01 db83 6460 0102 6460 0203 0800 a248 60ff 0001";

const message: usize = memory.data(128);

describe("Icmp", () => {
  beforeEach(() => {
    dirty(message, 128);
  });

  it("writes every byte of an echo's header, and no other", () => {
    const len = put(message + 10, ECHO_DATA);
    Icmp.at(message + 2).emitEcho(ICMP_ECHO, 0x5f23, 1, len);
    expect<string>(hexOf(message + 2, 8)).toBe(ECHO_HEADER.replaceAll(" ", ""));
    expect<string>(hexOf(message + 10, len)).toBe(ECHO_DATA.replaceAll(" ", ""));
    expect<bool>(isDirty(message, 2)).toBe(true);
    expect<bool>(isDirty(message + 10 + len, 118 - len)).toBe(true);
  });

  it("writes an error around what it quotes", () => {
    const len = put(message + 8, QUOTE);
    const icmp = Icmp.at(message);
    icmp.emitError(ICMP_DESTINATION_UNREACHABLE, ICMP_NET_UNREACHABLE, 0, len);
    expect<string>(hexOf(message, 8)).toBe("0300f1b600000000");
    icmp.emitError(ICMP_DESTINATION_UNREACHABLE, ICMP_FRAGMENTATION_NEEDED, 1450, len);
    expect<string>(hexOf(message, 8)).toBe("0304ec08000005aa");
    expect<i32>(Icmp.check(message, 8 + len)).toBe(Status.Ok);
    expect<bool>(isDirty(message + 8 + len, 120 - len)).toBe(true);
  });

  it("quotes an odd number of bytes, and reads none behind", () => {
    const ptr = edge(17);
    memory.fill(ptr, 0xff, 17);
    Icmp.at(ptr).emitError(ICMP_DESTINATION_UNREACHABLE, 1, 0, 9);
    expect<u32>(sumPlain(ptr, 17, 0)).toBe(0xffff);
    expect<i32>(Icmp.check(ptr, 17)).toBe(Status.Ok);
  });

  it("reads an echo that Linux sent", () => {
    put(message, ECHO_HEADER);
    const len = 8 + put(message + 8, ECHO_DATA);
    expect<i32>(Icmp.check(message, len)).toBe(Status.Ok);
    expect<u32>(Icmp.at(message).type).toBe(ICMP_ECHO);
    expect<u32>(Icmp.at(message).code).toBe(0);
    expect<u32>(Icmp.at(message).rest).toBe(0x5f230001);
    expect<u32>(Icmp.at(message).id).toBe(0x5f23);
    expect<u32>(Icmp.at(message).sequence).toBe(1);
    expect<usize>(Icmp.at(message).payload).toBe(message + 8);
  });

  it("keeps identifier and sequence number apart", () => {
    Icmp.at(message).emitEcho(ICMP_ECHO_REPLY, 0xffff, 0xabcd0002, 0);
    expect<u32>(Icmp.at(message).type).toBe(0);
    expect<u32>(Icmp.at(message).id).toBe(0xffff);
    expect<u32>(Icmp.at(message).sequence).toBe(2);
  });

  it("refuses every length short of a header", () => {
    const ptr = edge(0);
    for (let len: u32 = 0; len < ICMP_HEADER_LEN; len++) {
      expect<i32>(Icmp.check(ptr, len)).toBe(Status.Truncated); // and reads nothing
    }
    Icmp.at(message).emitEcho(ICMP_ECHO, 1, 1, 0);
    expect<i32>(Icmp.check(message, 8)).toBe(Status.Ok);
  });

  it("refuses every single bit that is wrong", () => {
    put(message, ECHO_HEADER);
    const len: u32 = 8 + put(message + 8, ECHO_DATA);
    for (let bit: u32 = 0; bit < len * 8; bit++) {
      flip(message, bit);
      expect<i32>(Icmp.check(message, len)).toBe(Status.BadChecksum);
      flip(message, bit);
    }
  });

  it("refuses a message of zeros", () => {
    memory.fill(message, 0, 128);
    expect<i32>(Icmp.check(message, 64)).toBe(Status.BadChecksum);
  });

  it("reads what each error carries", () => {
    put(message, "0304 0000 0000 05aa");
    expect<u32>(Icmp.at(message).nextHopMtu).toBe(1450);
    put(message, "0304 0000 ffff ffff");
    expect<u32>(Icmp.at(message).nextHopMtu).toBe(65535);
    put(message, "0501 0000 0a01 0f01");
    expect<u32>(Icmp.at(message).gateway).toBe(0x0a010f01);
    put(message, "0c00 0000 1400 0001");
    expect<u32>(Icmp.at(message).pointer).toBe(20);
  });

  it("knows the codes of RFC 792, RFC 1122 and RFC 1812", () => {
    expect<u32>(ICMP_HOST_UNREACHABLE).toBe(1);
    expect<u32>(ICMP_PROTOCOL_UNREACHABLE).toBe(2);
    expect<u32>(ICMP_PORT_UNREACHABLE).toBe(3);
    expect<u32>(ICMP_FRAGMENTATION_NEEDED).toBe(4);
    expect<u32>(ICMP_SOURCE_ROUTE_FAILED).toBe(5);
    expect<u32>(ICMP_NET_PROHIBITED).toBe(9);
    expect<u32>(ICMP_HOST_PROHIBITED).toBe(10);
    expect<u32>(ICMP_PROHIBITED).toBe(13);
    expect<u32>(ICMP_TTL_EXCEEDED).toBe(0);
    expect<u32>(ICMP_REASSEMBLY_EXCEEDED).toBe(1);
    expect<u32>(ICMP_REDIRECT_HOST).toBe(1);
  });

  it("knows the five errors of RFC 1122", () => {
    let errors = "";
    for (let type = 0; type < 256; type++) {
      store<u8>(message, <u8>type);
      if (Icmp.at(message).isError) errors += `${type} `;
    }
    expect<string>(errors).toBe("3 4 5 11 12 ");
  });
});
