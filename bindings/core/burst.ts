// A burst for tools and tests: packets as plain objects. Hosts that count nanoseconds write the
// descriptors themselves, at `in` and `out`, with the offsets of layout.ts.
import type { Abi, ElementName } from "./abi.ts";
import { checkBytes, checkMembers } from "./check.ts";
import { type Desc, type DescInit, descLayout } from "./desc.ts";
import { anyOf, index, type NameOf, word } from "./field.ts";
import { BurstAt, BurstFlag, DescAt, DescFlag, PieceAt } from "./layout.ts";
import type { HeddleNode } from "./node.ts";
import { accept, HeddleError } from "./status.ts";
import { checkTime } from "./tables/bulk.ts";

/** Most descriptors that an element takes at once. */
export const BURST_MAX = 256;

/** Bytes in front of a packet that is to be encapsulated. */
export const HEADROOM_LEN = 128;

/** How an element works, where there are two ways. */
export type BurstFlagName = NameOf<typeof BurstFlag>;

/** How much room a burst has. */
export interface BurstOptions {
  /** Descriptors that go in: at most BURST_MAX. Left out: 64. */
  readonly capacity?: number;
  /** Descriptors that come out; one packet may become many. Left out: twice the capacity. */
  readonly outCapacity?: number;
  /** Bytes for packets and headers that elements make. Left out: 32768. */
  readonly spareBytes?: number;
  /** Left out: two for each descriptor that comes out. */
  readonly pieces?: number;
  /** Packet slots for `push` to copy into. Left out: one for each descriptor that goes in. */
  readonly slots?: number;
}

/** A packet to push: its bytes to be copied into a slot, or `ptr` and `len` of where it lies. */
export interface PushInit extends DescInit {
  readonly bytes?: Uint8Array;
}

/** A burst record, its descriptors, its pieces and its spare bytes. */
export class Burst {
  readonly node: HeddleNode;
  /** What elements know it by. */
  readonly address: number;
  /** The address of the first descriptor that goes in, and of the first that comes out. */
  readonly in: number;
  readonly out: number;
  readonly capacity: number;
  readonly outCapacity: number;
  readonly #firstSlot: number;
  readonly #slots: number;

  /** `HeddleNode.openBurst` makes these. */
  constructor(node: HeddleNode, options: BurstOptions) {
    checkMembers(options, OPTIONS, "burst");
    const { capacity = 64, spareBytes = 32768 } = options;
    const { outCapacity = 2 * capacity, slots = capacity } = options;
    const { pieces = 2 * outCapacity } = options;
    checkCapacity("capacity", capacity, BURST_MAX);
    checkCapacity("outCapacity", outCapacity, COUNT_MAX);
    checkCapacity("pieces", pieces, COUNT_MAX);
    checkCapacity("slots", slots, node.slotCount);
    checkCapacity("spareBytes", spareBytes, node.slotCount * node.slotStride);
    this.node = node;
    this.capacity = capacity;
    this.outCapacity = outCapacity;
    this.#slots = slots;
    const inLen = capacity * DescAt.End;
    const outLen = outCapacity * DescAt.End;
    const scratchLen = BurstAt.End + inLen + outLen + pieces * PieceAt.End;
    const slotsTaken = slots + Math.ceil(spareBytes / node.slotStride);
    node.checkRoom(scratchLen, slotsTaken); // both or neither
    this.address = node.takeScratch(scratchLen);
    this.in = this.address + BurstAt.End;
    this.out = this.in + inLen;
    const piecesAt = this.out + outLen;
    this.#firstSlot = node.takeSlots(slotsTaken);
    const spareSlot = this.#firstSlot + slots;
    node.bytes.fill(0, this.address, this.address + BurstAt.End);
    this.#set(BurstAt.In, this.in);
    this.#set(BurstAt.Out, this.out);
    this.#set(BurstAt.OutCap, outCapacity);
    this.#set(BurstAt.Spare, node.arena + spareSlot * node.slotStride);
    this.#set(BurstAt.SpareLen, spareBytes);
    this.#set(BurstAt.Pieces, piecesAt);
    this.#set(BurstAt.PieceCap, pieces);
  }

  get inCount(): number {
    return this.#get(BurstAt.InCount);
  }

  get outCount(): number {
    return this.#get(BurstAt.OutCount);
  }

  /** Appends a packet to what goes in. Throws HeddleError when there is no room for it. */
  push(packet: PushInit): void {
    const at = this.inCount;
    if (at === this.capacity) {
      throw new HeddleError("NoRoom", at + 1, `at most ${this.capacity} packets in a burst`);
    }
    const { bytes, ...given } = packet;
    if (bytes !== undefined) checkBytes(bytes, "bytes");
    const room = bytes === undefined ? {} : { ptr: this.#slotFor(bytes, at), len: bytes.length };
    const encoded = descLayout.encodeOne({ ...given, ...room });
    if (room.ptr !== undefined && bytes !== undefined) this.node.bytes.set(bytes, room.ptr);
    this.node.bytes.set(encoded, this.in + at * DescAt.End);
    this.#set(BurstAt.InCount, at + 1);
  }

  /** Forgets what went in and what came out. */
  clear(): void {
    this.#set(BurstAt.InCount, 0);
    this.#set(BurstAt.OutCount, 0);
    this.#set(BurstAt.SpareUsed, 0);
    this.#set(BurstAt.PieceCount, 0);
  }

  /**
   * Runs an element at `port`, its own, with `dice`, 32 random bits. Returns how many packets came
   * out. A bridge, a router, ARP, `nat_burst` and `neighbor_tick` have no port of their own: pass
   * any, and say with each packet by which port it came in, or for `nat_burst` with `afterRouting`
   * by which it goes out. Throws HeddleError, BadPort for a port that is not set or is of another
   * kind than the element works for.
   */
  run(
    element: ElementName,
    nowMs: number,
    port: number,
    dice = 0,
    flags: readonly BurstFlagName[] = [],
  ): number {
    this.node.view.setFloat64(this.address + BurstAt.NowMs, checkTime(nowMs), true);
    this.#set(BurstAt.Port, index.parse(port, "burst.port"));
    this.#set(BurstAt.Dice, word.parse(dice, "burst.dice"));
    this.#set(BurstAt.Flags, burstFlags.parse(flags, "burst.flags"));
    const answer = this.#element(element)(this.node.address, this.address);
    return accept(answer, { element, port }, "a port that this element can work for");
  }

  // By the names that elements have: every other function of the core takes other arguments.
  #element(name: ElementName): Abi[ElementName] {
    const { exports } = this.node;
    if (ELEMENT.test(name) && Object.hasOwn(exports, name)) return exports[name];
    const names = Object.keys(exports).filter((each) => ELEMENT.test(each));
    throw new HeddleError("BadValue", name, `element: one of ${names.join(", ")}`);
  }

  /** A packet that went in, with its verdict. */
  inAt(at: number): Desc {
    return descLayout.read(this.node.view, this.#desc(this.in, at, this.inCount));
  }

  /** A packet that came out. */
  outAt(at: number): Desc {
    return descLayout.read(this.node.view, this.#desc(this.out, at, this.outCount));
  }

  /** The bytes of a packet that came out, copied, its pieces behind one another. */
  outBytes(at: number): Uint8Array<ArrayBuffer> {
    const { bytes, view } = this.node;
    const desc = this.#desc(this.out, at, this.outCount);
    const ptr = view.getUint32(desc + DescAt.Ptr, true);
    const len = view.getUint32(desc + DescAt.Len, true);
    const isGathered = (view.getUint16(desc + DescAt.Flags, true) & DescFlag.Gather) !== 0;
    return isGathered ? this.#gather(ptr, len) : bytes.slice(ptr, ptr + len);
  }

  #gather(ptr: number, count: number): Uint8Array<ArrayBuffer> {
    const { bytes, view } = this.node;
    const pieces = Array.from({ length: count }, (_, at) => {
      const piece = ptr + at * PieceAt.End;
      const start = view.getUint32(piece + PieceAt.Ptr, true);
      return bytes.subarray(start, start + view.getUint32(piece + PieceAt.Len, true));
    });
    const whole = new Uint8Array(pieces.reduce((len, piece) => len + piece.length, 0));
    let end = 0;
    for (const piece of pieces) {
      whole.set(piece, end);
      end += piece.length;
    }
    return whole;
  }

  #slotFor(bytes: Uint8Array, at: number): number {
    const room = this.node.slotStride - HEADROOM_LEN;
    if (at >= this.#slots) throw new HeddleError("NoRoom", at + 1, `at most ${this.#slots} slots`);
    if (bytes.length <= room) return this.node.slot(this.#firstSlot + at) + HEADROOM_LEN;
    throw new HeddleError("NoRoom", bytes.length, `a packet of at most ${room} bytes`);
  }

  #desc(first: number, at: number, count: number): number {
    if (Number.isInteger(at) && at >= 0 && at < count) return first + at * DescAt.End;
    throw new HeddleError("BadValue", at, `a whole number below ${count}`);
  }

  #get(at: number): number {
    return this.node.view.getUint32(this.address + at, true);
  }

  #set(at: number, value: number): void {
    this.node.view.setUint32(this.address + at, value, true);
  }
}

const burstFlags = anyOf(BurstFlag);
const COUNT_MAX = 65536;
const ELEMENT = /^([a-z_]+_burst|neighbor_tick)$/;
const OPTIONS = ["capacity", "outCapacity", "spareBytes", "pieces", "slots"];

function checkCapacity(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new HeddleError("BadCapacity", value, `${name}: a whole number from 0 to ${max}`);
}
