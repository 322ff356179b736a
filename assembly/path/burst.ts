// Packets travel in bursts. An element reads the descriptors of `in`, gives each one a verdict,
// and appends to `out`; what it has to make itself, it makes in `spare`.
import { fits, isWithin } from "../base/arith";
import { advance, arena, arenaEnd, isHostRange, isNode, isTime } from "../base/node";
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

/** A run of bytes, part of a packet that is gathered. */
export const enum PieceAt {
  Ptr = 0,
  Len = 4,
  End = 8,
}

/** What an element takes, 64 bytes. */
export const enum BurstAt {
  In = 0,
  InCount = 4,
  Out = 8,
  OutCap = 12,
  OutCount = 16,
  Spare = 20,
  SpareLen = 24,
  SpareUsed = 28,
  NowMs = 32,
  Pieces = 40,
  PieceCap = 44,
  PieceCount = 48,
  Port = 52,
  Dice = 56,
  Flags = 60,
  End = 64,
}

export const BURST_MAX: u32 = 256;
export const NONE: u32 = 0xffff;

const OFFLOAD_FLAGS: u32 = DescFlag.CsumPartial | DescFlag.Gather | DescFlag.UdpGro;
const TABLE_MAX: u32 = 1 << 20; // more descriptors or pieces than any burst can use

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
  get tos(): u32 {
    return load<u8>(changetype<usize>(this), DescAt.Tos);
  }

  /** Starts a packet of `len` bytes at `ptr`: no verdict, no port, no remote, all else zero. */
  emit(ptr: usize, len: u32, flags: u32): void {
    const self = changetype<usize>(this);
    memory.fill(self, 0, DescAt.End);
    store<u32>(self, <u32>ptr, DescAt.Ptr);
    store<u32>(self, len, DescAt.Len);
    store<u16>(self, <u16>flags, DescAt.Flags);
    store<u16>(self, <u16>NONE, DescAt.Port);
    store<u16>(self, <u16>NONE, DescAt.Remote);
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
  setTos(tos: u32): void {
    store<u8>(changetype<usize>(this), <u8>tos, DescAt.Tos);
  }
  setLane(hash: u32): void {
    store<u8>(changetype<usize>(this), <u8>hash, DescAt.Lane);
  }
}

/** A burst record lying in linear memory. */
@unmanaged
@final
export class Burst {
  static at(ptr: usize): Burst {
    return changetype<Burst>(ptr);
  }

  /** Ok when every range that the record names is the host's own, and its time can be kept. */
  static check(node: usize, burst: usize): Status {
    if (!isNode(node) || !isTable(node, burst, 1, BurstAt.End)) return Status.BadArgument;
    const b = Burst.at(burst);
    const inCount = load<u32>(burst, BurstAt.InCount);
    if (inCount > BURST_MAX || !isTable(node, b.input, inCount, DescAt.End))
      return Status.BadArgument;
    if (!isTable(node, b.output, b.outCap, DescAt.End)) return Status.BadArgument;
    if (!isTable(node, b.pieces, b.pieceCap, PieceAt.End)) return Status.BadArgument;
    if (b.input < b.output + b.outCap * DescAt.End && b.output < b.inputEnd)
      return Status.BadArgument;
    const spareLen = load<u32>(burst, BurstAt.SpareLen);
    const spare = <usize>load<u32>(burst, BurstAt.Spare);
    if (spareLen != 0 && !isWithin(arena(node), arenaEnd(node), spare, spareLen)) {
      return Status.BadArgument;
    }
    if (!isTime(load<f64>(burst, BurstAt.NowMs))) return Status.BadArgument;
    return load<u32>(burst, BurstAt.Flags) == 0 ? Status.Ok : Status.BadArgument;
  }

  get input(): usize {
    return <usize>load<u32>(changetype<usize>(this), BurstAt.In);
  }
  get inputEnd(): usize {
    return this.input + load<u32>(changetype<usize>(this), BurstAt.InCount) * DescAt.End;
  }
  get output(): usize {
    return <usize>load<u32>(changetype<usize>(this), BurstAt.Out);
  }
  get outCap(): u32 {
    return load<u32>(changetype<usize>(this), BurstAt.OutCap);
  }
  get outCount(): u32 {
    return load<u32>(changetype<usize>(this), BurstAt.OutCount);
  }
  get pieces(): usize {
    return <usize>load<u32>(changetype<usize>(this), BurstAt.Pieces);
  }
  get pieceCap(): u32 {
    return load<u32>(changetype<usize>(this), BurstAt.PieceCap);
  }
  get port(): u32 {
    return load<u32>(changetype<usize>(this), BurstAt.Port);
  }

  /** Empties the output and takes the caller's time. Returns: seconds. */
  begin(node: usize): u32 {
    store<u32>(changetype<usize>(this), 0, BurstAt.OutCount);
    store<u32>(changetype<usize>(this), 0, BurstAt.SpareUsed);
    store<u32>(changetype<usize>(this), 0, BurstAt.PieceCount);
    return advance(node, load<f64>(changetype<usize>(this), BurstAt.NowMs));
  }

  /** True when `out` takes one more. */
  get hasRoom(): bool {
    return this.outCount < this.outCap;
  }

  /** The descriptor that `commit` will append. Requires: hasRoom. */
  get next(): Desc {
    return Desc.at(this.output + this.outCount * DescAt.End);
  }

  /** Appends what was written into `next`. */
  commit(): void {
    store<u32>(changetype<usize>(this), this.outCount + 1, BurstAt.OutCount);
  }

  /** `len` fresh bytes of `spare`, 8-aligned, or 0 when they are not left. */
  takeSpare(len: u32): usize {
    const self = changetype<usize>(this);
    const used = load<u32>(self, BurstAt.SpareUsed);
    const base = load<u32>(self, BurstAt.Spare);
    const ptr = (base + used + 7) & ~7;
    const room = load<u32>(self, BurstAt.SpareLen);
    if (ptr - base > room || len > room - (ptr - base)) return 0;
    store<u32>(self, ptr - base + len, BurstAt.SpareUsed);
    return <usize>ptr;
  }

  /**
   * Makes the bytes of `d` its own before they are changed, with `headroom` in front of them.
   * False when `spare` has no room.
   */
  own(d: Desc, headroom: u32): bool {
    if ((d.flags & DescFlag.Shared) == 0) return true;
    const room = this.takeSpare(headroom + d.len);
    if (room == 0) return false;
    const copy = room + headroom;
    memory.copy(copy, d.ptr, d.len);
    d.setRange(copy, d.len);
    d.dropFlags(DescFlag.Shared);
    return true;
  }

  /** True when `pieceCount` more pieces are left. */
  hasPieces(pieceCount: u32): bool {
    return fits(this.pieceCap, load<u32>(changetype<usize>(this), BurstAt.PieceCount), pieceCount);
  }

  /** Makes `next` a header and the bytes of `d`. Requires: hasPieces(2). */
  gather(header: usize, headerLen: u32, d: Desc): void {
    const used = load<u32>(changetype<usize>(this), BurstAt.PieceCount);
    const pieces = this.pieces + used * PieceAt.End;
    store<u32>(changetype<usize>(this), used + 2, BurstAt.PieceCount);
    emitPiece(pieces, header, headerLen);
    emitPiece(pieces + PieceAt.End, d.ptr, d.len);
    this.next.setRange(pieces, 2);
    this.next.addFlags(DescFlag.Gather);
  }
}

/** Ok for one ordinary packet that lies in the arena with `headroom` bytes in front of it. */
export function checkPlain(node: usize, d: Desc, headroom: u32): Status {
  const isSuper = d.gsoSize != 0 || (d.flags & OFFLOAD_FLAGS) != 0;
  if (isSuper) return Status.NeedsOffload;
  const isInside = isWithin(arena(node) + headroom, arenaEnd(node), d.ptr, d.len);
  return isInside ? Status.Ok : Status.BadArgument;
}

function emitPiece(piece: usize, ptr: usize, len: u32): void {
  store<u32>(piece, <u32>ptr, PieceAt.Ptr);
  store<u32>(piece, len, PieceAt.Len);
}

function isTable(node: usize, ptr: usize, entries: u32, entryLen: u32): bool {
  if (entries == 0) return true;
  return (ptr & 7) == 0 && entries <= TABLE_MAX && isHostRange(node, ptr, entries * entryLen);
}
