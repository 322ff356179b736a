// A tuple says who speaks to whom: two ends of an address and a port each. It lies in twelve bytes,
// source in front of target; an echo's identifier is the port of the end that asks, and zero that
// of the end that answers, as both are where a protocol has no ports.
import { mix } from "../base/hash";

export namespace tupleAt {
  export const ADDRESSES: usize = 0; // u64, the source low
  export const SRC: usize = 0;
  export const DST: usize = 4;
  export const PORTS: usize = 8; // u32, the source's low
  export const SRC_PORT: usize = 8;
  export const DST_PORT: usize = 10;
  export const END: usize = 12;
}

const PORT_BITS: u64 = 16;
const END_BITS: u64 = 48; // of an address and a port

/** A tuple lying in linear memory. */
@unmanaged
@final
export class Tuple {
  static at(ptr: usize): Tuple {
    return changetype<Tuple>(ptr);
  }

  get addresses(): u64 {
    return load<u64>(changetype<usize>(this), tupleAt.ADDRESSES);
  }
  get ports(): u32 {
    return load<u32>(changetype<usize>(this), tupleAt.PORTS);
  }
  get src(): u32 {
    return load<u32>(changetype<usize>(this), tupleAt.SRC);
  }
  get dst(): u32 {
    return load<u32>(changetype<usize>(this), tupleAt.DST);
  }
  get srcPort(): u32 {
    return load<u16>(changetype<usize>(this), tupleAt.SRC_PORT);
  }
  get dstPort(): u32 {
    return load<u16>(changetype<usize>(this), tupleAt.DST_PORT);
  }

  emit(addresses: u64, ports: u32): void {
    store<u64>(changetype<usize>(this), addresses, tupleAt.ADDRESSES);
    store<u32>(changetype<usize>(this), ports, tupleAt.PORTS);
  }
  setSource(address: u32, port: u32): void {
    store<u32>(changetype<usize>(this), address, tupleAt.SRC);
    store<u16>(changetype<usize>(this), <u16>port, tupleAt.SRC_PORT);
  }
  setTarget(address: u32, port: u32): void {
    store<u32>(changetype<usize>(this), address, tupleAt.DST);
    store<u16>(changetype<usize>(this), <u16>port, tupleAt.DST_PORT);
  }

  /** Writes `other` the other way round. */
  emitBack(other: Tuple): void {
    this.emit(rotl<u64>(other.addresses, 32), rotl<u32>(other.ports, 16));
  }

  equals(other: Tuple): bool {
    return this.addresses == other.addresses && this.ports == other.ports;
  }

  /** What the two ends are found by, whoever speaks; never zero. */
  key(seed: u64, protocol: u32): u64 {
    const source = ((<u64>this.src) << PORT_BITS) | this.srcPort;
    const target = ((<u64>this.dst) << PORT_BITS) | this.dstPort;
    const low = min(source, target) | ((<u64>protocol) << END_BITS);
    const key = mix(mix(seed ^ low) ^ max(source, target));
    return key == 0 ? 1 : key;
  }
}
