// The record of one layer of a decoded packet.

/** One header, with all that it carries; bytes that have no header; 16 bytes. */
export const enum LayerAt {
  Kind = 0, // u8, LayerKind
  Depth = 1, // u8, how many packets it lies in
  Status = 2, // i16, 0, or what is wrong
  Offset = 4, // u32, from the packet's first byte
  HeaderLen = 8, // u32; broken: the bytes that the header needs or claims
  Len = 12, // u32, header and all it carries; broken: the bytes that were there
  End = 16,
}

export const enum LayerKind {
  Ethernet = 1,
  Vlan = 2,
  Arp = 3,
  Ipv4 = 4,
  Icmp = 5,
  Igmp = 6,
  Udp = 7,
  Tcp = 8,
  Vxlan = 9,
  Payload = 10, // bytes that nothing above says how to read
  Padding = 11, // bytes behind what the lengths of the headers claim
}

const DEPTH_SHIFT: u32 = 8 * (LayerAt.Depth - LayerAt.Kind);

/** A layer record lying in linear memory. */
@unmanaged
@final
export class Layer {
  /** The record at `index` of those that begin at `records`. */
  static of(records: usize, index: u32): Layer {
    return changetype<Layer>(records + <usize>index * LayerAt.End);
  }

  get kind(): i32 {
    return load<u8>(changetype<usize>(this), LayerAt.Kind);
  }

  get depth(): u32 {
    return load<u8>(changetype<usize>(this), LayerAt.Depth);
  }

  get headerLen(): u32 {
    return load<u32>(changetype<usize>(this), LayerAt.HeaderLen);
  }

  get len(): u32 {
    return load<u32>(changetype<usize>(this), LayerAt.Len);
  }

  /** One past its last byte, from the packet's first. */
  get end(): u32 {
    return load<u32>(changetype<usize>(this), LayerAt.Offset) + this.len;
  }

  /** Writes all sixteen bytes: no header, and nothing wrong. */
  emit(kind: i32, depth: u32, offset: u32, len: u32): void {
    this.emitWhole(kind, depth, offset, 0, len);
  }

  /** The same, with a header. */
  @inline
  emitWhole(kind: i32, depth: u32, offset: u32, headerLen: u32, len: u32): void {
    const first = <u32>kind | (depth << DEPTH_SHIFT); // and no status
    store<u64>(changetype<usize>(this), first | ((<u64>offset) << 32), LayerAt.Kind);
    store<u64>(changetype<usize>(this), headerLen | ((<u64>len) << 32), LayerAt.HeaderLen);
  }

  setStatus(status: i32): void {
    store<i16>(changetype<usize>(this), <i16>status, LayerAt.Status);
  }

  setHeaderLen(len: u32): void {
    store<u32>(changetype<usize>(this), len, LayerAt.HeaderLen);
  }

  setLen(len: u32): void {
    store<u32>(changetype<usize>(this), len, LayerAt.Len);
  }
}
