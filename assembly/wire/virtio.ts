import { Status } from "../base/status";

// struct virtio_net_hdr of OASIS virtio 1.2, section 5.1.6, without num_buffers: what a TAP or TUN
// device with IFF_VNET_HDR puts in front of each packet. All fields are little-endian.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---------------+---------------+-------------------------------+
//   |     Flags     |   GSO type    |         Header length         |
//   +---------------+---------------+-------------------------------+
//   |            GSO size           |         Checksum start        |
//   +-------------------------------+-------------------------------+
//   |        Checksum offset        |
//   +-------------------------------+
namespace at {
  export const FLAGS: usize = 0; // with GSO type and header length behind it, one word
  export const GSO_TYPE: usize = 1;
  export const GSO_SIZE: usize = 4; // with checksum start behind it, one word
  export const CSUM_START: usize = 6;
  export const CSUM_OFFSET: usize = 8;
  export const END: usize = 10;
}

export const VIRTIO_HEADER_LEN: u32 = <u32>at.END;

export const VIRTIO_GSO_NONE: u32 = 0;
export const VIRTIO_GSO_TCPV4: u32 = 1;
export const VIRTIO_GSO_UDP_L4: u32 = 5;
export const VIRTIO_GSO_ECN: u32 = 0x80; // on top of the type: the first segment has CWR

const FLAG_NEEDS_CSUM: u32 = 1;

/** A virtio header lying in linear memory. */
@unmanaged
@final
export class Virtio {
  static at(ptr: usize): Virtio {
    return changetype<Virtio>(ptr);
  }

  /** True when the checksum at csumStart + csumOffset is still to be finished. */
  get needsCsum(): bool {
    return (<u32>load<u8>(changetype<usize>(this), at.FLAGS) & FLAG_NEEDS_CSUM) != 0;
  }

  /** VIRTIO_GSO_TCPV4 and its like, without the bit on top. */
  get gsoType(): u32 {
    return <u32>load<u8>(changetype<usize>(this), at.GSO_TYPE) & ~VIRTIO_GSO_ECN;
  }

  /** True for one packet with its checksum finished. */
  get isPlain(): bool {
    const word: u32 = load<u16>(changetype<usize>(this), at.FLAGS);
    return (word & (FLAG_NEEDS_CSUM | (~VIRTIO_GSO_ECN << 8))) == 0;
  }

  get gsoSize(): u32 {
    return load<u16>(changetype<usize>(this), at.GSO_SIZE);
  }

  get csumStart(): u32 {
    return load<u16>(changetype<usize>(this), at.CSUM_START);
  }

  get csumOffset(): u32 {
    return load<u16>(changetype<usize>(this), at.CSUM_OFFSET);
  }

  /** Ok when the field of the checksum lies in `len` bytes of packet, `linkLen` or more behind. */
  checkCsum(linkLen: u32, len: u32): Status {
    const start = this.csumStart;
    const end = start + this.csumOffset + 2;
    return start >= linkLen && end <= len ? Status.Ok : Status.BadOffload;
  }

  /** Writes all ten bytes: a packet like any other. */
  emit(): void {
    store<u64>(changetype<usize>(this), 0, at.FLAGS);
    store<u16>(changetype<usize>(this), 0, at.CSUM_OFFSET);
  }

  /** Makes it that of a super-packet with an unfinished checksum; the rest is written already. */
  setSuper(gsoType: u32, headersLen: u32, gsoSize: u32): void {
    const ptr = changetype<usize>(this);
    store<u32>(ptr, FLAG_NEEDS_CSUM | (gsoType << 8) | (headersLen << 16), at.FLAGS);
    store<u16>(ptr, <u16>gsoSize, at.GSO_SIZE);
  }

  setCsum(start: u32, offset: u32): void {
    store<u16>(changetype<usize>(this), <u16>start, at.CSUM_START);
    store<u16>(changetype<usize>(this), <u16>offset, at.CSUM_OFFSET);
  }
}
