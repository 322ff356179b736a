// Packets travel in bursts. An element reads the descriptors of `in`, gives each one a verdict,
// and appends to `out`; what it has to make itself, it makes in `spare`.
import { fits, isWithin } from "../base/arith";
import { advance, arena, arenaEnd, count, isNode, isScratch, isTime } from "../base/node";
import { Status } from "../base/status";
import { VIRTIO_HEADER_LEN, Virtio } from "../wire/virtio";
import { Desc, DescAt, DescFlag } from "./desc";

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

/** How an element works, where there are two ways. */
export const enum BurstFlag {
  AfterRouting = 1, // of nat_burst
  Virtio = 2, // the device's side has virtio headers
  UdpL4 = 4, // what goes to the device may be a super-packet of UDP
}

export const BURST_MAX: u32 = 256;

const SPARE_ALIGN_MAX: u32 = 7; // bytes that takeSpare may leave out

const TABLE_MAX: u32 = 1 << 20; // more descriptors or pieces than any burst can use

/** A burst record lying in linear memory. */
@unmanaged
@final
export class Burst {
  static at(ptr: usize): Burst {
    return changetype<Burst>(ptr);
  }

  /**
   * Ok when every range that the record names is the host's own, its time can be kept, and no flag
   * but `flags` is set. Tables lie in scratch, apart from each other, and spare bytes in the arena
   * with the packets: so no packet and no output can change what is still to be read.
   */
  static check(node: usize, burst: usize, flags: u32 = 0): Status {
    if (!isNode(node) || !isTable(node, burst, 1, BurstAt.End)) return Status.BadArgument;
    const b = Burst.at(burst);
    const inCount = load<u32>(burst, BurstAt.InCount);
    if (inCount > BURST_MAX || !isTable(node, b.input, inCount, DescAt.End))
      return Status.BadArgument;
    if (!isTable(node, b.output, b.outCap, DescAt.End)) return Status.BadArgument;
    if (!isTable(node, b.pieces, b.pieceCap, PieceAt.End)) return Status.BadArgument;
    if (!b.isApart) return Status.BadArgument;
    const spareLen = load<u32>(burst, BurstAt.SpareLen);
    const spare = <usize>load<u32>(burst, BurstAt.Spare);
    if (spareLen != 0 && !isWithin(arena(node), arenaEnd(node), spare, spareLen)) {
      return Status.BadArgument;
    }
    if (!isTime(load<f64>(burst, BurstAt.NowMs))) return Status.BadArgument;
    return (b.flags & ~flags) == 0 ? Status.Ok : Status.BadArgument;
  }

  /** True when no two of the record and its three tables share a byte. */
  get isApart(): bool {
    const self = changetype<usize>(this);
    const end = self + BurstAt.End;
    const outEnd = this.outputEnd;
    const piecesEnd = this.pieces + this.pieceCap * PieceAt.End;
    return (
      areApart(self, end, this.input, this.inputEnd) &&
      areApart(self, end, this.output, outEnd) &&
      areApart(self, end, this.pieces, piecesEnd) &&
      areApart(this.input, this.inputEnd, this.output, outEnd) &&
      areApart(this.input, this.inputEnd, this.pieces, piecesEnd) &&
      areApart(this.output, outEnd, this.pieces, piecesEnd)
    );
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

  get dice(): u32 {
    return load<u32>(changetype<usize>(this), BurstAt.Dice);
  }
  get flags(): u32 {
    return load<u32>(changetype<usize>(this), BurstAt.Flags);
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

  /** One past the last descriptor that `out` takes. */
  get outputEnd(): usize {
    return this.output + this.outCap * DescAt.End;
  }

  /** Appends the descriptors that were written up to `end`, from `next` on. */
  commitTo(end: usize): void {
    store<u32>(changetype<usize>(this), <u32>(end - this.output) / DescAt.End, BurstAt.OutCount);
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

  /** How many runs of `len` bytes, a multiple of eight, `spare` has behind one another. */
  spareRuns(len: u32): u32 {
    const self = changetype<usize>(this);
    const used = load<u32>(self, BurstAt.SpareUsed) + SPARE_ALIGN_MAX;
    const room = load<u32>(self, BurstAt.SpareLen);
    return used < room ? (room - used) / len : 0;
  }

  /** True when `spare` has `len` bytes more, wherever they begin. */
  hasSpare(len: u32): bool {
    const self = changetype<usize>(this);
    const used = load<u32>(self, BurstAt.SpareUsed);
    return fits(load<u32>(self, BurstAt.SpareLen), used, len + SPARE_ALIGN_MAX);
  }

  /** How full `out` and `spare` are, for `reset`. */
  mark(): u64 {
    return ((<u64>load<u32>(changetype<usize>(this), BurstAt.SpareUsed)) << 32) | this.outCount;
  }

  /** Takes back what was appended since `mark`. */
  reset(mark: u64): void {
    store<u32>(changetype<usize>(this), <u32>mark, BurstAt.OutCount);
    store<u32>(changetype<usize>(this), <u32>(mark >> 32), BurstAt.SpareUsed);
  }

  /**
   * Appends a packet of `len` bytes of the core's own making, which goes out by `port`, behind a
   * virtio header where that is due. Returns: where to write it, or 0 when there is no room.
   */
  originate(port: u32, len: u32, flags: u32): usize {
    const frontLen = (this.flags & BurstFlag.Virtio) == 0 ? 0 : VIRTIO_HEADER_LEN;
    const front = this.hasRoom ? this.takeSpare(frontLen + len) : 0;
    if (front == 0) return 0;
    if (frontLen != 0) Virtio.at(front).emit();
    const o = this.next;
    o.emit(front, frontLen + len, flags | DescFlag.Originated);
    o.setPort(port);
    this.commit();
    return front + frontLen;
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

  /** Appends the packet of `d` as it is. Requires: hasRoom. */
  pass(d: Desc): void {
    memory.copy(changetype<usize>(this.next), changetype<usize>(d), DescAt.End);
    this.commit();
  }

  get piecesLeft(): u32 {
    return this.pieceCap - load<u32>(changetype<usize>(this), BurstAt.PieceCount);
  }

  /** `pieceCount` fresh pieces. Requires: so many are left. */
  takePieces(pieceCount: u32): usize {
    const used = load<u32>(changetype<usize>(this), BurstAt.PieceCount);
    store<u32>(changetype<usize>(this), used + pieceCount, BurstAt.PieceCount);
    return this.pieces + used * PieceAt.End;
  }

  /** Takes back the pieces from `unused` on, if they are the last: up to `end`. */
  returnPieces(end: usize, unused: usize): void {
    const used = load<u32>(changetype<usize>(this), BurstAt.PieceCount);
    if (this.pieces + used * PieceAt.End != end) return;
    const left = <u32>(end - unused) / PieceAt.End;
    store<u32>(changetype<usize>(this), used - left, BurstAt.PieceCount);
  }

  /** Makes `next` a header and the bytes of `d`. Requires: two pieces left. */
  gather(header: usize, headerLen: u32, d: Desc): void {
    const pieces = this.takePieces(2);
    emitPiece(emitPiece(pieces, header, headerLen), d.ptr, d.len);
    this.next.setRange(pieces, 2);
    this.next.addFlags(DescFlag.Gather);
  }
}

/**
 * The verdict of a packet that is copied, `verdict` so far (UnknownStation at first), after one
 * more copy: consumed when one left. Of each copy that did not, the reason is counted.
 */
export function withCopy(node: usize, verdict: i32, sent: i32): i32 {
  if (verdict == Status.UnknownStation) return sent;
  const worse = min(verdict, sent);
  if (worse < 0) count(node, worse);
  return max(verdict, sent);
}

/** Writes one piece. Returns: where the next one lies. */
export function emitPiece(piece: usize, ptr: usize, len: u32): usize {
  store<u32>(piece, <u32>ptr, PieceAt.Ptr);
  store<u32>(piece, len, PieceAt.Len);
  return piece + PieceAt.End;
}

function areApart(a: usize, aEnd: usize, b: usize, bEnd: usize): bool {
  return aEnd <= b || bEnd <= a;
}

function isTable(node: usize, ptr: usize, entries: u32, entryLen: u32): bool {
  if (entries == 0) return true;
  return (ptr & 7) == 0 && entries <= TABLE_MAX && isScratch(node, ptr, entries * entryLen);
}
