// Messages as recvmsg fills them, with control data; above all what the error queue of a socket
// with IP_RECVERR says.
import { addressOf, errnoName } from "./libc.ts";
import { sockaddrAt } from "./underlay.ts";

/** What the error queue of a socket with IP_RECVERR holds (struct sock_extended_err). */
export interface QueuedError {
  readonly code: string;
  /** "local" when this machine refused the packet itself, "icmp" when somebody sent word. */
  readonly origin: "local" | "icmp";
  readonly icmpType: number;
  readonly icmpCode: number;
  /** The next hop's MTU where the packet was too long, else 0. */
  readonly mtu: number;
  readonly from: string;
}

// struct msghdr (56 bytes, at 0) and struct iovec (16 bytes, behind it) of a 64-bit Linux.
const AT_NAME = 0;
const AT_NAME_LEN = 8;
const AT_IOV = 16;
const AT_IOV_LEN = 24;
const AT_CONTROL = 32;
const AT_CONTROL_LEN = 40;
const AT_FLAGS = 48;
const AT_IOVEC = 56;
const CMSG_HEADER_LEN = 16;

/** Where recvmsg puts one packet and its control messages. */
export class Message {
  readonly bytes: Uint8Array;
  readonly controlBytes: Buffer;
  readonly #head: Buffer;
  readonly #name = Buffer.allocUnsafeSlow(sockaddrAt.END).fill(0);

  constructor(len: number, controlLen: number) {
    // allocUnsafeSlow and `new` give buffers of their own: their address holds while they live.
    this.bytes = new Uint8Array(len);
    this.controlBytes = Buffer.allocUnsafeSlow(controlLen);
    this.#head = Buffer.allocUnsafeSlow(AT_IOVEC + 16).fill(0);
    this.#head.writeBigUInt64LE(BigInt(addressOf(this.#name)), AT_NAME);
    this.#head.writeBigUInt64LE(BigInt(addressOf(this.#head) + AT_IOVEC), AT_IOV);
    this.#head.writeBigUInt64LE(1n, AT_IOV_LEN);
    this.#head.writeBigUInt64LE(BigInt(addressOf(this.controlBytes)), AT_CONTROL);
    this.#head.writeBigUInt64LE(BigInt(addressOf(this.bytes)), AT_IOVEC);
    this.#head.writeBigUInt64LE(BigInt(len), AT_IOVEC + 8);
  }

  /** Ready for the next recvmsg, which writes lengths and flags into it. */
  reset(): Uint8Array {
    this.#head.writeUInt32LE(this.#name.length, AT_NAME_LEN);
    this.#head.writeBigUInt64LE(BigInt(this.controlBytes.length), AT_CONTROL_LEN);
    this.#head.writeInt32LE(0, AT_FLAGS);
    return this.#head;
  }

  /** Who sent a packet, or was to get the one that an error is about: IPv4 as a number. */
  get peer(): number {
    return this.#name.readUInt32BE(sockaddrAt.ADDRESS);
  }

  /** The offset of a control message's data, or -1. */
  control(level: number, type: number): number {
    const end = Number(this.#head.readBigUInt64LE(AT_CONTROL_LEN));
    for (let at = 0; at + CMSG_HEADER_LEN <= end; ) {
      const len = Number(this.controlBytes.readBigUInt64LE(at));
      const isIt =
        this.controlBytes.readInt32LE(at + 8) === level &&
        this.controlBytes.readInt32LE(at + 12) === type;
      if (isIt) return at + CMSG_HEADER_LEN;
      at += Math.max(CMSG_HEADER_LEN, (len + 7) & ~7);
    }
    return -1;
  }
}

const ORIGIN_ICMP = 2;

/** Reads the error of a control message. */
export function parseQueuedError(bytes: Buffer): QueuedError {
  const isIcmp = bytes.readUInt8(4) === ORIGIN_ICMP;
  const offender = bytes.subarray(16, 16 + sockaddrAt.END);
  return {
    code: errnoName(bytes.readUInt32LE(0)),
    origin: isIcmp ? "icmp" : "local",
    icmpType: bytes.readUInt8(5),
    icmpCode: bytes.readUInt8(6),
    mtu: bytes.readUInt32LE(8),
    from: isIcmp ? [...offender.subarray(4, 8)].join(".") : "",
  };
}
