// Feeds packets to an element of both builds, and says what came out and which bytes it may have
// written.

import { descLayout } from "../bindings/core/desc.ts";
import {
  BurstAt,
  type Desc,
  DescAt,
  type DescInit,
  type ElementName,
  PieceAt,
} from "../bindings/core/index.ts";
import { join } from "../test/model/packet.ts";
import type { Subject } from "./subject.ts";
import type { Range } from "./twins.ts";

export const HEADROOM_LEN = 128;

// Where things lie in scratch. Records come first.
const BURST = 2048;
const IN = BURST + BurstAt.End;
const IN_MAX = 8;
const OUT = IN + IN_MAX * DescAt.End;
const OUT_MAX = 24;
const PIECE_MAX = 2 * OUT_MAX;

// Which slots are spare. What is in front of them is for packets without headroom, what is behind
// them for packets.
const SPARE_FIRST = 1;
const SPARE_SLOTS = 7;
export const PACKET_FIRST: number = SPARE_FIRST + SPARE_SLOTS;
export const PACKET_SLOTS = 4;

export interface Limits {
  readonly outs: number;
  readonly spareLen: number;
  readonly pieces: number;
}

export const AMPLE: Limits = { outs: OUT_MAX, spareLen: SPARE_SLOTS * 2048, pieces: PIECE_MAX };

export interface Out {
  readonly desc: Desc;
  /** Its pieces behind one another. */
  readonly bytes: Uint8Array;
}

export interface Fed {
  /** What the element answered. */
  readonly answer: number;
  /** The packets that went in, each with its verdict. */
  readonly ins: readonly Desc[];
  readonly outs: readonly Out[];
  /** What it may write but for the packets: verdicts, outputs, and its own state. */
  readonly ranges: readonly Range[];
}

export interface Feed {
  readonly element: ElementName;
  readonly port: number;
  readonly nowMs: number;
  readonly packets: readonly DescInit[];
  readonly limits?: Limits;
  /** BurstFlag; left out: none. */
  readonly flags?: number;
}

/** Lays a burst out; `watch` comes after it, and `run` after that. Returns where its record is. */
export function lay(subject: Subject, feed: Feed): number {
  const { twins, scratch } = subject;
  const limits = feed.limits ?? AMPLE;
  const record = new Uint8Array(BurstAt.End);
  const view = new DataView(record.buffer);
  const set = (at: number, value: number): void => view.setUint32(at, value, true);
  set(BurstAt.In, scratch + IN);
  set(BurstAt.InCount, feed.packets.length);
  set(BurstAt.Out, scratch + OUT);
  set(BurstAt.OutCap, limits.outs);
  set(BurstAt.Spare, spareOf(subject));
  set(BurstAt.SpareLen, limits.spareLen);
  set(BurstAt.Pieces, piecesOf(subject, limits));
  set(BurstAt.PieceCap, limits.pieces);
  set(BurstAt.Port, feed.port);
  set(BurstAt.Flags, feed.flags ?? 0);
  view.setFloat64(BurstAt.NowMs, feed.nowMs, true);
  twins.write(scratch + BURST, record);
  twins.write(scratch + IN, descLayout.encode(feed.packets));
  return scratch + BURST;
}

/** Runs the burst that `lay` has laid out. */
export function run(subject: Subject, feed: Feed): Fed {
  const { twins, scratch, node } = subject;
  const answer = twins.call(feed.element, node, scratch + BURST);
  const get = (at: number): number => twins.view.getUint32(scratch + BURST + at, true);
  const limits = feed.limits ?? AMPLE;
  const { outs: outCap, spareLen, pieces: pieceCap } = limits;
  const outCount = within(get(BurstAt.OutCount), outCap, "packets");
  const spareUsed = within(get(BurstAt.SpareUsed), spareLen, "spare bytes");
  const pieceCount = within(get(BurstAt.PieceCount), pieceCap, "pieces");
  const ins = feed.packets.map((_, at) => descAt(subject, scratch + IN + at * DescAt.End));
  const outs = Array.from({ length: outCount }, (_, at) =>
    outAt(subject, scratch + OUT + at * DescAt.End),
  );
  const field = (at: number, len: number): Range => rangeOf(scratch + BURST + at, len);
  const ranges = [
    field(BurstAt.OutCount, 4),
    field(BurstAt.SpareUsed, 4),
    field(BurstAt.PieceCount, 4),
    ...ins.map((_, at) => rangeOf(scratch + IN + at * DescAt.End + DescAt.Verdict, 2)),
    rangeOf(scratch + OUT, outCap * DescAt.End),
    rangeOf(piecesOf(subject, limits), pieceCount * PieceAt.End),
    rangeOf(spareOf(subject), spareUsed),
  ];
  return { answer, ins, outs, ranges };
}

function within(used: number, most: number, what: string): number {
  if (used <= most) return used;
  throw new Error(`${used} ${what} used of ${most}`);
}

export function rangeOf(start: number, len: number): Range {
  return { start, end: start + len };
}

function spareOf(subject: Subject): number {
  return subject.slot(SPARE_FIRST);
}

function piecesOf({ scratch }: Subject, { outs }: Limits): number {
  return scratch + OUT + Math.max(outs, OUT_MAX) * DescAt.End;
}

function descAt(subject: Subject, at: number): Desc {
  return descLayout.read(subject.twins.view, at);
}

function outAt(subject: Subject, at: number): Out {
  const desc = descAt(subject, at);
  const { twins } = subject;
  if (!desc.flags.includes("gather")) return { desc, bytes: twins.read(desc.ptr, desc.len) };
  const pieces = Array.from({ length: desc.len }, (_, index) => {
    const piece = desc.ptr + index * PieceAt.End;
    const ptr = twins.view.getUint32(piece + PieceAt.Ptr, true);
    return twins.read(ptr, twins.view.getUint32(piece + PieceAt.Len, true));
  });
  return { desc, bytes: join(...pieces) };
}
