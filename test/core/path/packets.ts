// A burst in the scratch of a node, its packets in slots, and its spare bytes behind them.

import { sum } from "../../../assembly/base/checksum";
import { arena, nodeAt } from "../../../assembly/base/node";
import { BurstAt, PieceAt } from "../../../assembly/path/burst";
import { Desc, DescAt, DescFlag } from "../../../assembly/path/desc";
import { Element, runElement } from "../../../assembly/path/element";
import { Ipv4 } from "../../../assembly/wire/ipv4";
import { put } from "../bytes";
import { STRIDE } from "../table/node";

export const HEADROOM_LEN: u32 = 128;
export const IN_MAX: u32 = 8;
export const OUT_CAP: u32 = 16;
export const PIECE_CAP: u32 = 32;
export const SPARE_LEN: u32 = 8192;
export const SPARE_SLOT: u32 = 16;

/** Addresses of containers, and of VTEPs. */
export const HERE: u32 = 0x0a010001;
export const THERE: u32 = 0x0a020001;
export const OWN_VTEP: u32 = 0xc0000201;
export const VTEP: u32 = 0xc0000210; // and up, one for each remote

/** An empty burst for port 0, with room for all that a spec asks for. */
export function openBurst(node: usize): usize {
  const burst = <usize>load<u32>(node, nodeAt.SCRATCH);
  memory.fill(burst, 0, BurstAt.End);
  const ins = <u32>burst + BurstAt.End;
  const outs = ins + IN_MAX * DescAt.End;
  store<u32>(burst, ins, BurstAt.In);
  store<u32>(burst, outs, BurstAt.Out);
  store<u32>(burst, OUT_CAP, BurstAt.OutCap);
  store<u32>(burst, outs + OUT_CAP * DescAt.End, BurstAt.Pieces);
  store<u32>(burst, PIECE_CAP, BurstAt.PieceCap);
  store<u32>(burst, <u32>arena(node) + SPARE_SLOT * STRIDE, BurstAt.Spare);
  store<u32>(burst, SPARE_LEN, BurstAt.SpareLen);
  return burst;
}

/** Where the next packet is to lie. */
export function roomFor(node: usize, burst: usize): usize {
  return arena(node) + load<u32>(burst, BurstAt.InCount) * STRIDE + HEADROOM_LEN;
}

/** One packet more, from its bytes in hex. */
export function push(node: usize, burst: usize, hex: string, flags: u32 = 0): Desc {
  const ptr = roomFor(node, burst);
  return pushAt(burst, ptr, put(ptr, hex), flags);
}

/** One packet more, which lies somewhere already. */
export function pushAt(burst: usize, ptr: usize, len: u32, flags: u32 = 0): Desc {
  const count = load<u32>(burst, BurstAt.InCount);
  const d = inAt(burst, count);
  d.emit(ptr, len, flags);
  store<u32>(burst, count + 1, BurstAt.InCount);
  return d;
}

/** An IPv4 packet of `len` bytes from here to there; its payload counts up. */
export function putIp(ptr: usize, len: u32, protocol: u32): void {
  for (let at: u32 = 20; at < len; at++) store<u8>(ptr + at, <u8>at);
  Ipv4.at(ptr).emit(len, 64, protocol, HERE, THERE);
}

/** Makes the options of a header that was written, in hex, `options`, and its checksum right. */
export function setOptions(packet: usize, options: string): void {
  const len = put(packet + 20, options);
  store<u8>(packet, <u8>(0x45 + (len >> 2)));
  store<u16>(packet + 10, 0);
  store<u16>(packet + 10, <u16>~sum(packet, 20 + len, 0));
}

/** One bare IPv4 packet more. */
export function pushIp(node: usize, burst: usize, len: u32, protocol: u32): Desc {
  const ptr = roomFor(node, burst);
  putIp(ptr, len, protocol);
  return pushAt(burst, ptr, len, DescFlag.L3);
}

export function inAt(burst: usize, index: u32): Desc {
  return Desc.at(load<u32>(burst, BurstAt.In) + index * DescAt.End);
}

export function outAt(burst: usize, index: u32): Desc {
  return Desc.at(load<u32>(burst, BurstAt.Out) + index * DescAt.End);
}

/** Where a piece lies. */
export function pieceAt(gathered: Desc, index: u32): usize {
  return <usize>load<u32>(gathered.ptr + index * PieceAt.End, PieceAt.Ptr);
}

export function pieceLen(gathered: Desc, index: u32): u32 {
  return load<u32>(gathered.ptr + index * PieceAt.End, PieceAt.Len);
}

/** Runs the burst. Returns: packets that came out, or a status. */
export function run(node: usize, burst: usize, element: Element): i32 {
  return runElement(node, burst, element);
}

/** Runs the burst and says what became of its first packet. */
export function fate(node: usize, burst: usize, element: Element): i32 {
  runElement(node, burst, element);
  return inAt(burst, 0).verdict;
}
