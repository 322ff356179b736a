import { swap16 } from "../base/endian";
import { Status } from "../base/status";

// RFC 7348, section 5. One column is one bit; R is reserved: sent as zero, ignored on receipt. So
// are G, D, A and the policy, but to who knows draft-smith-vxlan-group-policy, section 2.1.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-------------------------------+
//   |G|R|R|R|I|R|R|R|R|D|R|R|A|R|R|R|        Group policy id        |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+---------------+---------------+
//   |                     VNI                       |       R       |
//   +-----------------------------------------------+---------------+
namespace at {
  export const FLAGS: usize = 0;
  export const POLICY: usize = 2;
  export const VNI: usize = 4;
  export const END: usize = 8;
}

export const VXLAN_HEADER_LEN: u32 = <u32>at.END;
export const VNI_MAX: u32 = (1 << 24) - 1;

const FLAG_I_NET: u32 = 0x00000008; // 0x08000000 as it lies in memory
const FLAG_G_NET: u32 = 0x00000080; // 0x80000000
const FLAG_D_NET: u32 = 0x00004000; // 0x00400000
const FLAG_A_NET: u32 = 0x00000800; // 0x00080000
const GBP_NET: u32 = 0xffffff80; // 0x80ffffff: what Linux allows to the extension
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
   * refuses reserved bits too, as Linux does and RFC 7348 does not ask for; those of the group
   * policy are not reserved to one that `hasGbp`.
   */
  static check(ptr: usize, len: u32, isStrict: bool, hasGbp: bool = false): Status {
    if (len < VXLAN_HEADER_LEN) return Status.Truncated;
    const flags = load<u32>(ptr, at.FLAGS);
    if ((flags & FLAG_I_NET) == 0) return Status.BadFlags;
    const known = hasGbp ? FLAG_I_NET | GBP_NET : FLAG_I_NET;
    const reserved = (flags & ~known) | (load<u32>(ptr, at.VNI) & ~VNI_NET);
    if (isStrict && reserved != 0) return Status.ReservedBits;
    return Status.Ok;
  }

  /**
   * The bits that decide, as eight bytes lie: with the same of them as in a header that `emit`
   * wrote, another one passes `check` and names the same VNI.
   */
  static mask(isStrict: bool, hasGbp: bool): u64 {
    const known = hasGbp ? FLAG_I_NET | GBP_NET : FLAG_I_NET;
    const flags = isStrict ? ~known | FLAG_I_NET : FLAG_I_NET;
    return <u64>flags | ((<u64>(isStrict ? -1 : VNI_NET)) << 32);
  }

  get vni(): u32 {
    return bswap<u32>(load<u32>(changetype<usize>(this), at.VNI)) >> 8;
  }

  /** The G flag: the group policy's fields are meant. */
  get hasPolicy(): bool {
    return this.has(FLAG_G_NET);
  }

  /** The D flag: the receiver is not to learn the inner source. Of a header that hasPolicy. */
  get isDontLearn(): bool {
    return this.has(FLAG_D_NET);
  }

  /** The A flag: the policy was applied on the way. Of a header that hasPolicy. */
  get isPolicyApplied(): bool {
    return this.has(FLAG_A_NET);
  }

  /** Of a header that hasPolicy. */
  get policyId(): u32 {
    return swap16(load<u16>(changetype<usize>(this), at.POLICY));
  }

  private has(flagNet: u32): bool {
    return (load<u32>(changetype<usize>(this), at.FLAGS) & flagNet) != 0;
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
