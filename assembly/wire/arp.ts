import { swap16 } from "../base/endian";
import { Status } from "../base/status";
import { MAC_MASK } from "./ethernet";

// RFC 826, for Ethernet and IPv4. One column is one bit.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------------------------------+-------------------------------+
//   |       Hardware type = 1       |     Protocol type = 0x0800    |
//   +---------------+---------------+-------------------------------+
//   |   MAC len = 6 | Addr. len = 4 |           Operation           |
//   +---------------+---------------+-------------------------------+
//   |                           Sender MAC                          |
//   +-------------------------------+-------------------------------+
//   |     Sender MAC, continued     |         Sender address        |
//   +-------------------------------+-------------------------------+
//   |   Sender address, continued   |           Target MAC          |
//   +-------------------------------+-------------------------------+
//   |                     Target MAC, continued                     |
//   +---------------------------------------------------------------+
//   |                         Target address                        |
//   +---------------------------------------------------------------+
namespace at {
  export const TYPES: usize = 0; // hardware, protocol, and the length of an address of each
  export const OPERATION: usize = 6;
  export const SENDER_MAC: usize = 8;
  export const SENDER_ADDRESS: usize = 14;
  export const TARGET_MAC: usize = 18;
  export const TARGET_ADDRESS: usize = 24;
  export const END: usize = 28;
}

export const ARP_LEN: u32 = <u32>at.END;
export const ARP_TYPES_LEN: u32 = <u32>at.SENDER_MAC; // with the operation
export const ARP_REQUEST: u32 = 1;
export const ARP_REPLY: u32 = 2;

const TYPES_NET: u64 = 0x040600080100; // 00 01 08 00 06 04 as it lies in memory
const TYPES_MASK: u64 = 0xffffffffffff;

/** An ARP message lying in linear memory. */
@unmanaged
@final
export class Arp {
  static at(ptr: usize): Arp {
    return changetype<Arp>(ptr);
  }

  /** Ok when every reader below is safe on `len` bytes, and it is about Ethernet and IPv4. */
  static check(ptr: usize, len: u32): Status {
    if (len < ARP_LEN) return Status.Truncated;
    if (!Arp.at(ptr).isForIpv4) return Status.BadHardware;
    const operation = Arp.at(ptr).operation;
    if (operation != ARP_REQUEST && operation != ARP_REPLY) return Status.BadHardware;
    return Status.Ok;
  }

  /** True when it is about Ethernet and IPv4. Requires: ARP_TYPES_LEN bytes. */
  get isForIpv4(): bool {
    return (load<u64>(changetype<usize>(this), at.TYPES) & TYPES_MASK) == TYPES_NET;
  }

  get operation(): u32 {
    return swap16(load<u16>(changetype<usize>(this), at.OPERATION));
  }

  get isRequest(): bool {
    return this.operation == ARP_REQUEST;
  }

  get senderMac(): u64 {
    return load<u64>(changetype<usize>(this), at.SENDER_MAC) & MAC_MASK;
  }

  get senderAddress(): u32 {
    return bswap<u32>(load<u32>(changetype<usize>(this), at.SENDER_ADDRESS));
  }

  get targetMac(): u64 {
    return load<u64>(changetype<usize>(this), at.TARGET_MAC) & MAC_MASK;
  }

  get targetAddress(): u32 {
    return bswap<u32>(load<u32>(changetype<usize>(this), at.TARGET_ADDRESS));
  }

  /** Writes all 28 bytes, in this order: a u64 ends two bytes into the next field. */
  emit(
    operation: u32,
    senderMac: u64,
    senderAddress: u32,
    targetMac: u64,
    targetAddress: u32,
  ): void {
    const ptr = changetype<usize>(this);
    store<u64>(ptr, TYPES_NET, at.TYPES);
    store<u16>(ptr, <u16>swap16(operation), at.OPERATION);
    store<u64>(ptr, senderMac, at.SENDER_MAC);
    store<u32>(ptr, bswap<u32>(senderAddress), at.SENDER_ADDRESS);
    store<u64>(ptr, targetMac, at.TARGET_MAC);
    store<u32>(ptr, bswap<u32>(targetAddress), at.TARGET_ADDRESS);
  }
}
