// The way in from the socket: datagrams, each in a slot of its own; where the kernel coalesces
// them, a slot holds a row of datagrams of one sender.
import { type Burst, DescAt, DescFlag, NONE, Status } from "../core/index.ts";
import { EAGAIN, EINTR, errno, errnoName, libc, MSG_DONTWAIT, MSG_TRUNC } from "./libc.ts";
import { ReceiveRing } from "./messages.ts";
import type { NativeMemory } from "./native.ts";
import type { Tally } from "./tally.ts";

/** In front of each datagram, where a header for the device can be put. */
export const RECEIVE_HEADROOM_LEN = 64;

export interface ReceptionOptions {
  readonly fd: number;
  /** Where each datagram lands; RECEIVE_HEADROOM_LEN bytes in front of it are free. */
  readonly packets: readonly number[];
  /** Bytes at each of them. */
  readonly roomLen: number;
  /** The port that packets enter by. */
  readonly port: number;
}

export class Reception {
  readonly #view: DataView;
  readonly #ring: ReceiveRing;
  readonly #burst: Burst;
  readonly #tally: Tally;
  readonly #fd: number;
  readonly #port: number;

  /** `at`: ReceiveRing.bytes of scratch. */
  constructor(
    native: NativeMemory,
    at: number,
    burst: Burst,
    tally: Tally,
    { fd, packets, roomLen, port }: ReceptionOptions,
  ) {
    this.#view = native.view;
    this.#ring = new ReceiveRing(native, at, packets, roomLen);
    this.#burst = burst;
    this.#tally = tally;
    this.#fd = fd;
    this.#port = port;
    packets.forEach((ptr, i) => {
      const desc = burst.in + i * DescAt.End;
      native.bytes.fill(0, desc, desc + DescAt.End);
      native.view.setUint32(desc + DescAt.Ptr, ptr, true);
    });
  }

  /** Takes in a burst. Returns: how many messages. */
  take(): number {
    const ring = this.#ring;
    const count = libc.recvmmsg(this.#fd, ring.address(0), ring.count, MSG_DONTWAIT, 0);
    if (count === -1) {
      const reason = errno();
      if (reason !== EAGAIN && reason !== EINTR) this.#tally.lose("recvmmsg", errnoName(reason));
      return 0;
    }
    for (let i = 0; i < count; i++) this.#lay(i);
    return count;
  }

  #lay(i: number): void {
    const view = this.#view;
    const ring = this.#ring;
    const desc = this.#burst.in + i * DescAt.End;
    const len = ring.len(i);
    const isCut = (ring.flags(i) & MSG_TRUNC) !== 0;
    if (isCut) this.#tally.lose("recvmmsg", "EMSGSIZE");
    ring.take(i);
    const isRow = ring.segmentLen !== 0 && ring.segmentLen < len;
    view.setUint32(desc + DescAt.Len, len, true);
    view.setUint32(desc + DescAt.Port, ((isRow ? DescFlag.UdpGro : 0) << 16) | this.#port, true);
    view.setInt16(desc + DescAt.Verdict, isCut ? Status.TooBig : Status.Ok, true);
    view.setUint16(desc + DescAt.Remote, NONE, true);
    view.setUint32(desc + DescAt.Peer, ring.peer(i), true);
    view.setUint32(desc + DescAt.GsoSize, isRow ? ring.segmentLen : 0, true);
    view.setUint32(desc + DescAt.CsumOffset, ring.tos << 16, true);
    this.#tally.tunnelIn.packets += isRow ? Math.ceil(len / ring.segmentLen) : 1;
    this.#tally.tunnelIn.bytes += len;
  }
}
