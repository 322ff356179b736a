// Sockets by koffi, for what node:net and node:dgram do not reach: raw ICMP, the error queue,
// packet sockets, and large buffers without a copy. Nothing here blocks; `Readiness` waits.
import { getSystemErrorName } from "node:util";
import koffi from "koffi";

const libc = koffi.load("libc.so.6");
const libcSocket = libc.func("int socket(int domain, int type, int protocol)");
const libcBind = libc.func("int bind(int fd, const uint8_t *address, uint32_t len)");
const libcConnect = libc.func("int connect(int fd, const uint8_t *address, uint32_t len)");
const libcListen = libc.func("int listen(int fd, int backlog)");
const libcAccept = libc.func("int accept4(int fd, void *address, void *len, int flags)");
const libcShutdown = libc.func("int shutdown(int fd, int how)");
const libcGetName = libc.func("int getsockname(int fd, _Out_ uint8_t *address, uint32_t *len)");
const libcSet = libc.func(
  "int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t len)",
);
const libcGet = libc.func(
  "int getsockopt(int fd, int level, int name, _Out_ uint8_t *value, uint32_t *len)",
);
const libcSend = libc.func("long send(int fd, const uint8_t *bytes, size_t len, int flags)");
const libcRecv = libc.func("long recv(int fd, _Out_ uint8_t *bytes, size_t len, int flags)");
const libcRecvMsg = libc.func("long recvmsg(int fd, uint8_t *message, int flags)");
const libcClose = libc.func("int close(int fd)");

// Linux, on every machine that Node runs on.
export const AF_INET = 2;
export const AF_PACKET = 17;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
export const IPPROTO_ICMP = 1;

export const SOL_IP = 0;
export const IP_MTU_DISCOVER = 10;
export const IP_PMTUDISC_DO = 2;
export const IP_RECVERR = 11;
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
const SO_ERROR = 4;
export const SO_RCVBUFFORCE = 33;
export const SO_TIMESTAMPNS = 35;

export const MSG_TRUNC = 0x20;
const MSG_ERRQUEUE = 0x2000;
const MSG_NOSIGNAL = 0x4000;

const EAGAIN = 11;
const EINPROGRESS = 115;
const SOCKADDR_IN_LEN = 16;

export class SocketError extends Error {
  override name = "SocketError";
  readonly code: string;
  constructor(call: string, errno: number) {
    super(`${call}: ${getSystemErrorName(-errno)}`);
    this.code = getSystemErrorName(-errno);
  }
}

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

/** A socket that never blocks. Methods that may have to wait say -1, errors throw. */
export class Socket {
  readonly fd: number;
  #isOpen = true;

  private constructor(fd: number) {
    this.fd = fd;
  }

  static open(domain: number, type: number, protocol: number): Socket {
    const fd = libcSocket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    return new Socket(orThrow("socket", fd));
  }

  bind(address: Uint8Array): void {
    orThrow("bind", libcBind(this.fd, address, address.length));
  }

  /** True when connected at once, false when it is under way. */
  connect(address: Uint8Array): boolean {
    if (libcConnect(this.fd, address, address.length) === 0) return true;
    if (koffi.errno() === EINPROGRESS) return false;
    throw new SocketError("connect", koffi.errno());
  }

  listen(): void {
    orThrow("listen", libcListen(this.fd, 1));
  }

  accept(): Socket | null {
    const fd = orWait("accept", libcAccept(this.fd, null, null, SOCK_NONBLOCK | SOCK_CLOEXEC));
    return fd === -1 ? null : new Socket(fd);
  }

  localPort(): number {
    const address = new Uint8Array(SOCKADDR_IN_LEN);
    orThrow("getsockname", libcGetName(this.fd, address, [address.length]));
    return Buffer.from(address.buffer).readUInt16BE(2);
  }

  setOption(level: number, name: number, value: number): void {
    const bytes = new Uint8Array(Int32Array.of(value).buffer);
    orThrow("setsockopt", libcSet(this.fd, level, name, bytes, bytes.length));
  }

  getOption(level: number, name: number, bytes: Uint8Array): void {
    orThrow("getsockopt", libcGet(this.fd, level, name, bytes, [bytes.length]));
  }

  /** Reads and clears the pending error: throws when there is one. */
  throwPending(call: string): void {
    const bytes = Buffer.alloc(4);
    this.getOption(SOL_SOCKET, SO_ERROR, bytes);
    const errno = bytes.readInt32LE(0);
    if (errno !== 0) throw new SocketError(call, errno);
  }

  send(bytes: Uint8Array): number {
    return orWait("send", libcSend(this.fd, bytes, bytes.length, MSG_NOSIGNAL));
  }

  recv(bytes: Uint8Array): number {
    return orWait("recv", libcRecv(this.fd, bytes, bytes.length, 0));
  }

  /** How many bytes the packet has, even if `message` has room for fewer. */
  recvMessage(message: Message): number {
    return orWait("recvmsg", libcRecvMsg(this.fd, message.reset(), MSG_TRUNC));
  }

  /** The oldest error that was queued, or null. */
  takeError(): QueuedError | null {
    const message = new Message(512, 256);
    if (orWait("recvmsg", libcRecvMsg(this.fd, message.reset(), MSG_ERRQUEUE)) === -1) return null;
    const at = message.control(SOL_IP, IP_RECVERR);
    return at === -1 ? null : parseQueuedError(message.controlBytes.subarray(at));
  }

  /** No more will be sent. */
  finish(): void {
    libcShutdown(this.fd, 1);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    libcClose(this.fd);
  }
}

// struct msghdr (56 bytes, at 0) and struct iovec (16 bytes, behind it) of a 64-bit Linux.
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

  constructor(len: number, controlLen: number) {
    // allocUnsafeSlow and `new` give buffers of their own: their address holds while they live.
    this.bytes = new Uint8Array(len);
    this.controlBytes = Buffer.allocUnsafeSlow(controlLen);
    this.#head = Buffer.allocUnsafeSlow(AT_IOVEC + 16).fill(0);
    this.#head.writeBigUInt64LE(koffi.address(this.#head) + BigInt(AT_IOVEC), AT_IOV);
    this.#head.writeBigUInt64LE(1n, AT_IOV_LEN);
    this.#head.writeBigUInt64LE(koffi.address(this.controlBytes), AT_CONTROL);
    this.#head.writeBigUInt64LE(koffi.address(this.bytes), AT_IOVEC);
    this.#head.writeBigUInt64LE(BigInt(len), AT_IOVEC + 8);
  }

  /** Ready for the next recvmsg, which writes lengths and flags into it. */
  reset(): Uint8Array {
    this.#head.writeBigUInt64LE(BigInt(this.controlBytes.length), AT_CONTROL_LEN);
    this.#head.writeInt32LE(0, AT_FLAGS);
    return this.#head;
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

function parseQueuedError(bytes: Buffer): QueuedError {
  const isIcmp = bytes.readUInt8(4) === ORIGIN_ICMP;
  const offender = bytes.subarray(16, 16 + SOCKADDR_IN_LEN);
  return {
    code: getSystemErrorName(-bytes.readUInt32LE(0)),
    origin: isIcmp ? "icmp" : "local",
    icmpType: bytes.readUInt8(5),
    icmpCode: bytes.readUInt8(6),
    mtu: bytes.readUInt32LE(8),
    from: isIcmp ? [...offender.subarray(4, 8)].join(".") : "",
  };
}

/** struct sockaddr_in. Requires: a valid dotted address. */
export function socketAddress(address: string, port: number): Uint8Array {
  const bytes = Buffer.alloc(SOCKADDR_IN_LEN);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.set(address.split(".").map(Number), 4);
  return bytes;
}

type Side = "readable" | "writable";

/** Waits for one socket at a time in Node's own event loop. */
export class Readiness {
  readonly #poll: ReturnType<typeof koffi.node.poll>;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.#poll = koffi.node.poll(socket.fd, {}, () => {});
    this.#poll.stop();
  }

  /** True when the socket is ready (or has failed), false when the time is up. */
  async wait(side: Side, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (isReady: boolean): void => {
        clearTimeout(timer);
        this.#poll.stop();
        resolve(isReady);
      };
      const timer = setTimeout(settle, timeoutMs, false);
      this.#wake = () => settle(true);
      this.#poll.start({ [side]: true }, () => this.#wake());
    });
  }

  close(): void {
    this.#poll.close();
  }
}

function orThrow(call: string, result: number): number {
  if (result === -1) throw new SocketError(call, koffi.errno());
  return result;
}

function orWait(call: string, result: number): number {
  if (result === -1 && koffi.errno() !== EAGAIN) throw new SocketError(call, koffi.errno());
  return result;
}
