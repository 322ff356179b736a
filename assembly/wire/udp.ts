import { fold, pseudoSeed, sum } from "../base/checksum";
import { swap16 } from "../base/endian";
import { Status } from "../base/status";
import { PROTOCOL_UDP } from "./ipv4";

// RFC 768. One column is one bit.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------------------------------+-------------------------------+
//   |          Source port          |        Destination port       |
//   +-------------------------------+-------------------------------+
//   |             Length            |            Checksum           |
//   +-------------------------------+-------------------------------+
namespace at {
  export const SRC_PORT: usize = 0;
  export const DST_PORT: usize = 2;
  export const LENGTH: usize = 4; // with the checksum behind it, one word
  export const CHECKSUM: usize = 6;
  export const END: usize = 8;
}

export const UDP_HEADER_LEN: u32 = <u32>at.END;
export const UDP_CHECKSUM_OFFSET: u32 = <u32>at.CHECKSUM;

/** A UDP header lying in linear memory. `pseudo` is `Ipv4.pseudo` of the header in front. */
@unmanaged
@final
export class Udp {
  static at(ptr: usize): Udp {
    return changetype<Udp>(ptr);
  }

  /** Ok when header and payload both lie within `len` bytes. */
  static check(ptr: usize, len: u32): Status {
    if (len < UDP_HEADER_LEN) return Status.Truncated;
    const claimed = Udp.at(ptr).length;
    if (claimed < UDP_HEADER_LEN) return Status.BadLength;
    if (claimed > len) return Status.Truncated;
    return Status.Ok;
  }

  get srcPort(): u32 {
    return swap16(load<u16>(changetype<usize>(this), at.SRC_PORT));
  }

  get dstPort(): u32 {
    return swap16(load<u16>(changetype<usize>(this), at.DST_PORT));
  }

  get length(): u32 {
    return swap16(load<u16>(changetype<usize>(this), at.LENGTH));
  }

  get hasChecksum(): bool {
    return load<u16>(changetype<usize>(this), at.CHECKSUM) != 0;
  }

  get checksum(): u32 {
    return swap16(load<u16>(changetype<usize>(this), at.CHECKSUM));
  }

  /** Where the checksum stands. */
  get checksumPtr(): usize {
    return changetype<usize>(this) + at.CHECKSUM;
  }

  get payload(): usize {
    return changetype<usize>(this) + at.END;
  }

  get payloadLen(): u32 {
    return this.length - UDP_HEADER_LEN;
  }

  /** Zero says that the sender computed none, and is believed. */
  isChecksumValid(pseudo: u32): bool {
    return !this.hasChecksum || this.sum(pseudo, this.length) == 0xffff;
  }

  /** Writes all eight bytes, with a checksum of zero: none computed. */
  emit(srcPort: u32, dstPort: u32, length: u32): void {
    const ptr = changetype<usize>(this);
    store<u16>(ptr, <u16>swap16(srcPort), at.SRC_PORT);
    store<u16>(ptr, <u16>swap16(dstPort), at.DST_PORT);
    store<u16>(ptr, <u16>swap16(length), at.LENGTH);
    store<u16>(ptr, 0, at.CHECKSUM);
  }

  setSrcPort(port: u32): void {
    store<u16>(changetype<usize>(this), <u16>swap16(port), at.SRC_PORT);
  }

  /** Requires: `length` bytes, the payload written. A sum of zero is sent as all ones. */
  fillChecksum(pseudo: u32): void {
    this.fillChecksumNear(pseudo, this.length);
  }

  /**
   * The same for a datagram in pieces: `nearLen` bytes lie here, an even number, and `seed` is the
   * sum of the bytes elsewhere on top of the pseudo header's addresses.
   */
  fillChecksumNear(seed: u32, nearLen: u32): void {
    const ptr = changetype<usize>(this);
    store<u16>(ptr, 0, at.CHECKSUM);
    const checksum = this.sum(seed, nearLen) ^ 0xffff;
    store<u16>(ptr, <u16>(checksum == 0 ? 0xffff : checksum), at.CHECKSUM);
  }

  /** As of TCP; `length` becomes the datagram's. */
  setPartial(pseudo: u32, length: u32): void {
    store<u16>(changetype<usize>(this), <u16>swap16(length), at.LENGTH);
    store<u16>(changetype<usize>(this), <u16>fold(pseudo), at.CHECKSUM);
  }

  /** As of TCP: length and checksum are a segment's own. Returns: the sum of the rest. */
  toCommon(pseudo: u32): u32 {
    store<u32>(changetype<usize>(this), 0, at.LENGTH);
    return sum(changetype<usize>(this), UDP_HEADER_LEN, pseudo);
  }

  /** As of TCP. */
  emitSegment(seed: u32, payload: usize, len: u32): void {
    const ptr = changetype<usize>(this);
    const length = swap16(UDP_HEADER_LEN + len);
    store<u16>(ptr, <u16>length, at.LENGTH);
    const checksum = sum(payload, len, seed + length) ^ 0xffff;
    store<u16>(ptr, <u16>(checksum == 0 ? 0xffff : checksum), at.CHECKSUM);
  }

  private sum(seed: u32, nearLen: u32): u32 {
    return sum(changetype<usize>(this), nearLen, seed + pseudoSeed(PROTOCOL_UDP, this.length));
  }
}
