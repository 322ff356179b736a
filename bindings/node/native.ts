// The core's memory as the kernel sees it: real addresses, iovecs and the poll set. Offsets are
// those of a 64-bit Linux; all is little-endian.
import { DescAt, DescFlag, PieceAt } from "../core/layout.ts";
import { addressOf } from "./libc.ts";

// struct iovec of <sys/uio.h>.
const iovecAt = { BASE: 0, LEN: 8, END: 16 } as const;

// struct pollfd of <poll.h>.
const pollAt = { FD: 0, EVENTS: 4, REVENTS: 6, END: 8 } as const;

/** Bytes of an iovec and of an entry of a poll set. */
export const IOVEC_LEN: number = iovecAt.END;
export const POLL_LEN: number = pollAt.END;

/** The core's memory under its real addresses. Requires: memory that has been claimed. */
export class NativeMemory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The address of byte 0; it holds for good, since a claimed memory neither grows nor moves. */
  readonly base: number;
  readonly #baseLow: number;
  readonly #baseHigh: number;

  constructor(memory: WebAssembly.Memory) {
    this.bytes = new Uint8Array(memory.buffer);
    this.view = new DataView(memory.buffer);
    this.base = addressOf(this.bytes);
    this.#baseLow = this.base % 2 ** 32;
    this.#baseHigh = Math.floor(this.base / 2 ** 32);
  }

  /** Writes the real address of `ptr` as a u64. */
  putAddress(at: number, ptr: number): void {
    const low = this.#baseLow + ptr;
    this.view.setUint32(at, low, true); // modulo 2^32
    this.view.setUint32(at + 4, this.#baseHigh + (low > 0xffffffff ? 1 : 0), true);
  }

  /** Writes a length, a u64 of the kernel's. */
  putLen(at: number, len: number): void {
    this.view.setUint32(at, len, true);
    this.view.setUint32(at + 4, 0, true);
  }

  putIovec(at: number, ptr: number, len: number): void {
    this.putAddress(at + iovecAt.BASE, ptr);
    this.putLen(at + iovecAt.LEN, len);
  }
}

/** Of how many pieces the packet of `desc` is: one where it lies in a row. */
export function pieceCount(view: DataView, desc: number): number {
  return isGather(view, desc) ? view.getUint32(desc + DescAt.Len, true) : 1;
}

/** Whether the packet of `desc` lies in pieces, at several places. */
export function isGather(view: DataView, desc: number): boolean {
  return (view.getUint16(desc + DescAt.Flags, true) & DescFlag.Gather) !== 0;
}

/** Writes an iovec for each of `count` pieces of the packet, from piece `first` on, at `at`. */
export function fillIovecs(
  native: NativeMemory,
  desc: number,
  at: number,
  first: number,
  count: number,
): void {
  const { view } = native;
  const ptr = view.getUint32(desc + DescAt.Ptr, true);
  if (!isGather(view, desc)) {
    native.putIovec(at, ptr, view.getUint32(desc + DescAt.Len, true));
    return;
  }
  for (let i = 0; i < count; i++) {
    const piece = ptr + (first + i) * PieceAt.End;
    const piecePtr = view.getUint32(piece + PieceAt.Ptr, true);
    native.putIovec(at + i * iovecAt.END, piecePtr, view.getUint32(piece + PieceAt.Len, true));
  }
}

/** Descriptors that poll waits for. */
export class PollSet {
  readonly count: number;
  /** The real address of the first entry. */
  readonly address: number;
  readonly #view: DataView;
  readonly #at: number;

  constructor(
    native: NativeMemory,
    at: number,
    entries: readonly { fd: number; events: number }[],
  ) {
    this.count = entries.length;
    this.address = native.base + at;
    this.#view = native.view;
    this.#at = at;
    entries.forEach((entry, i) => {
      native.view.setInt32(at + i * pollAt.END + pollAt.FD, entry.fd, true);
      native.view.setUint16(at + i * pollAt.END + pollAt.EVENTS, entry.events, true);
    });
  }

  /** What poll said about entry `i`. */
  revents(i: number): number {
    return this.#view.getUint16(this.#at + i * pollAt.END + pollAt.REVENTS, true);
  }
}
