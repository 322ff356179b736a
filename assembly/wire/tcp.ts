import { fold, pseudoSeed, sum, update } from "../base/checksum";
import { swap16 } from "../base/endian";
import { Status } from "../base/status";
import { PROTOCOL_TCP } from "./ipv4";
import { areOptionsWhole, findOption, OPTION_MSS, OPTION_MSS_LEN, optionLen } from "./option";

// RFC 9293, section 3.1; NS is RFC 3540's, AE since RFC 9768. One column is one bit.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------------------------------+-------------------------------+
//   |          Source port          |        Destination port       |
//   +-------------------------------+-------------------------------+
//   |                        Sequence number                        |
//   +---------------------------------------------------------------+
//   |                     Acknowledgment number                     |
//   +-------+-----+-+-+-+-+-+-+-+-+-+-------------------------------+
//   |  Data |     |N|C|E|U|A|P|R|S|F|                               |
//   | offset| Res.|S|W|C|R|C|S|S|Y|I|             Window            |
//   |       |     | |R|E|G|K|H|T|N|N|                               |
//   +-------+-----+-+-+-+-+-+-+-+-+-+-------------------------------+
//   |            Checksum           |         Urgent pointer        |
//   +-------------------------------+-------------------------------+
//   |              Options, (data offset - 5) * 4 bytes             |
//   +---------------------------------------------------------------+
namespace at {
  export const SRC_PORT: usize = 0;
  export const DST_PORT: usize = 2;
  export const SEQUENCE: usize = 4;
  export const ACKNOWLEDGMENT: usize = 8;
  export const OFFSET_FLAGS: usize = 12; // with the window behind them, one word
  export const WINDOW: usize = 14;
  export const CHECKSUM: usize = 16;
  export const URGENT: usize = 18;
  export const END: usize = 20;
}

export const TCP_HEADER_LEN_MIN: u32 = <u32>at.END;

export const TCP_CHECKSUM_OFFSET: u32 = <u32>at.CHECKSUM;

export const TCP_FIN: u32 = 0x001;
export const TCP_SYN: u32 = 0x002;
export const TCP_RST: u32 = 0x004;
export const TCP_PSH: u32 = 0x008;
export const TCP_ACK: u32 = 0x010;
export const TCP_URG: u32 = 0x020;
export const TCP_ECE: u32 = 0x040;
export const TCP_CWR: u32 = 0x080;
export const TCP_NS: u32 = 0x100;

const FLAGS_MASK: u32 = 0xfff; // with the three that are reserved
const FIN_NET: u32 = 0x0100; // of offset and flags as they lie in memory
const PSH_NET: u32 = 0x0800;
const CWR_NET: u32 = 0x8000;

/** A TCP header lying in linear memory. `pseudo` is `Ipv4.pseudo` of the header in front. */
@unmanaged
@final
export class Tcp {
  static at(ptr: usize): Tcp {
    return changetype<Tcp>(ptr);
  }

  /** Ok when the header with its options lies within `len` bytes. */
  static check(ptr: usize, len: u32): Status {
    if (len < TCP_HEADER_LEN_MIN) return Status.Truncated;
    const headerLen = Tcp.at(ptr).headerLen;
    if (headerLen < TCP_HEADER_LEN_MIN) return Status.BadLength;
    return headerLen > len ? Status.Truncated : Status.Ok;
  }

  get srcPort(): u32 {
    return swap16(load<u16>(changetype<usize>(this), at.SRC_PORT));
  }

  get dstPort(): u32 {
    return swap16(load<u16>(changetype<usize>(this), at.DST_PORT));
  }

  get sequence(): u32 {
    return bswap<u32>(load<u32>(changetype<usize>(this), at.SEQUENCE));
  }

  get acknowledgment(): u32 {
    return bswap<u32>(load<u32>(changetype<usize>(this), at.ACKNOWLEDGMENT));
  }

  /** The data offset, in bytes. */
  get headerLen(): u32 {
    return (<u32>load<u8>(changetype<usize>(this), at.OFFSET_FLAGS) >> 4) << 2;
  }

  /** TCP_FIN and its like, the three reserved bits above them. */
  get flags(): u32 {
    return swap16(load<u16>(changetype<usize>(this), at.OFFSET_FLAGS)) & FLAGS_MASK;
  }

  get window(): u32 {
    return swap16(load<u16>(changetype<usize>(this), at.WINDOW));
  }

  get checksum(): u32 {
    return swap16(load<u16>(changetype<usize>(this), at.CHECKSUM));
  }

  /** Where the checksum stands. */
  get checksumPtr(): usize {
    return changetype<usize>(this) + at.CHECKSUM;
  }

  get urgentPointer(): u32 {
    return swap16(load<u16>(changetype<usize>(this), at.URGENT));
  }

  get options(): usize {
    return changetype<usize>(this) + at.END;
  }

  get optionsLen(): u32 {
    return this.headerLen - TCP_HEADER_LEN_MIN;
  }

  /** BadOption when an option reaches beyond the header, or is too short to be one. */
  checkOptions(): Status {
    return areOptionsWhole(this.options, this.optionsLen) ? Status.Ok : Status.BadOption;
  }

  /** Where the MSS stands that a SYN offers, or 0 where it offers none. */
  get mssPtr(): usize {
    if ((this.flags & TCP_SYN) == 0) return 0;
    const option = findOption(this.options, this.optionsLen, OPTION_MSS);
    return option != 0 && optionLen(option, OPTION_MSS_LEN) == OPTION_MSS_LEN ? option + 2 : 0;
  }

  /** Writes the MSS at `ptr`, which mssPtr gave, and mends the checksum (RFC 1624). */
  setMss(ptr: usize, mss: u32): void {
    const from: u32 = load<u16>(ptr);
    const to = swap16(mss);
    store<u16>(ptr, <u16>to);
    // On an odd place the two bytes belong to two words, each in the other's half.
    const isOdd = ((ptr - changetype<usize>(this)) & 1) != 0;
    const old: u32 = load<u16>(changetype<usize>(this), at.CHECKSUM);
    const mended = update(old, isOdd ? swap16(from) : from, isOdd ? swap16(to) : to);
    store<u16>(changetype<usize>(this), <u16>mended, at.CHECKSUM);
  }

  get payload(): usize {
    return changetype<usize>(this) + <usize>this.headerLen;
  }

  /** Requires: a segment of `len` bytes, at most 65535, its header among them. */
  isChecksumValid(pseudo: u32, len: u32): bool {
    return this.sum(pseudo, len) == 0xffff;
  }

  /** Requires: all `len` bytes of the segment written. */
  fillChecksum(pseudo: u32, len: u32): void {
    const ptr = changetype<usize>(this);
    store<u16>(ptr, 0, at.CHECKSUM);
    store<u16>(ptr, <u16>~this.sum(pseudo, len), at.CHECKSUM);
  }

  /** Source and destination port as they lie. */
  get portsNet(): u32 {
    return load<u32>(changetype<usize>(this), at.SRC_PORT);
  }

  /**
   * True for the header of a segment behind that of `other`, which came before: the same but for
   * sequence number, checksum, and what the first or the last one of them alone may have.
   */
  isLike(other: Tcp): bool {
    const ptr = changetype<usize>(this);
    const that = changetype<usize>(other);
    const flags = load<u32>(ptr, at.OFFSET_FLAGS); // with the window
    if ((flags & CWR_NET) != 0) return false;
    const differ = (flags ^ load<u32>(that, at.OFFSET_FLAGS)) & ~(CWR_NET | FIN_NET | PSH_NET);
    if (differ != 0) return false;
    if (load<u32>(ptr, at.ACKNOWLEDGMENT) != load<u32>(that, at.ACKNOWLEDGMENT)) return false;
    if (load<u16>(ptr, at.URGENT) != load<u16>(that, at.URGENT)) return false;
    const len = this.headerLen;
    for (let place: usize = at.END; place < len; place += 4) {
      if (load<u32>(ptr + place) != load<u32>(that + place)) return false;
    }
    return true;
  }

  /** Takes the flags over that end a super-packet with its segment `last`; false for none. */
  takeEnds(last: Tcp): bool {
    const ends = last.offsetFlagsNet & (FIN_NET | PSH_NET);
    store<u16>(changetype<usize>(this), <u16>(this.offsetFlagsNet | ends), at.OFFSET_FLAGS);
    return ends != 0;
  }

  /** Leaves the checksum to who sends it on: `pseudo` is all that is summed of it. */
  setPartial(pseudo: u32): void {
    store<u16>(changetype<usize>(this), <u16>fold(pseudo), at.CHECKSUM);
  }

  /** Data offset and flags as they lie, for segmentFlags. */
  get offsetFlagsNet(): u32 {
    return load<u16>(changetype<usize>(this), at.OFFSET_FLAGS);
  }

  /**
   * Makes this the header of every segment of a super-packet: what each has to itself is zero until
   * emitSegment. Returns: the sum of the rest, on top of `pseudo`.
   */
  toCommon(pseudo: u32): u32 {
    const ptr = changetype<usize>(this);
    const len = this.headerLen;
    store<u32>(ptr, 0, at.SEQUENCE);
    store<u16>(ptr, 0, at.OFFSET_FLAGS);
    store<u16>(ptr, 0, at.CHECKSUM);
    return sum(ptr, len, pseudo);
  }

  /**
   * Writes what this segment has to itself. `seed` is the sum of toCommon and of the pseudo header,
   * and `len` bytes at `payload` are carried, wherever they lie.
   */
  emitSegment(seed: u32, sequence: u32, offsetFlagsNet: u32, payload: usize, len: u32): void {
    const ptr = changetype<usize>(this);
    const sequenceNet = bswap<u32>(sequence);
    store<u32>(ptr, sequenceNet, at.SEQUENCE);
    store<u16>(ptr, <u16>offsetFlagsNet, at.OFFSET_FLAGS);
    const own = fold(<u64>seed + sequenceNet + offsetFlagsNet);
    store<u16>(ptr, <u16>~sum(payload, len, own), at.CHECKSUM);
  }

  private sum(pseudo: u32, len: u32): u32 {
    return sum(changetype<usize>(this), len, pseudo + pseudoSeed(PROTOCOL_TCP, len));
  }
}

/**
 * The flags of one segment of a super-packet, with the data offset as they lie: only the last one
 * ends the stream or pushes, only the first answers a congestion mark, as in Linux.
 */
export function segmentFlags(offsetFlagsNet: u32, isFirst: bool, isLast: bool): u32 {
  const kept = isFirst ? offsetFlagsNet : offsetFlagsNet & ~CWR_NET;
  return isLast ? kept : kept & ~(FIN_NET | PSH_NET);
}
