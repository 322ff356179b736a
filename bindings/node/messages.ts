// Rings of messages for recvmmsg and sendmmsg. What does not change from packet to packet is
// written once, when a ring is laid out.
import { DescAt } from "../core/layout.ts";
import { AF_INET, IP_TOS, IPPROTO_IP, SOL_UDP, UDP_GRO, UDP_SEGMENT } from "./libc.ts";
import { fillIovecs, IOVEC_LEN, type NativeMemory, pieceCount } from "./native.ts";
import { sockaddrAt } from "./underlay.ts";

// struct mmsghdr of <sys/socket.h>, with the struct msghdr that it begins with.
const messageAt = {
  NAME: 0,
  NAME_LEN: 8,
  IOV: 16,
  IOV_LEN: 24,
  CONTROL: 32,
  CONTROL_LEN: 40,
  FLAGS: 48,
  LEN: 56,
  END: 64,
} as const;

// struct cmsghdr and one datum, padded to eight bytes.
const cmsgAt = { LEN: 0, LEVEL: 8, TYPE: 12, DATA: 16, END: 24 } as const;
const CMSG_ALIGN = 8;

// Two control messages at most, in either direction; these are CMSG_LEN of what goes out. The size
// of segments comes first: the DS field is there often, and then the last alone.
const controlAt = { SEGMENT: 0, TOS: cmsgAt.END, END: 2 * cmsgAt.END } as const;
const SEGMENT_LEN = cmsgAt.DATA + 2;
const TOS_LEN = cmsgAt.DATA + 4;

const SEGMENT_PIECES = 2; // header and payload

const MESSAGE_BYTES = messageAt.END + sockaddrAt.END + controlAt.END;

/** Messages, each with an address and control data: messages | names | controls. */
class Ring {
  readonly native: NativeMemory;
  readonly view: DataView;
  readonly messages: number;
  readonly names: number;
  readonly controls: number;
  /** The first byte behind them. */
  readonly end: number;

  constructor(native: NativeMemory, at: number, count: number) {
    this.native = native;
    this.view = native.view;
    this.messages = at;
    this.names = at + count * messageAt.END;
    this.controls = this.names + count * sockaddrAt.END;
    this.end = this.controls + count * controlAt.END;
    native.bytes.fill(0, at, this.end);
    for (let i = 0; i < count; i++) {
      native.view.setUint16(this.name(i) + sockaddrAt.FAMILY, AF_INET, true);
      native.putAddress(this.message(i) + messageAt.NAME, this.name(i));
      native.putLen(this.message(i) + messageAt.NAME_LEN, sockaddrAt.END);
      native.putAddress(this.message(i) + messageAt.CONTROL, this.control(i));
    }
  }

  message(i: number): number {
    return this.messages + i * messageAt.END;
  }
  name(i: number): number {
    return this.names + i * sockaddrAt.END;
  }
  control(i: number): number {
    return this.controls + i * controlAt.END;
  }

  /** The real address of message `i`. */
  address(i: number): number {
    return this.native.base + this.message(i);
  }
  /** Bytes of message `i` that the kernel took or gave. */
  len(i: number): number {
    return this.view.getUint32(this.message(i) + messageAt.LEN, true);
  }
}

/** Messages for recvmmsg, each with a slot that it lands in. */
export class ReceiveRing extends Ring {
  readonly count: number;
  /** Of the message that `take` looked at: the DS field that it came with. */
  tos = 0;
  /** And the bytes of each datagram but the last, where it holds several; else 0. */
  segmentLen = 0;

  static bytes(count: number): number {
    return count * (MESSAGE_BYTES + IOVEC_LEN);
  }

  /** Message `i` lands at `slots[i]`, where `roomLen` bytes are free. */
  constructor(native: NativeMemory, at: number, slots: readonly number[], roomLen: number) {
    super(native, at, slots.length);
    this.count = slots.length;
    slots.forEach((slot, i) => {
      const iovec = this.end + i * IOVEC_LEN;
      native.putIovec(iovec, slot, roomLen);
      native.putAddress(this.message(i) + messageAt.IOV, iovec);
      native.putLen(this.message(i) + messageAt.IOV_LEN, 1);
      native.putLen(this.message(i) + messageAt.CONTROL_LEN, controlAt.END);
    });
  }

  flags(i: number): number {
    return this.view.getUint32(this.message(i) + messageAt.FLAGS, true);
  }

  /** Who sent message `i`: IPv4 as a number. */
  peer(i: number): number {
    return this.view.getUint32(this.name(i) + sockaddrAt.ADDRESS);
  }

  /** Reads what message `i` came with, and makes it ready for the next call. */
  take(i: number): void {
    this.tos = 0;
    this.segmentLen = 0;
    const lenAt = this.message(i) + messageAt.CONTROL_LEN;
    const first = this.control(i);
    const end = first + this.view.getUint32(lenAt, true);
    for (let at = first; at + cmsgAt.DATA < end; at = this.#takeControl(at)) {}
    this.view.setUint32(lenAt, controlAt.END, true);
  }

  /** Returns: where the next one begins. */
  #takeControl(at: number): number {
    const { view } = this;
    const level = view.getInt32(at + cmsgAt.LEVEL, true);
    const type = view.getInt32(at + cmsgAt.TYPE, true);
    if (level === IPPROTO_IP && type === IP_TOS) this.tos = view.getUint8(at + cmsgAt.DATA);
    if (level === SOL_UDP && type === UDP_GRO) {
      this.segmentLen = view.getUint16(at + cmsgAt.DATA, true);
    }
    const len = Math.max(view.getUint32(at + cmsgAt.LEN, true), cmsgAt.DATA);
    return at + Math.ceil(len / CMSG_ALIGN) * CMSG_ALIGN;
  }
}

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
  #iovecsUsed = 0;

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
    if (this.count === this.#size.messages) return false;
    return pieceCount <= this.#size.iovecs - this.#iovecsUsed;
  }

  /**
   * Adds the packet of `desc`: where it names a GSO size, datagrams of so many bytes, by one call
   * for all. Requires: hasRoom.
   */
  push(desc: number): void {
    const segmentLen = this.view.getUint16(desc + DescAt.GsoSize, true);
    this.#push(desc, 0, pieceCount(this.view, desc), segmentLen);
  }

  /** Adds datagram `index` of the packet of `desc`, two pieces, as one that stands alone. */
  pushSegment(desc: number, index: number): void {
    this.#push(desc, index * SEGMENT_PIECES, SEGMENT_PIECES, 0);
  }

  #push(desc: number, first: number, count: number, segmentLen: number): void {
    const { view } = this;
    const i = this.count++;
    const name = this.name(i);
    const remote = view.getUint16(desc + DescAt.Remote, true);
    view.setUint16(name + sockaddrAt.PORT, this.#portOf(remote));
    view.setUint32(name + sockaddrAt.ADDRESS, view.getUint32(desc + DescAt.Peer, true));
    const iovecs = this.end + this.#iovecsUsed * IOVEC_LEN;
    fillIovecs(this.native, desc, iovecs, first, count);
    this.#iovecsUsed += count;
    this.#iovecs[i] = iovecs;
    this.#setIovecs(i, iovecs, count);
    this.#setControl(i, segmentLen, view.getUint8(desc + DescAt.Tos));
  }

  /** Bytes of each datagram but the last that message `i` stands for, or 0 for one. */
  segmentLen(i: number): number {
    return this.view.getUint16(this.control(i) + controlAt.SEGMENT + cmsgAt.DATA, true);
  }

  /** How many datagrams message `i` stands for. */
  segmentCount(i: number): number {
    const pieces = this.view.getUint32(this.message(i) + messageAt.IOV_LEN, true);
    return this.segmentLen(i) === 0 ? 1 : pieces / SEGMENT_PIECES;
  }

  /** Makes message `i` one datagram, the one with this index among those that it stood for. */
  narrow(i: number, index: number): void {
    const iovecs = this.#iovecs[i] ?? 0;
    this.#setIovecs(i, iovecs + index * SEGMENT_PIECES * IOVEC_LEN, SEGMENT_PIECES);
    this.#setControl(i, 0, this.view.getUint8(this.control(i) + controlAt.TOS + cmsgAt.DATA));
  }

  clear(): void {
    this.count = 0;
    this.#iovecsUsed = 0;
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
