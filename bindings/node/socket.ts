// Sockets by koffi, for what node:net and node:dgram do not reach: raw ICMP, the error queue,
// packet sockets, and large buffers without a copy. Nothing here blocks; `Readiness` waits.
import koffi from "koffi";
import {
  CallError,
  EAGAIN,
  errno,
  IP_RECVERR,
  IPPROTO_IP,
  libc,
  MSG_ERRQUEUE,
  MSG_TRUNC,
  must,
  SO_ERROR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOL_SOCKET,
} from "./libc.ts";
import { Message, parseQueuedError, type QueuedError } from "./recvmsg.ts";
import { sockaddrAt } from "./underlay.ts";

// By the headers of Linux, the same on x86-64 and arm64.
export const AF_PACKET = 17;
export const IPPROTO_ICMP = 1;
export const SO_REUSEADDR = 2;
export const SO_TIMESTAMPNS = 35;
const MSG_NOSIGNAL = 0x4000;
const SHUT_WR = 1;
const EINPROGRESS = koffi.os.errno.EINPROGRESS;

/** A socket that never blocks. Methods that may have to wait say -1, errors throw. */
export class Socket {
  readonly fd: number;
  #isOpen = true;

  private constructor(fd: number) {
    this.fd = fd;
  }

  static open(domain: number, type: number, protocol: number): Socket {
    const fd = libc.socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    return new Socket(must(fd, "socket"));
  }

  bind(address: Uint8Array): void {
    must(libc.bind(this.fd, address, address.length), "bind");
  }

  /** True when connected at once, false when it is under way. */
  connect(address: Uint8Array): boolean {
    if (libc.connect(this.fd, address, address.length) === 0) return true;
    if (errno() === EINPROGRESS) return false;
    throw new CallError("connect", errno());
  }

  listen(): void {
    must(libc.listen(this.fd, 1), "listen");
  }

  accept(): Socket | null {
    const fd = orWait(libc.accept4(this.fd, null, null, SOCK_NONBLOCK | SOCK_CLOEXEC), "accept");
    return fd === -1 ? null : new Socket(fd);
  }

  localPort(): number {
    const address = Buffer.alloc(sockaddrAt.END);
    const len = Int32Array.of(address.length);
    must(libc.getsockname(this.fd, address, len), "getsockname");
    return address.readUInt16BE(sockaddrAt.PORT);
  }

  setOption(level: number, name: number, value: number): void {
    const bytes = Int32Array.of(value);
    must(libc.setsockopt(this.fd, level, name, bytes, bytes.byteLength), "setsockopt");
  }

  getOption(level: number, name: number, bytes: Uint8Array): void {
    const len = Int32Array.of(bytes.length);
    must(libc.getsockopt(this.fd, level, name, bytes, len), "getsockopt");
  }

  /** Reads and clears the pending error: throws when there is one. */
  throwPending(call: string): void {
    const bytes = Buffer.alloc(4);
    this.getOption(SOL_SOCKET, SO_ERROR, bytes);
    const value = bytes.readInt32LE(0);
    if (value !== 0) throw new CallError(call, value);
  }

  send(bytes: Uint8Array): number {
    return orWait(libc.send(this.fd, bytes, bytes.length, MSG_NOSIGNAL), "send");
  }

  recv(bytes: Uint8Array): number {
    return orWait(libc.recv(this.fd, bytes, bytes.length, 0), "recv");
  }

  /** How many bytes the packet has, even if `message` has room for fewer. */
  recvMessage(message: Message): number {
    return orWait(libc.recvmsg(this.fd, message.reset(), MSG_TRUNC), "recvmsg");
  }

  /** The oldest error that was queued, or null. */
  takeError(): QueuedError | null {
    const message = new Message(512, 256);
    const len = libc.recvmsg(this.fd, message.reset(), MSG_ERRQUEUE);
    if (orWait(len, "recvmsg") === -1) return null;
    const at = message.control(IPPROTO_IP, IP_RECVERR);
    return at === -1 ? null : parseQueuedError(message.controlBytes.subarray(at));
  }

  /** No more will be sent. */
  finish(): void {
    libc.shutdown(this.fd, SHUT_WR);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    libc.close(this.fd);
  }
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

/** -1 when the call would have to wait. */
function orWait(result: number, call: string): number {
  return result === -1 && errno() === EAGAIN ? -1 : must(result, call);
}
