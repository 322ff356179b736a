import { swap16 } from "../base/endian";
import { Status } from "../base/status";

// IEEE 802.3 in the form of RFC 894. One column is one bit.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---------------------------------------------------------------+
//   |                          Destination                          |
//   +-------------------------------+-------------------------------+
//   |     Destination, continued    |             Source            |
//   +-------------------------------+-------------------------------+
//   |                       Source, continued                       |
//   +-------------------------------+-------------------------------+
//   |            EtherType          |
//   +-------------------------------+
namespace at {
  export const DST: usize = 0;
  export const SRC: usize = 6;
  export const ETHER_TYPE: usize = 12;
  export const END: usize = 14;
}

export const ETHERNET_HEADER_LEN: u32 = <u32>at.END;
export const VLAN_TAG_LEN: u32 = 4; // IEEE 802.1Q

// EtherTypes as they lie in memory.
export const ETHERTYPE_IPV4_NET: u32 = 0x0008; // 0x0800
export const ETHERTYPE_ARP_NET: u32 = 0x0608; // 0x0806
export const ETHERTYPE_VLAN_NET: u32 = 0x0081; // 0x8100, IEEE 802.1Q
export const ETHERTYPE_SERVICE_VLAN_NET: u32 = 0xa888; // 0x88a8, IEEE 802.1ad
export const ETHERTYPE_IPV6_NET: u32 = 0xdd86; // 0x86dd

/** Up to here, what stands in the EtherType's place is the length of the data (IEEE 802.3). */
export const ETHERNET_LENGTH_MAX: u32 = 1500;

export const MAC_MASK: u64 = 0xffffffffffff;
export const MAC_BROADCAST: u64 = 0xffffffffffff;

const MAC_BRIDGE_GROUP: u64 = 0xc28001; // 01:80:c2:00:00:00
const RESERVED_MASK: u64 = 0xf0ffffffffff; // its block of sixteen

/** True for a group address, broadcast among them: the first bit on the wire is set. */
export function isGroupMac(mac: u64): bool {
  return (mac & 1) != 0;
}

/**
 * True for a group address that stays on its link: IEEE 802.1D-2004, table 7-10. The first, the
 * bridge group, is not among them: a bridge that does not speak STP hands it on, so that loops are
 * found by those that do.
 */
export function isReservedMac(mac: u64): bool {
  return (mac & RESERVED_MASK) == MAC_BRIDGE_GROUP && mac != MAC_BRIDGE_GROUP;
}

/** An Ethernet header lying in linear memory. A MAC is a u64: its six bytes as they lie. */
@unmanaged
@final
export class Ethernet {
  static at(ptr: usize): Ethernet {
    return changetype<Ethernet>(ptr);
  }

  /** Ok when every reader below is safe on `len` bytes. Any fourteen bytes are a header. */
  static check(_ptr: usize, len: u32): Status {
    return len < ETHERNET_HEADER_LEN ? Status.Truncated : Status.Ok;
  }

  get dst(): u64 {
    return load<u64>(changetype<usize>(this), at.DST) & MAC_MASK;
  }

  get src(): u64 {
    return load<u64>(changetype<usize>(this), at.SRC) & MAC_MASK;
  }

  get etherType(): u32 {
    return swap16(this.etherTypeNet);
  }

  get etherTypeNet(): u32 {
    return load<u16>(changetype<usize>(this), at.ETHER_TYPE);
  }

  get payload(): usize {
    return changetype<usize>(this) + at.END;
  }

  /** Writes all fourteen bytes, in this order: a u64 ends two bytes into the next field. */
  emit(dst: u64, src: u64, etherTypeNet: u32): void {
    store<u64>(changetype<usize>(this), dst, at.DST);
    store<u64>(changetype<usize>(this), src, at.SRC);
    store<u16>(changetype<usize>(this), <u16>etherTypeNet, at.ETHER_TYPE);
  }
}
