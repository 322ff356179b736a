// What a page and its carrier's worker say to each other.
import type {
  BurstOptions,
  Caps,
  Desc,
  DescInit,
  ElementName,
  HeddleNode,
  JournalEntry,
  JournalResult,
  VerdictName,
} from "../core/index.ts";
import type { PackedError } from "../core/packed.ts";

/** What the worker begins with. */
export interface Opening {
  readonly module: WebAssembly.Module;
  readonly memoryBytes: number | undefined;
  readonly node: Partial<Caps> & { readonly seed: bigint };
  readonly burst: BurstOptions;
}

/** What an element is to do, and when. */
export interface Order {
  readonly element: ElementName;
  /** Milliseconds; never before those of the last order. */
  readonly nowMs: number;
  /** The port that the element works for. */
  readonly port: number;
  /** Left out: 0. */
  readonly dice?: number;
}

/**
 * Packets on their way, behind one another in one buffer, which is handed over and not copied:
 * `lens[0]` bytes of the first, then those of the next.
 */
export interface Parcel<Record> {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly lens: readonly number[];
  readonly descs: readonly Record[];
}

/** A verdict for each packet that went in, and the packets that came out. */
export interface Delivery {
  readonly verdicts: readonly VerdictName[];
  readonly parcel: Parcel<Desc>;
}

/** What the worker is asked for, and what it answers. */
export interface Calls {
  open: { ask: Opening; answer: undefined };
  apply: {
    ask: { readonly entries: readonly JournalEntry[]; readonly nowMs: number };
    answer: JournalResult[];
  };
  run: { ask: { readonly order: Order; readonly parcel: Parcel<DescInit> }; answer: Delivery };
  counters: { ask: undefined; answer: ReturnType<HeddleNode["counters"]> };
}

export type Kind = keyof Calls;

/** Numbered; each gets one reply with its number. */
export type Request = {
  [K in Kind]: { readonly id: number; readonly kind: K; readonly ask: Calls[K]["ask"] };
}[Kind];

export type Reply =
  | { readonly id: number; readonly answer: Calls[Kind]["answer"] }
  | { readonly id: number; readonly error: PackedError };

/** Lays packets behind one another. Pair: unwrap. */
export function wrap<Record>(
  packets: readonly Uint8Array[],
  descs: readonly Record[],
): Parcel<Record> {
  const lens = packets.map(({ length }) => length);
  const bytes = new Uint8Array(lens.reduce((sum, len) => sum + len, 0));
  let end = 0;
  for (const packet of packets) {
    bytes.set(packet, end);
    end += packet.length;
  }
  return { bytes, lens, descs };
}

/** Each packet with its descriptor; the bytes are views of the parcel's. Pair: wrap. */
export function unwrap<Record>({ bytes, lens, descs }: Parcel<Record>): [Uint8Array, Record][] {
  let end = 0;
  return descs.map((desc, at) => {
    const start = end;
    end += lens[at] ?? 0;
    return [bytes.subarray(start, end), desc];
  });
}
