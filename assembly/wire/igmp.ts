import { sum } from "../base/checksum";
import { Status } from "../base/status";

// RFC 2236 (version 2), whose eight bytes begin the messages of all three versions. One column is
// one bit. Version 1 (RFC 1112) has no response time; the queries of version 3 go on with sources,
// and its reports have a count and records where others have their group (RFC 3376, section 4).
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---------------+---------------+-------------------------------+
//   |      Type     | Max resp time |            Checksum           |
//   +---------------+---------------+-------------------------------+
//   |                         Group address                         |
//   +---------------------------------------------------------------+
namespace at {
  export const TYPE: usize = 0;
  export const MAX_RESP_TIME: usize = 1;
  export const GROUP: usize = 4;
  export const END: usize = 8;
}

export const IGMP_HEADER_LEN: u32 = <u32>at.END;

export const IGMP_QUERY: u32 = 0x11;
export const IGMP_REPORT_V1: u32 = 0x12;
export const IGMP_REPORT_V2: u32 = 0x16;
export const IGMP_LEAVE: u32 = 0x17; // version 2
export const IGMP_REPORT_V3: u32 = 0x22;

const QUERY_V3_LEN: u32 = 12; // RFC 3376, section 7.1: the length tells, and nothing else

/** An IGMP message lying in linear memory. */
@unmanaged
@final
export class Igmp {
  static at(ptr: usize): Igmp {
    return changetype<Igmp>(ptr);
  }

  /** Ok when every reader below is safe and all `len` bytes are whole. Requires: len <= 65535. */
  static check(ptr: usize, len: u32): Status {
    if (len < IGMP_HEADER_LEN) return Status.Truncated;
    return Igmp.at(ptr).isChecksumValid(len) ? Status.Ok : Status.BadChecksum;
  }

  get type(): u32 {
    return load<u8>(changetype<usize>(this), at.TYPE);
  }

  /** In tenths of a second, but for the floating point of version 3 (RFC 3376, section 4.1.1). */
  get maxRespTime(): u32 {
    return load<u8>(changetype<usize>(this), at.MAX_RESP_TIME);
  }

  /** Of all but the reports of version 3; zero in a query about every group. */
  get group(): u32 {
    return bswap<u32>(load<u32>(changetype<usize>(this), at.GROUP));
  }

  /** 1, 2 or 3, by type, response time and `len` (RFC 3376, section 7.1); 0 for other types. */
  version(len: u32): u32 {
    switch (this.type) {
      case IGMP_QUERY:
        if (len >= QUERY_V3_LEN) return 3;
        return this.maxRespTime == 0 ? 1 : 2;
      case IGMP_REPORT_V1:
        return 1;
      case IGMP_REPORT_V2:
      case IGMP_LEAVE:
        return 2;
      case IGMP_REPORT_V3:
        return 3;
      default:
        return 0;
    }
  }

  /** Requires: a message of `len` bytes, at most 65535. */
  isChecksumValid(len: u32): bool {
    return sum(changetype<usize>(this), len, 0) == 0xffff;
  }
}
