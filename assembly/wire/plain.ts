// The IPv4 header that nearly all packets have, without options and of no fragment, judged whole in
// three loads. What it refuses may still be a header: wire/ipv4 knows.
namespace at {
  export const FIRST: usize = 0; // u64, from the version to the fragment
  export const LENGTH_HIGH: usize = 2;
  export const LENGTH_LOW: usize = 3;
  export const SECOND: usize = 8; // u64, from TTL to source
  export const THIRD: usize = 16; // u32, the destination
}

// Of FIRST: version 4 and five words, then MF and the offset, which are zero.
const MASK: u64 = 0xff3f0000000000ff;
const PLAIN: u64 = 0x45;
const LOW_WORD: u64 = 0xffffffff;
const LOW_HALF: u64 = 0xffff;

/** A header of twenty bytes lying in linear memory. */
@unmanaged
@final
export class PlainIpv4 {
  static at(ptr: usize): PlainIpv4 {
    return changetype<PlainIpv4>(ptr);
  }

  /** The total length of a plain header whose checksum is right; 0 of all others. */
  @inline
  totalLength(): u32 {
    const ptr = changetype<usize>(this);
    const first = load<u64>(ptr, at.FIRST);
    const second = load<u64>(ptr, at.SECOND);
    if ((first & MASK) != PLAIN) return 0;
    let total = (first & LOW_WORD) + (first >> 32) + (second & LOW_WORD) + (second >> 32);
    total += load<u32>(ptr, at.THIRD);
    total = (total & LOW_WORD) + (total >> 32);
    total = (total & LOW_HALF) + (total >> 16);
    total = (total & LOW_HALF) + (total >> 16);
    if (total != LOW_HALF) return 0;
    return ((<u32>load<u8>(ptr, at.LENGTH_HIGH)) << 8) | load<u8>(ptr, at.LENGTH_LOW);
  }
}
