// The way out: packets that the core has left in its arena, to the socket or to the device. What
// cannot leave is counted by call and reason; a full buffer is waited for, but not for long.
import { DescAt, DescFlag, NONE } from "../core/index.ts";
import type { DatapathOptions } from "./datapath.ts";
import { EAGAIN, EINTR, EMSGSIZE, errno, errnoName, libc, POLLOUT } from "./libc.ts";
import { SendRing, type SendRingSize } from "./messages.ts";
import {
  fillIovecs,
  IOVEC_LEN,
  iovecCount,
  type NativeMemory,
  POLL_LEN,
  PollSet,
} from "./native.ts";
import type { Flow } from "./pump.ts";
import type { Tally } from "./tally.ts";
import { cutLong } from "./underlay.ts";

const RING: SendRingSize = { messages: 64, iovecs: 256 };
const PIECES_MAX = 64; // of one packet to the device; the kernel's own limit is 1024
const FULL_MS = 20; // longest wait for room in a burst: a pump has to stop within 100

const RING_BYTES = SendRing.bytes(RING);
const PIECES_BYTES = PIECES_MAX * IOVEC_LEN;

export class Egress {
  /** Scratch that it takes, 8-aligned. */
  static readonly BYTES: number = RING_BYTES + PIECES_BYTES + 2 * POLL_LEN;

  readonly #native: NativeMemory;
  readonly #view: DataView;
  readonly #tally: Tally;
  readonly #socketFd: number;
  readonly #deviceFd: number;
  readonly #ring: SendRing;
  readonly #iovecs: number; // of a packet in pieces to the device
  readonly #socketRoom: PollSet;
  readonly #deviceRoom: PollSet;
  readonly #onTrouble: (() => void) | undefined;
  readonly #remotePorts = new Uint16Array(NONE + 1); // 0: the tunnel's
  #fullUntilMs = 0; // 0: nothing was full in this burst

  /** `onTrouble` empties the socket's error queue; left out where there is none. */
  constructor(
    native: NativeMemory,
    at: number,
    tally: Tally,
    options: DatapathOptions,
    onTrouble?: () => void,
  ) {
    this.#onTrouble = onTrouble;
    this.#native = native;
    this.#view = native.view;
    this.#tally = tally;
    this.#socketFd = options.socketFd;
    this.#deviceFd = options.deviceFd;
    const portOf = (remote: number): number => this.#remotePorts[remote] || options.udpPort;
    this.#ring = new SendRing(native, at, RING, portOf);
    this.#iovecs = at + RING_BYTES;
    const polls = this.#iovecs + PIECES_BYTES;
    this.#socketRoom = new PollSet(native, polls, [{ fd: this.#socketFd, events: POLLOUT }]);
    this.#deviceRoom = new PollSet(native, polls + POLL_LEN, [
      { fd: this.#deviceFd, events: POLLOUT },
    ]);
  }

  /** Where the datagrams to a remote go; 0 means the tunnel's own port. */
  setRemotePort(remote: number, udpPort: number): void {
    this.#remotePorts[remote] = udpPort;
  }

  /** Puts the packet of `desc` in line for the socket. Its bytes stay until `flush`. */
  send(desc: number): void {
    if (!this.#ring.hasRoom(desc)) this.flush();
    if (this.#ring.hasRoom(desc)) this.#ring.push(desc);
    else this.#tally.lose("sendmmsg", "EMSGSIZE"); // more pieces than a message may have
  }

  /** Sends what is in line, and ends the burst. */
  flush(): void {
    const ring = this.#ring;
    for (let at = 0; at < ring.count; ) {
      const sent = libc.sendmmsg(this.#socketFd, ring.address(at), ring.count - at, 0);
      if (sent > 0) {
        for (const end = at + sent; at < end; at++) took(this.#tally.tunnelOut, ring.len(at));
      } else if (this.#hasFailed("sendmmsg", this.#socketRoom, at)) {
        at += 1;
      }
    }
    ring.clear();
    this.#fullUntilMs = 0;
  }

  /** Writes the packet of `desc` to the device. */
  write(desc: number): void {
    const isGather = (this.#view.getUint16(desc + DescAt.Flags, true) & DescFlag.Gather) !== 0;
    const call = isGather ? "writev" : "write";
    if (isGather && iovecCount(this.#view, desc) > PIECES_MAX) {
      this.#tally.lose(call, "EMSGSIZE");
      return;
    }
    let len = -1;
    do len = isGather ? this.#writePieces(desc) : this.#writePlain(desc);
    while (len === -1 && !this.#hasFailed(call, this.#deviceRoom));
    if (len !== -1) took(this.#tally.deviceOut, len);
  }

  #writePlain(desc: number): number {
    const ptr = this.#view.getUint32(desc + DescAt.Ptr, true);
    const len = this.#view.getUint32(desc + DescAt.Len, true);
    return libc.write(this.#deviceFd, this.#native.base + ptr, len);
  }

  #writePieces(desc: number): number {
    fillIovecs(this.#native, desc, this.#iovecs);
    const count = iovecCount(this.#view, desc);
    return libc.writev(this.#deviceFd, this.#native.base + this.#iovecs, count);
  }

  /**
   * What a call that answered -1 means for its packet, message `at` of the ring if it is one: false
   * for another try, true when it is done with, and counted unless it left after all.
   */
  #hasFailed(call: string, room: PollSet, at?: number): boolean {
    const reason = errno();
    if (reason === EINTR) return false;
    if (reason === EAGAIN && this.#waitFor(room)) return false;
    if (at !== undefined && reason !== EAGAIN && this.#sendAgain(at, reason)) return true;
    this.#tally.lose(call, errnoName(reason));
    return true;
  }

  /**
   * Sends message `at` once more: the error may have been about an earlier one that somebody sent
   * word of. If it is too long for the path, it goes in pieces: the core learns of the limit now,
   * and keeps senders to it that do not want that.
   */
  #sendAgain(at: number, reason: number): boolean {
    if (this.#onTrouble === undefined) return false;
    this.#onTrouble();
    const isLong = reason === EMSGSIZE;
    if (isLong) cutLong(this.#socketFd, true);
    const hasLeft = libc.sendmmsg(this.#socketFd, this.#ring.address(at), 1, 0) === 1;
    if (isLong) cutLong(this.#socketFd, false);
    if (hasLeft) took(this.#tally.tunnelOut, this.#ring.len(at));
    return hasLeft;
  }

  /** Waits until there is room. False when this burst has waited long enough. */
  #waitFor(room: PollSet): boolean {
    const nowMs = performance.now();
    if (this.#fullUntilMs === 0) this.#fullUntilMs = nowMs + FULL_MS;
    const leftMs = Math.ceil(this.#fullUntilMs - nowMs);
    return leftMs > 0 && libc.poll(room.address, room.count, leftMs) === 1;
  }
}

function took(flow: Flow, len: number): void {
  flow.packets += 1;
  flow.bytes += len;
}
