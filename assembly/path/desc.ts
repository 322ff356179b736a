// A packet as it travels: where its bytes lie, where it came from and where it goes, and what
// became of it.
import { isWithin } from "../base/arith";
import { arena, arenaEnd } from "../base/node";
import { Status } from "../base/status";

/** A packet, 32 bytes. ABI.md says what each field means. */
export const enum DescAt {
  Ptr = 0,
  Len = 4,
  Port = 8,
  Flags = 10,
  Verdict = 12,
  Remote = 14,
  Peer = 16,
  Vni = 20,
  GsoSize = 24,
  CsumStart = 26,
  CsumOffset = 28,
  GsoType = 29,
  Tos = 30,
  Lane = 31,
  End = 32,
}

export const enum DescFlag {
  L3 = 1,
  CsumPartial = 2,
  CsumOk = 4,
  Shared = 8,
  Gather = 16,
  UdpGro = 32,
  Originated = 64,
  Decapped = 128,
  OuterFrame = 256,
}

export const enum Verdict {
  Consumed = 1,
  ForUs = 2,
  Waiting = 3,
}

export const NONE: u32 = 0xffff;

const OFFLOAD_FLAGS: u32 = DescFlag.CsumPartial | DescFlag.Gather | DescFlag.UdpGro;

/** A descriptor lying in linear memory. */
@unmanaged
@final
export class Desc {
  static at(ptr: usize): Desc {
    return changetype<Desc>(ptr);
  }

  get ptr(): usize {
    return <usize>load<u32>(changetype<usize>(this), DescAt.Ptr);
  }
  get len(): u32 {
    return load<u32>(changetype<usize>(this), DescAt.Len);
  }
  get port(): u32 {
    return load<u16>(changetype<usize>(this), DescAt.Port);
  }
  get flags(): u32 {
    return load<u16>(changetype<usize>(this), DescAt.Flags);
  }
  get verdict(): i32 {
    return load<i16>(changetype<usize>(this), DescAt.Verdict);
  }
  get remote(): u32 {
    return load<u16>(changetype<usize>(this), DescAt.Remote);
  }
  get peer(): u32 {
    return load<u32>(changetype<usize>(this), DescAt.Peer);
  }
  get vni(): u32 {
    return load<u32>(changetype<usize>(this), DescAt.Vni);
  }
  get gsoSize(): u32 {
    return load<u16>(changetype<usize>(this), DescAt.GsoSize);
  }
  get csumStart(): u32 {
    return load<u16>(changetype<usize>(this), DescAt.CsumStart);
  }
  get csumOffset(): u32 {
    return load<u8>(changetype<usize>(this), DescAt.CsumOffset);
  }
  get gsoType(): u32 {
    return load<u8>(changetype<usize>(this), DescAt.GsoType);
  }
  get tos(): u32 {
    return load<u8>(changetype<usize>(this), DescAt.Tos);
  }

  /** Starts a packet of `len` bytes at `ptr`: no verdict, no port, no remote, all else zero. */
  emit(ptr: usize, len: u32, flags: u32): void {
    const self = changetype<usize>(this);
    store<u32>(self, <u32>ptr, DescAt.Ptr);
    store<u32>(self, len, DescAt.Len);
    store<u32>(self, NONE | (flags << 16), DescAt.Port);
    store<u32>(self, NONE << 16, DescAt.Verdict);
    store<u64>(self, 0, DescAt.Peer);
    store<u64>(self, 0, DescAt.GsoSize);
  }

  setRange(ptr: usize, len: u32): void {
    store<u32>(changetype<usize>(this), <u32>ptr, DescAt.Ptr);
    store<u32>(changetype<usize>(this), len, DescAt.Len);
  }
  addFlags(flags: u32): void {
    store<u16>(changetype<usize>(this), <u16>(this.flags | flags), DescAt.Flags);
  }
  dropFlags(flags: u32): void {
    store<u16>(changetype<usize>(this), <u16>(this.flags & ~flags), DescAt.Flags);
  }
  setPort(port: u32): void {
    store<u16>(changetype<usize>(this), <u16>port, DescAt.Port);
  }
  setVerdict(verdict: i32): void {
    store<i16>(changetype<usize>(this), <i16>verdict, DescAt.Verdict);
  }
  setRemote(remote: u32): void {
    store<u16>(changetype<usize>(this), <u16>remote, DescAt.Remote);
  }
  setPeer(peer: u32): void {
    store<u32>(changetype<usize>(this), peer, DescAt.Peer);
  }
  setVni(vni: u32): void {
    store<u32>(changetype<usize>(this), vni, DescAt.Vni);
  }
  setGsoSize(gsoSize: u32): void {
    store<u16>(changetype<usize>(this), <u16>gsoSize, DescAt.GsoSize);
  }
  setOffload(gsoSize: u32, csumStart: u32, csumOffset: u32, gsoType: u32): void {
    store<u32>(changetype<usize>(this), gsoSize | (csumStart << 16), DescAt.GsoSize);
    store<u16>(changetype<usize>(this), <u16>(csumOffset | (gsoType << 8)), DescAt.CsumOffset);
  }
  setTos(tos: u32): void {
    store<u8>(changetype<usize>(this), <u8>tos, DescAt.Tos);
  }
  setLane(hash: u32): void {
    store<u8>(changetype<usize>(this), <u8>hash, DescAt.Lane);
  }
}

/** Ok for one ordinary packet that lies in the arena with `headroom` bytes in front of it. */
export function checkPlain(node: usize, d: Desc, headroom: u32): Status {
  const isSuper = d.gsoSize != 0 || (d.flags & OFFLOAD_FLAGS) != 0;
  if (isSuper) return Status.NeedsOffload;
  const isInside = isWithin(arena(node) + headroom, arenaEnd(node), d.ptr, d.len);
  return isInside ? Status.Ok : Status.BadArgument;
}
