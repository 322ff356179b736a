import { Status } from "../base/status";

// RFC 7348, section 5. One column is one bit; R is reserved: sent as zero, ignored on receipt.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-----------------------------------------------+
//   |R|R|R|R|I|R|R|R|                   R                           |
//   +-+-+-+-+-+-+-+-+-------------------------------+---------------+
//   |                     VNI                       |       R       |
//   +-----------------------------------------------+---------------+
namespace at {
  export const FLAGS: usize = 0;
  export const VNI: usize = 4;
  export const END: usize = 8;
}

export const VXLAN_HEADER_LEN: u32 = <u32>at.END;
export const VNI_MAX: u32 = (1 << 24) - 1;

const FLAG_I_NET: u32 = 0x00000008; // 0x08000000 as it lies in memory
const VNI_NET: u32 = 0x00ffffff; // 0xffffff00 as it lies in memory

/** A VXLAN header lying in linear memory. It owns nothing. */
@unmanaged
@final
export class Vxlan {
  static at(ptr: usize): Vxlan {
    return changetype<Vxlan>(ptr);
  }

  /**
   * Ok when every reader below is safe on `len` bytes and the VNI is meant. A strict receiver
   * refuses reserved bits too, as Linux does and RFC 7348 does not ask for.
   */
  static check(ptr: usize, len: u32, isStrict: bool): Status {
    if (len < VXLAN_HEADER_LEN) return Status.Truncated;
    const flags = load<u32>(ptr, at.FLAGS);
    if ((flags & FLAG_I_NET) == 0) return Status.BadFlags;
    const reserved = (flags & ~FLAG_I_NET) | (load<u32>(ptr, at.VNI) & ~VNI_NET);
    if (isStrict && reserved != 0) return Status.ReservedBits;
    return Status.Ok;
  }

  get vni(): u32 {
    return bswap<u32>(load<u32>(changetype<usize>(this), at.VNI)) >> 8;
  }

  get payload(): usize {
    return changetype<usize>(this) + at.END;
  }

  /** Writes all eight bytes. Requires: vni <= VNI_MAX. */
  emit(vni: u32): void {
    store<u32>(changetype<usize>(this), FLAG_I_NET, at.FLAGS);
    store<u32>(changetype<usize>(this), bswap<u32>(vni << 8), at.VNI);
  }
}
