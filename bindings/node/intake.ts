// The way in from a device: packet behind packet into one piece of the arena, so that small ones
// share cache lines and pages with their neighbors, and large ones have the room that they need.
import { type Burst, DescAt, HEADROOM_LEN, NONE, Status } from "../core/index.ts";
import { Chance } from "./chance.ts";
import { VIRTIO_HEADER_LEN } from "./device.ts";
import { CallError, EAGAIN, EINTR, EINVAL, errno, libc } from "./libc.ts";
import type { NativeMemory } from "./native.ts";
import type { Tally } from "./tally.ts";

const ALIGN = 64;
const MANY = 8; // packets beside which a call in vain is no loss
const REGION_LEN = 256 << 10; // a few super-packets, which is as much as a cache likes

export interface IntakeOptions {
  readonly fd: number;
  /** Whether a virtio-net header stands in front of each packet. */
  readonly hasHeader: boolean;
  /** Longest packet; what is longer is refused. */
  readonly lenMax: number;
  /** Of every descriptor: the port that packets enter by, and DescFlag.L3 for bare IP packets. */
  readonly port: number;
  readonly flags: number;
}

export class Intake {
  readonly #native: NativeMemory;
  readonly #view: DataView;
  readonly #options: IntakeOptions;
  readonly #tally: Tally;
  readonly #burst: Burst;
  readonly #first: number;
  readonly #end: number;
  readonly #headerLen: number;
  readonly #more = new Chance();
  #count = 1; // that came the last time

  /** Bytes of the arena that it takes. */
  static bytes(lenMax: number, packets: number): number {
    const each = HEADROOM_LEN + lenMax + 1 + ALIGN;
    return Math.max(each, Math.min(packets * each, REGION_LEN));
  }

  /** Packets land in the `len` bytes at `at`, and in the descriptors of `burst`. */
  constructor(
    native: NativeMemory,
    [at, len]: readonly [number, number],
    burst: Burst,
    tally: Tally,
    options: IntakeOptions,
  ) {
    this.#native = native;
    this.#view = native.view;
    this.#first = at;
    this.#end = at + len;
    this.#burst = burst;
    this.#tally = tally;
    this.#options = options;
    this.#headerLen = options.hasHeader ? VIRTIO_HEADER_LEN : 0;
  }

  /**
   * Takes in a burst. A device gives one packet a call, and says EAGAIN when there are no more. To
   * save that call where packets come one by one, twice as many as came the last time are asked for
   * only as long as more do come. Returns: how many. Throws CallError when the device is gone.
   */
  take(): number {
    if (this.#count >= MANY) return this.#take(2 * this.#count);
    if (!this.#more.isDue()) return this.#take(this.#count);
    const last = this.#count;
    const count = this.#take(2 * last);
    this.#more.cameOff(count > last);
    return count;
  }

  /** Takes in `most` packets at most. */
  #take(most: number): number {
    const { lenMax } = this.#options;
    const limit = Math.min(most, this.#burst.capacity);
    let count = 0;
    let ptr = this.#first + HEADROOM_LEN;
    while (count < limit && ptr + lenMax < this.#end) {
      const len = this.#read(ptr);
      if (len > 0) {
        this.#lay(count++, ptr, len);
        ptr += Math.ceil((len + HEADROOM_LEN) / ALIGN) * ALIGN;
      } else if (len === 0 || this.#isOver(count)) {
        break;
      }
    }
    this.#count = count || 1;
    return count;
  }

  /** Whether a read that failed after `count` packets ends the burst. */
  #isOver(count: number): boolean {
    const reason = errno();
    if (reason === EINTR) return false;
    if (reason === EINVAL) this.#tally.lose("read", "EINVAL"); // virtio has no words for a packet
    // What was read goes on first; the next read hears of any other error again.
    if (count > 0 || reason === EAGAIN || reason === EINVAL) return true;
    throw new CallError("read from the device", reason);
  }

  /** One byte more than the longest packet gives a longer one away. */
  #read(ptr: number): number {
    const { fd, lenMax } = this.#options;
    const headerLen = this.#headerLen;
    const from = this.#native.base + ptr - headerLen;
    const len = libc.read(fd, from, headerLen + lenMax + 1);
    return len === -1 ? -1 : Math.max(len - headerLen, 0);
  }

  #lay(index: number, ptr: number, len: number): void {
    const view = this.#view;
    const { port, flags, lenMax } = this.#options;
    const desc = this.#burst.in + index * DescAt.End;
    const isLong = len > lenMax;
    if (isLong) this.#tally.lose("read", "EMSGSIZE");
    view.setUint32(desc + DescAt.Ptr, ptr, true);
    view.setUint32(desc + DescAt.Len, len, true);
    view.setUint32(desc + DescAt.Port, (flags << 16) | port, true);
    view.setInt16(desc + DescAt.Verdict, isLong ? Status.TooBig : Status.Ok, true);
    view.setUint16(desc + DescAt.Remote, NONE, true);
    view.setUint32(desc + DescAt.GsoSize, 0, true);
    view.setUint32(desc + DescAt.CsumOffset, 0, true);
    this.#tally.deviceIn.packets += 1;
    this.#tally.deviceIn.bytes += len;
  }
}
