import { sum } from "../base/checksum";
import { Status } from "../base/status";

// RFC 792. One column is one bit; Rest is the type's own: identifier and sequence number of an
// echo, the next hop's MTU of RFC 1191, the gateway of a redirect, the pointer of a parameter
// problem, zero. Behind it, an error quotes the packet that it is about.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---------------+---------------+-------------------------------+
//   |      Type     |      Code     |            Checksum           |
//   +---------------+---------------+-------------------------------+
//   |                              Rest                             |
//   +---------------------------------------------------------------+
namespace at {
  export const TYPE: usize = 0;
  export const CODE: usize = 1;
  export const CHECKSUM: usize = 2;
  export const REST: usize = 4;
  export const END: usize = 8;
}

export const ICMP_HEADER_LEN: u32 = <u32>at.END;

export const ICMP_ECHO_REPLY: u32 = 0;
export const ICMP_DESTINATION_UNREACHABLE: u32 = 3;
export const ICMP_SOURCE_QUENCH: u32 = 4;
export const ICMP_REDIRECT: u32 = 5;
export const ICMP_ECHO: u32 = 8;
export const ICMP_TIME_EXCEEDED: u32 = 11;
export const ICMP_PARAMETER_PROBLEM: u32 = 12;

// Codes of ICMP_DESTINATION_UNREACHABLE.
export const ICMP_NET_UNREACHABLE: u32 = 0;
export const ICMP_HOST_UNREACHABLE: u32 = 1;
export const ICMP_PROTOCOL_UNREACHABLE: u32 = 2;
export const ICMP_PORT_UNREACHABLE: u32 = 3;
export const ICMP_FRAGMENTATION_NEEDED: u32 = 4;
export const ICMP_SOURCE_ROUTE_FAILED: u32 = 5;
export const ICMP_NET_PROHIBITED: u32 = 9; // RFC 1122, section 3.2.2.1
export const ICMP_HOST_PROHIBITED: u32 = 10; // RFC 1122, section 3.2.2.1
export const ICMP_PROHIBITED: u32 = 13; // RFC 1812, section 5.2.7.1

// Codes of ICMP_TIME_EXCEEDED.
export const ICMP_TTL_EXCEEDED: u32 = 0;
export const ICMP_REASSEMBLY_EXCEEDED: u32 = 1;

export const ICMP_REDIRECT_HOST: u32 = 1; // the code of ICMP_REDIRECT (RFC 1812, section 5.2.7.2)

const ERROR_TYPES: u32 =
  (1 << ICMP_DESTINATION_UNREACHABLE) |
  (1 << ICMP_SOURCE_QUENCH) |
  (1 << ICMP_REDIRECT) |
  (1 << ICMP_TIME_EXCEEDED) |
  (1 << ICMP_PARAMETER_PROBLEM);

/** An ICMP message lying in linear memory. */
@unmanaged
@final
export class Icmp {
  static at(ptr: usize): Icmp {
    return changetype<Icmp>(ptr);
  }

  /** Ok when every reader below is safe and all `len` bytes are whole. Requires: len <= 65535. */
  static check(ptr: usize, len: u32): Status {
    if (len < ICMP_HEADER_LEN) return Status.Truncated;
    return Icmp.at(ptr).isChecksumValid(len) ? Status.Ok : Status.BadChecksum;
  }

  get type(): u32 {
    return load<u8>(changetype<usize>(this), at.TYPE);
  }

  get code(): u32 {
    return load<u8>(changetype<usize>(this), at.CODE);
  }

  get rest(): u32 {
    return bswap<u32>(load<u32>(changetype<usize>(this), at.REST));
  }

  /** Of an echo or its reply. */
  get id(): u32 {
    return this.rest >> 16;
  }

  /** Where the identifier of an echo or its reply stands. */
  get idPtr(): usize {
    return changetype<usize>(this) + at.REST;
  }

  /** Where the checksum stands. */
  get checksumPtr(): usize {
    return changetype<usize>(this) + at.CHECKSUM;
  }

  /** Of an echo or its reply. */
  get sequence(): u32 {
    return this.rest & 0xffff;
  }

  /** Of ICMP_FRAGMENTATION_NEEDED (RFC 1191, section 4); zero from whoever does not know it. */
  get nextHopMtu(): u32 {
    return this.rest & 0xffff;
  }

  /** Of a redirect: whom to send to instead. */
  get gateway(): u32 {
    return this.rest;
  }

  /** Of a parameter problem: the byte of the quoted packet that is wrong. */
  get pointer(): u32 {
    return this.rest >> 24;
  }

  /** Echo data, or what an error quotes: an IPv4 header for `Ipv4.checkHeader`, and some more. */
  get payload(): usize {
    return changetype<usize>(this) + at.END;
  }

  /** Requires: a message of `len` bytes, at most 65535. */
  isChecksumValid(len: u32): bool {
    return sum(changetype<usize>(this), len, 0) == 0xffff;
  }

  /** True for what is never answered with another error (RFC 1122, section 3.2.2). */
  get isError(): bool {
    const type = this.type;
    return type < 32 && ((ERROR_TYPES >> type) & 1) != 0;
  }

  /** Writes all eight bytes; the checksum takes in the `quoteLen` bytes that lie behind them. */
  emitError(type: u32, code: u32, rest: u32, quoteLen: u32): void {
    const ptr = changetype<usize>(this);
    store<u32>(ptr, (type & 0xff) | ((code & 0xff) << 8), at.TYPE); // and no checksum yet
    store<u32>(ptr, bswap<u32>(rest), at.REST);
    store<u16>(ptr, <u16>~sum(ptr, ICMP_HEADER_LEN + quoteLen, 0), at.CHECKSUM);
  }

  /** Makes the checksum right again. Requires: a message of `len` bytes, at most 65535. */
  fillChecksum(len: u32): void {
    const ptr = changetype<usize>(this);
    store<u16>(ptr, 0, at.CHECKSUM);
    store<u16>(ptr, <u16>~sum(ptr, len, 0), at.CHECKSUM);
  }

  /** As emitError, for an echo or its reply with `dataLen` bytes behind it. */
  emitEcho(type: u32, id: u32, sequence: u32, dataLen: u32): void {
    this.emitError(type, 0, (id << 16) | (sequence & 0xffff), dataLen);
  }
}
