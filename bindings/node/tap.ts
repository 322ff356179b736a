// What passes through a pump, for who asks: copies of packets as they come in, with the verdict
// that the core gives them, and as they go out. A tap holds so many packets and no more; what comes
// while it is full is counted, and never waited for.
import {
  type Burst,
  DescAt,
  DescFlag,
  type HeddleNode,
  PieceAt,
  printIpv4,
  type StatusName,
  statusName,
} from "../core/index.ts";

/** Where a packet was seen: at the device, or as the payload of a datagram of the tunnel. */
export type TapPlace = "device" | "tunnel";

/** A packet as a pump saw it: at the device perhaps longer than the MTU, before it is cut. */
export interface TappedPacket {
  readonly place: TapPlace;
  /** As this node sees it: "in" is read or received, "out" written or sent. */
  readonly direction: "in" | "out";
  /** Since 1970, by the pump's clock. */
  readonly timeMs: number;
  /** Its beginning, up to the snap length. */
  readonly bytes: Uint8Array;
  /** Bytes of all of it. */
  readonly len: number;
  /**
   * "passed", or why it was dropped; of a packet that goes out "passed". Datagrams that came in a
   * row (UDP_GRO) have one verdict: "passed" when one of them did; drops are counted all the same.
   */
  readonly verdict: "passed" | StatusName;
  /** The other end of the tunnel, IPv4; null at the device, and where nobody knows. */
  readonly peer: string | null;
}

/** Packets in their order, and how many were lost since the burst before. */
export interface TappedBurst {
  readonly packets: readonly TappedPacket[];
  readonly lost: number;
}

export interface TapOptions {
  /** Longest part of a packet that is kept; 262144 unless said. */
  readonly snapLen?: number;
  /** Packets that wait for whoever listens; 4096 unless said. */
  readonly packetsMax?: number;
}

const SNAP_LEN = 262_144; // tcpdump's
const PACKETS_MAX = 4096;
const BYTES_MAX = 16 << 20; // that wait: with offloads one packet may have 65 KB
const TAPS_MAX = 8;

interface Tap {
  readonly snapLen: number;
  readonly packetsMax: number;
  packets: TappedPacket[];
  bytes: number;
  lost: number;
  /** The request that waits for packets. */
  asker: number | undefined;
}

/** A packet that came in, before the core has seen it. */
type Arrival = Omit<TappedPacket, "verdict"> & { readonly desc: number };

export class Taps {
  readonly #node: HeddleNode;
  readonly #headerLen: number;
  readonly #taps = new Map<number, Tap>();
  #arrivals: Arrival[] = [];

  /** `headerLen`: bytes in front of each packet that goes to the device. */
  constructor(node: HeddleNode, headerLen: number) {
    this.#node = node;
    this.#headerLen = headerLen;
  }

  /** False: nobody listens, and nothing has to be called. */
  get isOpen(): boolean {
    return this.#taps.size > 0;
  }

  /** Takes a request for the packets of tap `id`, which the first one opens. */
  ask(id: number, asker: number, options: TapOptions): void {
    const { snapLen = SNAP_LEN, packetsMax = PACKETS_MAX } = options;
    const tap = this.#taps.get(id);
    if (tap !== undefined) tap.asker = asker;
    else if (this.#taps.size === TAPS_MAX) throw new Error(`${TAPS_MAX} captures run already`);
    else this.#taps.set(id, { snapLen, packetsMax, packets: [], bytes: 0, lost: 0, asker });
  }

  /** Closes a tap. Returns the request that still waits, if one does. */
  close(id: number): number | undefined {
    const asker = this.#taps.get(id)?.asker;
    this.#taps.delete(id);
    return asker;
  }

  /** Answers who waits, if there is something. */
  answer(reply: (asker: number, burst: TappedBurst) => void): void {
    for (const tap of this.#taps.values()) {
      const { asker, packets, lost } = tap;
      if (asker === undefined || packets.length === 0) continue;
      Object.assign(tap, { asker: undefined, packets: [], bytes: 0, lost: 0 });
      reply(asker, { packets, lost });
    }
  }

  /** Takes the first `count` packets of a burst, before the core changes them. */
  arrive(burst: Burst, count: number, place: TapPlace, timeMs: number): void {
    this.#arrivals = [];
    for (let i = 0; i < count; i++) {
      const desc = burst.in + i * DescAt.End;
      const base = this.#look(desc, place, "in", timeMs);
      for (const bytes of this.#cut(desc, this.#bytesOf(desc))) {
        this.#arrivals.push({ ...base, bytes, len: bytes.length, desc });
      }
    }
  }

  /** The core has judged what arrived. */
  judge(): void {
    for (const { desc, ...packet } of this.#arrivals) {
      const verdict = this.#node.view.getInt16(desc + DescAt.Verdict, true);
      this.#keep({ ...packet, verdict: verdict < 0 ? statusName(verdict) : "passed" });
    }
    this.#arrivals = [];
  }

  /** Takes the packet of `desc`, which goes out. */
  leave(desc: number, place: TapPlace, timeMs: number): void {
    const base = this.#look(desc, place, "out", timeMs);
    const whole = this.#bytesOf(desc);
    const packets = place === "device" ? [whole.subarray(this.#headerLen)] : this.#cut(desc, whole);
    for (const bytes of packets) {
      this.#keep({ ...base, bytes, len: bytes.length, verdict: "passed" });
    }
  }

  #keep(packet: TappedPacket): void {
    for (const tap of this.#taps.values()) {
      const len = Math.min(packet.bytes.length, tap.snapLen);
      if (tap.packets.length >= tap.packetsMax || tap.bytes + len > BYTES_MAX) {
        tap.lost += 1;
        continue;
      }
      tap.bytes += len;
      tap.packets.push({ ...packet, bytes: packet.bytes.slice(0, len) });
    }
  }

  #look(
    desc: number,
    place: TapPlace,
    direction: "in" | "out",
    timeMs: number,
  ): Omit<TappedPacket, "verdict" | "bytes" | "len"> {
    const peer = place === "tunnel" ? this.#node.view.getUint32(desc + DescAt.Peer, true) : 0;
    return { place, direction, timeMs, peer: peer === 0 ? null : printIpv4(peer) };
  }

  /** The datagrams of a row, as they are on the wire. */
  #cut(desc: number, row: Uint8Array): Uint8Array[] {
    const size = this.#node.view.getUint16(desc + DescAt.GsoSize, true);
    if (size === 0) return [row];
    const count = Math.ceil(row.length / size);
    return Array.from({ length: count }, (_, i) => row.subarray(i * size, (i + 1) * size));
  }

  #bytesOf(desc: number): Uint8Array {
    const { bytes, view } = this.#node;
    const ptr = view.getUint32(desc + DescAt.Ptr, true);
    const len = view.getUint32(desc + DescAt.Len, true);
    if ((view.getUint16(desc + DescAt.Flags, true) & DescFlag.Gather) === 0) {
      return bytes.slice(ptr, ptr + len);
    }
    const pieces = Array.from({ length: len }, (_, i) => {
      const piece = ptr + i * PieceAt.End;
      const first = view.getUint32(piece + PieceAt.Ptr, true);
      return bytes.subarray(first, first + view.getUint32(piece + PieceAt.Len, true));
    });
    return new Uint8Array(Buffer.concat(pieces));
  }
}
