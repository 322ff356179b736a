// Messages for sendmmsg. One of them may stand for many datagrams of one size (UDP_SEGMENT): the
// segments of a super-packet, or packets that happen to follow each other.
import { DescAt } from "../core/layout.ts";
import { IP_TOS, IPPROTO_IP, SOL_UDP, UDP_SEGMENT } from "./libc.ts";
import { cmsgAt, controlAt, MESSAGE_BYTES, messageAt, Ring } from "./messages.ts";
import { fillIovecs, IOVEC_LEN, isGather, type NativeMemory, pieceCount } from "./native.ts";
import { sockaddrAt } from "./underlay.ts";

// CMSG_LEN of what goes out.
const SEGMENT_LEN = cmsgAt.DATA + 2;
const TOS_LEN = cmsgAt.DATA + 4;

const SEGMENT_PIECES = 2; // header and payload
// What one message may stand for: UDP_MAX_SEGMENTS, and what the length of UDP over IPv4 can say.
const SEGMENTS_MAX = 64;
const DATAGRAM_LEN_MAX = 65507;

export interface SendRingSize {
  messages: number;
  /** At least one for each message; a packet in pieces takes more. */
  iovecs: number;
}

/** Messages for sendmmsg, filled from descriptors. */
export class SendRing extends Ring {
  /** Messages that were pushed since the last `clear`. */
  count = 0;
  readonly #size: SendRingSize;
  readonly #portOf: (remote: number) => number;
  readonly #iovecs: number[] = []; // where those of each message begin
  readonly #strides: number[] = []; // and how many each of its datagrams has
  #iovecsUsed = 0;
  #openLen = 0; // bytes of each datagram of the last message while others may join it, else 0
  #openBytes = 0; // and of all together

  static bytes(size: SendRingSize): number {
    return size.messages * MESSAGE_BYTES + size.iovecs * IOVEC_LEN;
  }

  /** `portOf` gives the UDP port of a remote by its index. */
  constructor(
    native: NativeMemory,
    at: number,
    size: SendRingSize,
    portOf: (remote: number) => number,
  ) {
    super(native, at, size.messages);
    this.#size = size;
    this.#portOf = portOf;
    for (let i = 0; i < size.messages; i++) {
      this.#layControl(this.control(i) + controlAt.SEGMENT, SEGMENT_LEN, SOL_UDP, UDP_SEGMENT);
      this.#layControl(this.control(i) + controlAt.TOS, TOS_LEN, IPPROTO_IP, IP_TOS);
    }
  }

  #layControl(at: number, len: number, level: number, type: number): void {
    this.native.putLen(at + cmsgAt.LEN, len);
    this.view.setUint32(at + cmsgAt.LEVEL, level, true);
    this.view.setUint32(at + cmsgAt.TYPE, type, true);
  }

  /** Whether `push` would take `pieceCount` pieces more, as one message. */
  hasRoom(pieceCount: number): boolean {
    return this.count < this.#size.messages && this.hasPieces(pieceCount);
  }

  hasPieces(pieceCount: number): boolean {
    return pieceCount <= this.#size.iovecs - this.#iovecsUsed;
  }

  /**
   * Adds the packet of `desc`: where it names a GSO size, datagrams of so many bytes, by one call
   * for all. Requires: hasRoom.
   */
  push(desc: number): void {
    const size = this.view.getUint16(desc + DescAt.GsoSize, true);
    this.#push(desc, 0, pieceCount(this.view, desc), size, SEGMENT_PIECES);
  }

  /** Adds datagram `index` of the packet of `desc`, two pieces, as one that stands alone. */
  pushSegment(desc: number, index: number): void {
    this.#push(desc, index * SEGMENT_PIECES, SEGMENT_PIECES, 0, SEGMENT_PIECES);
  }

  /**
   * Adds the packet of `desc` to the message before it when that takes it: in one piece, for the
   * same receiver, with the same DS field, as long as all before it, or shorter and the last.
   * False: it does not.
   */
  join(desc: number): boolean {
    const { view } = this;
    const i = this.count - 1;
    if (i < 0 || isGather(view, desc) || !this.hasPieces(1)) return false;
    const len = view.getUint32(desc + DescAt.Len, true);
    if (len > this.#openLen) return false;
    const pieces = this.#iovecCount(i);
    const name = this.name(i);
    const isFull = pieces === SEGMENTS_MAX || this.#openBytes + len > DATAGRAM_LEN_MAX;
    const tos = view.getUint8(desc + DescAt.Tos);
    if (isFull || tos !== this.#tos(i)) return false;
    if (view.getUint32(name + sockaddrAt.ADDRESS) !== view.getUint32(desc + DescAt.Peer, true)) {
      return false;
    }
    if (view.getUint16(name + sockaddrAt.PORT) !== this.#portFor(desc)) return false;
    fillIovecs(this.native, desc, this.end + this.#iovecsUsed * IOVEC_LEN, 0, 1);
    this.#iovecsUsed += 1;
    this.#setIovecs(i, this.#iovecs[i] ?? 0, pieces + 1);
    if (pieces === 1) this.#setControl(i, this.#openLen, tos);
    this.#openBytes += len;
    if (len < this.#openLen) this.#openLen = 0;
    return true;
  }

  #push(desc: number, first: number, count: number, size: number, stride: number): void {
    const { view } = this;
    const i = this.count++;
    const name = this.name(i);
    view.setUint16(name + sockaddrAt.PORT, this.#portFor(desc));
    view.setUint32(name + sockaddrAt.ADDRESS, view.getUint32(desc + DescAt.Peer, true));
    const iovecs = this.end + this.#iovecsUsed * IOVEC_LEN;
    fillIovecs(this.native, desc, iovecs, first, count);
    this.#iovecsUsed += count;
    this.#iovecs[i] = iovecs;
    this.#strides[i] = Math.min(count, stride);
    this.#setIovecs(i, iovecs, count);
    this.#setControl(i, size, view.getUint8(desc + DescAt.Tos));
    this.#openLen = isGather(view, desc) ? 0 : view.getUint32(desc + DescAt.Len, true);
    this.#openBytes = this.#openLen;
  }

  #portFor(desc: number): number {
    return this.#portOf(this.view.getUint16(desc + DescAt.Remote, true));
  }

  /** Bytes of each datagram but the last that message `i` stands for, or 0 for one. */
  segmentLen(i: number): number {
    return this.view.getUint16(this.control(i) + controlAt.SEGMENT + cmsgAt.DATA, true);
  }

  /** How many datagrams message `i` stands for. */
  segmentCount(i: number): number {
    return this.segmentLen(i) === 0 ? 1 : this.#iovecCount(i) / (this.#strides[i] ?? 1);
  }

  /** Makes message `i` one datagram, the one with this index among those that it stood for. */
  narrow(i: number, index: number): void {
    const stride = this.#strides[i] ?? 1;
    this.#setIovecs(i, (this.#iovecs[i] ?? 0) + index * stride * IOVEC_LEN, stride);
    this.#setControl(i, 0, this.#tos(i));
  }

  clear(): void {
    this.count = 0;
    this.#iovecsUsed = 0;
    this.#openLen = 0;
  }

  #tos(i: number): number {
    return this.view.getUint8(this.control(i) + controlAt.TOS + cmsgAt.DATA);
  }

  #iovecCount(i: number): number {
    return this.view.getUint32(this.message(i) + messageAt.IOV_LEN, true);
  }

  #setControl(i: number, segmentLen: number, tos: number): void {
    const { view } = this;
    const control = this.control(i);
    view.setUint16(control + controlAt.SEGMENT + cmsgAt.DATA, segmentLen, true);
    view.setUint8(control + controlAt.TOS + cmsgAt.DATA, tos);
    const first = segmentLen === 0 ? controlAt.TOS : controlAt.SEGMENT;
    const end = tos === 0 ? controlAt.TOS : controlAt.END;
    this.native.putAddress(this.message(i) + messageAt.CONTROL, control + first);
    view.setUint32(this.message(i) + messageAt.CONTROL_LEN, end - first, true);
  }

  #setIovecs(i: number, at: number, count: number): void {
    this.native.putAddress(this.message(i) + messageAt.IOV, at);
    this.view.setUint32(this.message(i) + messageAt.IOV_LEN, count, true);
  }
}
