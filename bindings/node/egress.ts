// The way out: packets that the core has left in its arena, to the socket or to the device. What
// cannot leave is counted by call and reason; a full buffer is waited for, but not for long.
import { DescAt, NONE } from "../core/index.ts";
import { Chance } from "./chance.ts";
import type { DatapathOptions } from "./datapath.ts";
import { VIRTIO_HEADER_LEN } from "./device.ts";
import { Lane } from "./lane.ts";
import { EAGAIN, EINTR, EINVAL, EIO, EMSGSIZE, errno, errnoName, libc, POLLOUT } from "./libc.ts";
import {
  fillIovecs,
  IOVEC_LEN,
  isGather,
  type NativeMemory,
  POLL_LEN,
  PollSet,
  pieceCount,
} from "./native.ts";
import type { SendRing } from "./send-ring.ts";
import type { Tally } from "./tally.ts";
import { cutLong } from "./underlay.ts";

const PIECES_MAX = 128; // of one packet to the device; the kernel's own limit is 1024
const FULL_MS = 20; // longest wait for room in a burst: a pump has to stop within 100
const PIECES_BYTES = PIECES_MAX * IOVEC_LEN;

export class Egress {
  readonly #native: NativeMemory;
  readonly #view: DataView;
  readonly #tally: Tally;
  readonly #deviceFd: number;
  readonly #headerLen: number; // in front of each packet to the device
  readonly #lanes: readonly Lane[];
  readonly #iovecs: number; // of a packet in pieces to the device
  readonly #deviceRoom: PollSet;
  readonly #onTrouble: (() => void) | undefined;
  readonly #remotePorts = new Uint16Array(NONE + 1); // 0: the tunnel's
  readonly #canSegment: boolean;
  readonly #segments = new Chance(); // that the kernel cuts, where not every path lets it
  #mayJoin: boolean; // in this burst, datagrams may share a message
  #rows = 0; // messages of several datagrams in this burst
  #refused = 0; // of them
  #fullUntilMs = 0; // 0: nothing was full in this burst

  /** Scratch that it takes, 8-aligned. */
  static bytes(laneCount: number): number {
    return laneCount * Lane.BYTES + PIECES_BYTES + POLL_LEN;
  }

  /** `onTrouble` empties the sockets' error queues; left out where there are none. */
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
    this.#deviceFd = options.deviceFd;
    this.#canSegment = options.offload.segment;
    this.#mayJoin = this.#canSegment;
    this.#headerLen = options.offload.device === undefined ? 0 : VIRTIO_HEADER_LEN;
    const portOf = (remote: number): number => this.#remotePorts[remote] || options.udpPort;
    this.#lanes = options.laneFds.map((fd, i) => {
      return new Lane(native, at + i * Lane.BYTES, fd, portOf);
    });
    this.#iovecs = at + this.#lanes.length * Lane.BYTES;
    this.#deviceRoom = new PollSet(native, this.#iovecs + PIECES_BYTES, [
      { fd: this.#deviceFd, events: POLLOUT },
    ]);
  }

  /** Where the datagrams to a remote go; 0 means the tunnel's own port. */
  setRemotePort(remote: number, udpPort: number): void {
    this.#remotePorts[remote] = udpPort;
  }

  /** Puts the packet of `desc` in line for its socket. Its bytes stay until `flush`. */
  send(desc: number): void {
    const lane = this.#laneOf(desc);
    const pieces = pieceCount(this.#view, desc);
    if (this.#mayJoin && lane.ring.join(desc)) return;
    if (!this.#mayJoin && this.#view.getUint16(desc + DescAt.GsoSize, true) !== 0) {
      for (let index = 0; 2 * index < pieces; index++) {
        if (!lane.ring.hasRoom(2)) this.#flushLane(lane);
        lane.ring.pushSegment(desc, index);
      }
      return;
    }
    if (!lane.ring.hasRoom(pieces)) this.#flushLane(lane);
    if (pieces <= Lane.PIECES_MAX) lane.ring.push(desc);
    else this.#tally.lose("sendmmsg", "EMSGSIZE"); // more pieces than a message may have
  }

  #laneOf(desc: number): Lane {
    const lanes = this.#lanes;
    return lanes[this.#view.getUint8(desc + DescAt.Lane) % lanes.length] as Lane;
  }

  /** Sends what is in line, and ends the burst. */
  flush(): void {
    for (const lane of this.#lanes) if (lane.ring.count > 0) this.#flushLane(lane);
    this.#fullUntilMs = 0;
    if (this.#rows > 0) this.#segments.cameOff(this.#refused === 0);
    this.#rows = 0;
    this.#refused = 0;
    this.#mayJoin = this.#canSegment && this.#segments.isDue();
  }

  #flushLane(lane: Lane): void {
    const { ring, fd } = lane;
    for (let at = 0; at < ring.count; ) {
      const sent = libc.sendmmsg(fd, ring.address(at), ring.count - at, 0);
      if (sent > 0) {
        for (const end = at + sent; at < end; at++) this.#hasLeft(ring, at);
      } else if (this.#hasFailed("sendmmsg", lane.room, lane, at)) {
        at += 1;
      }
    }
    ring.clear();
  }

  #hasLeft(ring: SendRing, at: number): void {
    if (ring.segmentLen(at) !== 0) this.#rows += 1;
    this.#sent(ring.len(at), ring.segmentCount(at));
  }

  #sent(len: number, packets: number): void {
    this.#tally.tunnelOut.packets += packets;
    this.#tally.tunnelOut.bytes += len;
  }

  /** Writes the packet of `desc` to the device. */
  write(desc: number): void {
    const inPieces = isGather(this.#view, desc);
    const call = inPieces ? "writev" : "write";
    if (inPieces && pieceCount(this.#view, desc) > PIECES_MAX) {
      this.#tally.lose(call, "EMSGSIZE");
      return;
    }
    let len = -1;
    do len = inPieces ? this.#writePieces(desc) : this.#writePlain(desc);
    while (len === -1 && !this.#hasFailed(call, this.#deviceRoom));
    if (len === -1) return;
    this.#tally.deviceOut.packets += 1;
    this.#tally.deviceOut.bytes += len - this.#headerLen;
  }

  #writePlain(desc: number): number {
    const ptr = this.#view.getUint32(desc + DescAt.Ptr, true);
    const len = this.#view.getUint32(desc + DescAt.Len, true);
    return libc.write(this.#deviceFd, this.#native.base + ptr, len);
  }

  #writePieces(desc: number): number {
    const count = pieceCount(this.#view, desc);
    fillIovecs(this.#native, desc, this.#iovecs, 0, count);
    return libc.writev(this.#deviceFd, this.#native.base + this.#iovecs, count);
  }

  /**
   * What a call that answered -1 means for its packet, message `at` of the lane if it is one: false
   * for another try, true when it is done with, and counted unless it left after all.
   */
  #hasFailed(call: string, room: PollSet, lane?: Lane, at = 0): boolean {
    const reason = errno();
    if (reason === EINTR) return false;
    if (reason === EAGAIN && this.#waitFor(room)) return false;
    if (lane !== undefined && reason !== EAGAIN) {
      if (lane.ring.segmentLen(at) !== 0 && isAboutSegments(reason)) {
        this.#rows += 1;
        this.#refused += 1;
        this.#sendSegments(lane, at);
        return true;
      }
      if (this.#sendAgain(lane, at, reason)) return true;
    }
    this.#tally.lose(call, errnoName(reason), lane?.ring.segmentCount(at));
    return true;
  }

  /** Sends the datagrams of message `at` one by one, for a kernel or a path that will not cut. */
  #sendSegments(lane: Lane, at: number): void {
    const { ring } = lane;
    const count = ring.segmentCount(at);
    for (let index = 0; index < count; index++) {
      ring.narrow(at, index);
      let sent = -1;
      do sent = libc.sendmmsg(lane.fd, ring.address(at), 1, 0);
      while (sent === -1 && !this.#hasFailed("sendmmsg", lane.room, lane, at));
      if (sent === 1) this.#sent(ring.len(at), 1);
    }
  }

  /**
   * Sends message `at` once more: the error may have been about an earlier one that somebody sent
   * word of. If it is too long for the path, it goes in pieces: the core learns of the limit now,
   * and keeps senders to it that do not want that.
   */
  #sendAgain(lane: Lane, at: number, reason: number): boolean {
    if (this.#onTrouble === undefined) return false;
    this.#onTrouble();
    const isLong = reason === EMSGSIZE;
    if (isLong) cutLong(lane.fd, true);
    const hasLeft = libc.sendmmsg(lane.fd, lane.ring.address(at), 1, 0) === 1;
    if (isLong) cutLong(lane.fd, false);
    if (hasLeft) this.#sent(lane.ring.len(at), lane.ring.segmentCount(at));
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

/** Too long for the path as one, or by a device that leaves checksums to us. */
function isAboutSegments(reason: number): boolean {
  return reason === EINVAL || reason === EMSGSIZE || reason === EIO;
}
