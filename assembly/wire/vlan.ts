import { swap16 } from "../base/endian";
import { Status } from "../base/status";
import { VLAN_TAG_LEN } from "./ethernet";

// IEEE 802.1Q: what stands behind the EtherType 0x8100 of an Ethernet header, or of another tag.
// One column is one bit; PCP is the priority, DEI says that the frame may be dropped first.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-----+-+-----------------------+-------------------------------+
//   | PCP |D|          VID          |           EtherType           |
//   +-----+-+-----------------------+-------------------------------+
namespace at {
  export const CONTROL: usize = 0;
  export const ETHER_TYPE: usize = 2;
  export const END: usize = 4;
}

if (<u32>at.END != VLAN_TAG_LEN) ERROR("vlan: a tag is four bytes");

const PCP_SHIFT: u32 = 13;
const DEI: u32 = 1 << 12;
const VID_MASK: u32 = 0xfff;

/** A VLAN tag lying in linear memory. */
@unmanaged
@final
export class Vlan {
  static at(ptr: usize): Vlan {
    return changetype<Vlan>(ptr);
  }

  /** Ok when every reader below is safe on `len` bytes. Any four bytes are a tag. */
  static check(_ptr: usize, len: u32): Status {
    return len < VLAN_TAG_LEN ? Status.Truncated : Status.Ok;
  }

  get pcp(): u32 {
    return this.control >> PCP_SHIFT;
  }

  get isDropEligible(): bool {
    return (this.control & DEI) != 0;
  }

  /** Zero tags a priority and no VLAN. */
  get vid(): u32 {
    return this.control & VID_MASK;
  }

  /** Of what the tag carries. */
  get etherTypeNet(): u32 {
    return load<u16>(changetype<usize>(this), at.ETHER_TYPE);
  }

  get payload(): usize {
    return changetype<usize>(this) + at.END;
  }

  private get control(): u32 {
    return swap16(load<u16>(changetype<usize>(this), at.CONTROL));
  }

  /** Writes all four bytes. */
  emit(pcp: u32, isDropEligible: bool, vid: u32, etherTypeNet: u32): void {
    const dei = isDropEligible ? DEI : 0;
    const control = (pcp << PCP_SHIFT) | dei | (vid & VID_MASK);
    store<u16>(changetype<usize>(this), <u16>swap16(control), at.CONTROL);
    store<u16>(changetype<usize>(this), <u16>etherTypeNet, at.ETHER_TYPE);
  }
}
