import { fold, sum, update, updateLong } from "../base/checksum";
import { swap16 } from "../base/endian";
import { Status } from "../base/status";
import {
  areOptionsWhole,
  copyOptions,
  findOption,
  OPTION_LOOSE_ROUTE,
  OPTION_ROUTER_ALERT,
  OPTION_STRICT_ROUTE,
} from "./option";

// RFC 791, section 3.1. One column is one bit; the first flag is reserved, DF and MF follow.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------+-------+---------------+-------------------------------+
//   |Version|  IHL  |Type of service|          Total length         |
//   +-------+-------+---------------+-----+-------------------------+
//   |         Identification        |Flags|     Fragment offset     |
//   +---------------+---------------+-----+-------------------------+
//   |  Time to live |    Protocol   |        Header checksum        |
//   +---------------+---------------+-------------------------------+
//   |                         Source address                        |
//   +---------------------------------------------------------------+
//   |                      Destination address                      |
//   +---------------------------------------------------------------+
//   |                 Options, (IHL - 5) * 4 bytes                  |
//   +---------------------------------------------------------------+
namespace at {
  export const VERSION_IHL: usize = 0; // with the type of service behind it, one word
  export const TOS: usize = 1;
  export const TOTAL_LENGTH: usize = 2; // with the identification behind it, one word
  export const ID: usize = 4;
  export const FRAGMENT: usize = 6;
  export const TTL: usize = 8; // with the protocol behind it, one word
  export const PROTOCOL: usize = 9;
  export const CHECKSUM: usize = 10;
  export const SRC: usize = 12;
  export const DST: usize = 16;
  export const END: usize = 20;
}

export const IPV4_HEADER_LEN_MIN: u32 = <u32>at.END;
export const IPV4_HEADER_LEN_MAX: u32 = 60;
export const IPV4_LEN_MAX: u32 = 0xffff;

export const PROTOCOL_ICMP: u32 = 1;
export const PROTOCOL_IGMP: u32 = 2;
export const PROTOCOL_IPIP: u32 = 4;
export const PROTOCOL_TCP: u32 = 6;
export const PROTOCOL_UDP: u32 = 17;

const VERSION_4: u32 = 0x40; // the high half of the first byte
const IHL_MIN: u32 = 5;

// The fragment word as it lies in memory: its bytes are swapped.
const FLAG_DF_NET: u32 = 0x0040; // 0x4000
const FLAG_MF_NET: u32 = 0x0020; // 0x2000
const FLAG_RESERVED_NET: u32 = 0x0080; // 0x8000, zero in RFC 791
const FRAGMENT_NET: u32 = 0xff3f; // 0x3fff: MF and the offset
const OFFSET_NET: u32 = 0xff1f; // 0x1fff

const OFFSET_MAX: u32 = 0x1fff; // in units of eight bytes

/** An IPv4 header lying in linear memory. Each setter keeps the checksum right (RFC 1624). */
@unmanaged
@final
export class Ipv4 {
  static at(ptr: usize): Ipv4 {
    return changetype<Ipv4>(ptr);
  }

  /** Ok when header and payload both lie within `len` bytes. `setTotalLength` ends the promise. */
  static check(ptr: usize, len: u32): Status {
    const status = Ipv4.checkHeader(ptr, len);
    if (status != Status.Ok) return status;
    const header = Ipv4.at(ptr);
    if (header.totalLength > len) return Status.Truncated;
    return header.isChecksumValid ? Status.Ok : Status.BadChecksum;
  }

  /**
   * Ok when the header with its options lies within `len` bytes, whatever became of the payload and
   * the checksum: all that holds of what an ICMP error quotes.
   */
  static checkHeader(ptr: usize, len: u32): Status {
    if (len < IPV4_HEADER_LEN_MIN) return Status.Truncated;
    const header = Ipv4.at(ptr);
    const versionIhl: u32 = load<u8>(ptr, at.VERSION_IHL);
    if ((versionIhl & 0xf0) != VERSION_4) return Status.BadVersion;
    if ((versionIhl & 0x0f) < IHL_MIN) return Status.BadLength;
    if (header.totalLength < header.headerLen) return Status.BadLength;
    return header.headerLen > len ? Status.Truncated : Status.Ok;
  }

  get headerLen(): u32 {
    return (<u32>load<u8>(changetype<usize>(this), at.VERSION_IHL) & 0x0f) << 2;
  }

  get tos(): u32 {
    return load<u8>(changetype<usize>(this), at.TOS);
  }

  get totalLength(): u32 {
    return swap16(load<u16>(changetype<usize>(this), at.TOTAL_LENGTH));
  }

  get id(): u32 {
    return swap16(load<u16>(changetype<usize>(this), at.ID));
  }

  get isReserved(): bool {
    return (<u32>load<u16>(changetype<usize>(this), at.FRAGMENT) & FLAG_RESERVED_NET) != 0;
  }

  get isDontFragment(): bool {
    return (<u32>load<u16>(changetype<usize>(this), at.FRAGMENT) & FLAG_DF_NET) != 0;
  }

  get hasMoreFragments(): bool {
    return (<u32>load<u16>(changetype<usize>(this), at.FRAGMENT) & FLAG_MF_NET) != 0;
  }

  /** True for every fragment, the first and the last among them. */
  get isFragment(): bool {
    return (<u32>load<u16>(changetype<usize>(this), at.FRAGMENT) & FRAGMENT_NET) != 0;
  }

  /** True when the payload begins with its own header: offset zero, fragment or not. */
  get isFirstFragment(): bool {
    return (<u32>load<u16>(changetype<usize>(this), at.FRAGMENT) & OFFSET_NET) == 0;
  }

  /** In bytes. */
  get fragmentOffset(): u32 {
    return (swap16(load<u16>(changetype<usize>(this), at.FRAGMENT)) & OFFSET_MAX) << 3;
  }

  get ttl(): u32 {
    return load<u8>(changetype<usize>(this), at.TTL);
  }

  get protocol(): u32 {
    return load<u8>(changetype<usize>(this), at.PROTOCOL);
  }

  get src(): u32 {
    return bswap<u32>(load<u32>(changetype<usize>(this), at.SRC));
  }

  get dst(): u32 {
    return bswap<u32>(load<u32>(changetype<usize>(this), at.DST));
  }

  /** Both, as they lie. */
  get addresses(): u64 {
    return load<u64>(changetype<usize>(this), at.SRC);
  }

  get isChecksumValid(): bool {
    return sum(changetype<usize>(this), this.headerLen, 0) == 0xffff;
  }

  get options(): usize {
    return changetype<usize>(this) + at.END;
  }

  get optionsLen(): u32 {
    return this.headerLen - IPV4_HEADER_LEN_MIN;
  }

  /** BadOption when an option reaches beyond the header, or is too short to be one. */
  checkOptions(): Status {
    return areOptionsWhole(this.options, this.optionsLen) ? Status.Ok : Status.BadOption;
  }

  /** True when the sender wants a say in the route (RFC 791, section 3.1). */
  get hasSourceRoute(): bool {
    return this.hasOption(OPTION_LOOSE_ROUTE) || this.hasOption(OPTION_STRICT_ROUTE);
  }

  /** True when routers are asked to look at the packet (RFC 2113). */
  get hasRouterAlert(): bool {
    return this.hasOption(OPTION_ROUTER_ALERT);
  }

  private hasOption(kind: u32): bool {
    return findOption(this.options, this.optionsLen, kind) != 0;
  }

  get payload(): usize {
    return changetype<usize>(this) + <usize>this.headerLen;
  }

  get payloadLen(): u32 {
    return this.totalLength - this.headerLen;
  }

  /** The addresses' part of the UDP and TCP pseudo header, summed as it lies (RFC 768). */
  pseudo(): u32 {
    return fold((this.addresses & 0xffffffff) + (this.addresses >> 32));
  }

  /**
   * Writes all twenty bytes, checksum included: no options, no fragment, and zero for type of
   * service, identification and DF.
   */
  emit(totalLength: u32, ttl: u32, protocol: u32, src: u32, dst: u32): void {
    const ptr = changetype<usize>(this);
    store<u16>(ptr, <u16>(VERSION_4 | IHL_MIN), at.VERSION_IHL);
    store<u16>(ptr, <u16>swap16(totalLength), at.TOTAL_LENGTH);
    store<u32>(ptr, 0, at.ID);
    store<u32>(ptr, (ttl & 0xff) | ((protocol & 0xff) << 8), at.TTL); // and no checksum yet
    store<u32>(ptr, bswap<u32>(src), at.SRC);
    store<u32>(ptr, bswap<u32>(dst), at.DST);
    store<u16>(ptr, <u16>~sum(ptr, IPV4_HEADER_LEN_MIN, 0), at.CHECKSUM);
  }

  /** As of TCP: lengths, identification and checksum are a segment's own. Returns: as there. */
  toCommon(): u32 {
    const ptr = changetype<usize>(this);
    store<u32>(ptr, 0, at.TOTAL_LENGTH);
    store<u16>(ptr, 0, at.CHECKSUM);
    return sum(ptr, this.headerLen, 0);
  }

  /** Writes what this segment has to itself; `common` is the sum of toCommon. */
  emitSegment(common: u32, totalLength: u32, id: u32): void {
    const ptr = changetype<usize>(this);
    const own = swap16(totalLength) | (swap16(id) << 16);
    store<u32>(ptr, own, at.TOTAL_LENGTH);
    store<u16>(ptr, <u16>~fold(<u64>common + own), at.CHECKSUM);
  }

  /**
   * Writes the header of this packet's later fragments to `to`: the same, with no other options
   * than those that are copied (RFC 791, section 3.1). Length and fragment are still to be set.
   * Returns: its length, at most this header's. Requires: checkOptions.
   */
  emitLater(to: usize): u32 {
    const ptr = changetype<usize>(this);
    memory.copy(to, ptr, IPV4_HEADER_LEN_MIN);
    const len = IPV4_HEADER_LEN_MIN + copyOptions(this.options, this.optionsLen, to + at.END);
    store<u8>(to, <u8>(VERSION_4 | (len >> 2)), at.VERSION_IHL);
    store<u16>(to, 0, at.CHECKSUM);
    store<u16>(to, <u16>~sum(to, len, 0), at.CHECKSUM);
    return len;
  }

  setTos(tos: u32): void {
    const ptr = changetype<usize>(this);
    replace(ptr, at.VERSION_IHL, <u32>load<u8>(ptr, at.VERSION_IHL) | ((tos & 0xff) << 8));
  }

  setTotalLength(len: u32): void {
    replace(changetype<usize>(this), at.TOTAL_LENGTH, swap16(len));
  }

  setId(id: u32): void {
    replace(changetype<usize>(this), at.ID, swap16(id));
  }

  setDontFragment(): void {
    const ptr = changetype<usize>(this);
    replace(ptr, at.FRAGMENT, <u32>load<u16>(ptr, at.FRAGMENT) | FLAG_DF_NET);
  }

  /** Leaves DF and the reserved flag. Requires: offset, in bytes, a multiple of eight. */
  setFragment(offset: u32, hasMore: bool): void {
    const ptr = changetype<usize>(this);
    const kept = <u32>load<u16>(ptr, at.FRAGMENT) & (FLAG_RESERVED_NET | FLAG_DF_NET);
    const more = hasMore ? FLAG_MF_NET : 0;
    replace(ptr, at.FRAGMENT, kept | more | swap16((offset >> 3) & OFFSET_MAX));
  }

  /** Replaces the target, or else the source. */
  setEnd(isTarget: bool, address: u32): void {
    const ptr = changetype<usize>(this);
    const place = isTarget ? at.DST : at.SRC;
    const to = bswap<u32>(address);
    const checksum = updateLong(load<u16>(ptr, at.CHECKSUM), load<u32>(ptr + place), to);
    store<u32>(ptr + place, to);
    store<u16>(ptr, <u16>checksum, at.CHECKSUM);
  }

  /** Requires: ttl > 0. */
  decrementTtl(): void {
    const ptr = changetype<usize>(this);
    replace(ptr, at.TTL, <u32>load<u16>(ptr, at.TTL) - 1); // the low byte as it lies
  }
}

// Puts the word `to`, as it lies, in `place` and lets the checksum follow.
function replace(ptr: usize, place: usize, to: u32): void {
  const from: u32 = load<u16>(ptr + place);
  const checksum = update(load<u16>(ptr, at.CHECKSUM), from, to);
  store<u16>(ptr + place, <u16>to);
  store<u16>(ptr, <u16>checksum, at.CHECKSUM);
}
