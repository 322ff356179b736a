// A socket and the messages that wait for it. A tunnel sends through a few of them, each with a
// source port of its own, so that the underlay can tell its flows apart (RFC 7348, section 5); the
// core says which flow belongs to which.
import { POLLOUT } from "./libc.ts";
import { type NativeMemory, POLL_LEN, PollSet } from "./native.ts";
import { SendRing, type SendRingSize } from "./send-ring.ts";

const RING: SendRingSize = { messages: 64, iovecs: 1024 };
const RING_BYTES = SendRing.bytes(RING);

export class Lane {
  /** Scratch that one takes, 8-aligned. */
  static readonly BYTES: number = RING_BYTES + POLL_LEN;
  /** Most pieces that a message can have. */
  static readonly PIECES_MAX: number = RING.iovecs;

  readonly fd: number;
  readonly ring: SendRing;
  /** What poll waits for when the socket is full. */
  readonly room: PollSet;

  constructor(native: NativeMemory, at: number, fd: number, portOf: (remote: number) => number) {
    this.fd = fd;
    this.ring = new SendRing(native, at, RING, portOf);
    this.room = new PollSet(native, at + RING_BYTES, [{ fd, events: POLLOUT }]);
  }
}
