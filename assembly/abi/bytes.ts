import { isWithin } from "../base/arith";
import { sumLong, update } from "../base/checksum";
import { isClaimed } from "../base/memory";
import { Status } from "../base/status";
import { PieceAt } from "../path/burst";
import { decode } from "../path/decode";
import { Layer, LayerAt, LayerKind } from "../path/layer";

const CAP_MAX: u32 = 1 << 26;
const NO_KIND: i32 = 0;

/**
 * The internet sum of bytes anywhere in memory (RFC 1071), as it lies.
 *
 * seed    what it goes on from: 0, or an earlier sum
 * returns 0 to 65535, not complemented, or BadArgument
 */
export function checksum_sum(ptr: usize, len: u32, seed: u32): i32 {
  if (!isMemory(ptr, len)) return Status.BadArgument;
  return sumLong(ptr, len, seed);
}

/**
 * The checksum after one word changed (RFC 1624).
 *
 * old     the checksum, as it lies; of all three the low 16 bits count
 * from    the word as it was
 * to      the word as it is
 * returns 0 to 65535, as it lies
 */
export function checksum_update(old: u32, from: u32, to: u32): i32 {
  return update(old, from, to);
}

/**
 * The layers of a packet anywhere in memory, whatever its bytes.
 *
 * start   LayerKind of its first header: Ethernet or Ipv4
 * out     takes layer records, in the claimed memory and apart from the packet
 * cap     records that there is room for, at most 2^26; the rest is left out
 * returns records written, or BadArgument
 */
export function packet_decode(ptr: usize, len: u32, start: i32, out: usize, cap: u32): i32 {
  if (!isStart(start) || !isRoom(out, cap) || !isApart(ptr, len, out, cap)) {
    return Status.BadArgument;
  }
  return decode(ptr, len, start, out, cap);
}

/**
 * The layers of many packets, each as packet_decode has them. A packet that has fewer than `cap` is
 * followed by a record of Kind 0.
 *
 * pieces  piece records of the packets, in the claimed memory
 * count   packets
 * start   LayerKind of their first headers: Ethernet or Ipv4
 * out     takes `cap` layer records for each packet, apart from packets and pieces
 * cap     records that there is room for; of all packets together at most 2^26
 * returns layers, or BadArgument, and then nothing was written
 */
export function packet_decode_bulk(
  pieces: usize,
  count: u32,
  start: i32,
  out: usize,
  cap: u32,
): i32 {
  const all = <u64>count * cap;
  const piecesLen = <u64>count * PieceAt.End;
  if (!isStart(start) || all > CAP_MAX || !isRoom(out, <u32>all)) return Status.BadArgument;
  if ((pieces & 3) != 0 || piecesLen >= CAP_MAX) return Status.BadArgument;
  if (!isClaimed(pieces, <u32>piecesLen)) return Status.BadArgument;
  if (!isApart(pieces, <u32>piecesLen, out, <u32>all)) return Status.BadArgument;
  const end = pieces + <usize>piecesLen;
  for (let piece = pieces; piece < end; piece += PieceAt.End) {
    if (!isApart(ptrOf(piece), lenOf(piece), out, <u32>all)) return Status.BadArgument;
  }
  let layers: i32 = 0;
  for (let piece = pieces; piece < end; piece += PieceAt.End) {
    const found = decode(ptrOf(piece), lenOf(piece), start, out, cap);
    if (<u32>found < cap) Layer.of(out, found).emit(NO_KIND, 0, 0, 0);
    layers += found;
    out += <usize>cap * LayerAt.End;
  }
  return layers;
}

function ptrOf(piece: usize): usize {
  return load<u32>(piece, PieceAt.Ptr);
}

function lenOf(piece: usize): u32 {
  return load<u32>(piece, PieceAt.Len);
}

function isStart(kind: i32): bool {
  return kind == LayerKind.Ethernet || kind == LayerKind.Ipv4;
}

/** True where `cap` layer records may be written. */
function isRoom(out: usize, cap: u32): bool {
  return cap <= CAP_MAX && (out & 3) == 0 && isClaimed(out, cap * <u32>LayerAt.End);
}

/** True for bytes that are there and lie apart from `cap` layer records. Requires: isRoom. */
function isApart(ptr: usize, len: u32, out: usize, cap: u32): bool {
  return isMemory(ptr, len) && (ptr >= out + cap * <u32>LayerAt.End || out >= ptr + len);
}

function isMemory(ptr: usize, len: u32): bool {
  return isWithin(0, (<usize>memory.size()) << 16, ptr, len); // at most 32767 pages
}
