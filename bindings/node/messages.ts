// Rings of messages, and the one for recvmmsg; send-ring.ts has the one for sendmmsg. What does not
// change from packet to packet is written once, when a ring is laid out.
import { AF_INET, IP_TOS, IPPROTO_IP, SOL_UDP, UDP_GRO } from "./libc.ts";
import { IOVEC_LEN, type NativeMemory } from "./native.ts";
import { sockaddrAt } from "./underlay.ts";

// struct mmsghdr of <sys/socket.h>, with the struct msghdr that it begins with.
export const messageAt = {
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
export const cmsgAt = { LEN: 0, LEVEL: 8, TYPE: 12, DATA: 16, END: 24 } as const;
const CMSG_ALIGN = 8;

// Two control messages at most, in either direction. Going out, the size of segments comes first.
export const controlAt = { SEGMENT: 0, TOS: 24, END: 48 } as const;

/** Of a message with its name and control data. */
export const MESSAGE_BYTES: number = messageAt.END + sockaddrAt.END + controlAt.END;

/** Messages, each with an address and control data: messages | names | controls. */
export class Ring {
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
