// Rings of messages for recvmmsg and sendmmsg. What does not change from packet to packet is
// written once, when a ring is laid out.
import { DescAt } from "../core/layout.ts";
import { AF_INET, IP_TOS, IPPROTO_IP } from "./libc.ts";
import { fillIovecs, IOVEC_LEN, iovecCount, type NativeMemory } from "./native.ts";
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
const controlAt = { LEN: 0, LEVEL: 8, TYPE: 12, DATA: 16, END: 24 } as const;
const TOS_OUT_LEN = 20; // CMSG_LEN of the int that IP_TOS takes
const TOS_IN_LEN = 17; // CMSG_LEN of the byte that IP_RECVTOS gives

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

  /** The DS field that message `i` came with; makes the message ready for the next call. */
  takeTos(i: number): number {
    const controlLen = this.message(i) + messageAt.CONTROL_LEN;
    const hasTos = this.view.getUint32(controlLen, true) >= TOS_IN_LEN;
    this.view.setUint32(controlLen, controlAt.END, true);
    return hasTos ? this.view.getUint8(this.control(i) + controlAt.DATA) : 0;
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
      native.putLen(this.control(i) + controlAt.LEN, TOS_OUT_LEN);
      native.view.setUint32(this.control(i) + controlAt.LEVEL, IPPROTO_IP, true);
      native.view.setUint32(this.control(i) + controlAt.TYPE, IP_TOS, true);
      native.view.setUint32(this.control(i) + controlAt.DATA, 0, true);
    }
  }

  /** Whether `push` would take the packet of `desc` now. */
  hasRoom(desc: number): boolean {
    if (this.count === this.#size.messages) return false;
    return iovecCount(this.view, desc) <= this.#size.iovecs - this.#iovecsUsed;
  }

  /** Adds the packet of `desc`. Requires: hasRoom. */
  push(desc: number): void {
    const { view } = this;
    const message = this.message(this.count);
    const name = this.name(this.count);
    const remote = view.getUint16(desc + DescAt.Remote, true);
    view.setUint16(name + sockaddrAt.PORT, this.#portOf(remote));
    view.setUint32(name + sockaddrAt.ADDRESS, view.getUint32(desc + DescAt.Peer, true));
    const iovec = this.end + this.#iovecsUsed * IOVEC_LEN;
    const iovecs = iovecCount(view, desc);
    fillIovecs(this.native, desc, iovec);
    this.#iovecsUsed += iovecs;
    this.native.putAddress(message + messageAt.IOV, iovec);
    view.setUint32(message + messageAt.IOV_LEN, iovecs, true);
    const tos = view.getUint8(desc + DescAt.Tos);
    view.setUint32(message + messageAt.CONTROL_LEN, tos === 0 ? 0 : controlAt.END, true);
    view.setUint8(this.control(this.count) + controlAt.DATA, tos);
    this.count += 1;
  }

  clear(): void {
    this.count = 0;
    this.#iovecsUsed = 0;
  }
}
