// What is measured wherever the core runs, and how: nothing here asks for a platform but for its
// clock, which may be as coarse as a browser has it.
import { type Sample, sampleOf } from "../sample.ts";

const BATCH_MS = 2; // a browser's clock steps by a tenth of a millisecond
const BATCHES = 9;
const NS_PER_MS = 1e6;

export type Kind =
  | "encapDatagram"
  | "encapFrame"
  | "decapDatagram"
  | "decapFrame"
  | "fdb"
  | "route"
  | "decode"
  | "checksum";

export interface Item {
  readonly kind: Kind;
  /** Bytes of a packet, or entries of a table. */
  readonly size: number;
  /** Lays out what it works on. */
  readonly open: () => Promise<Task>;
}

/** The work itself: a run does `count` items, and comes to `expected`. */
export interface Task {
  readonly count: number;
  readonly expected: number;
  readonly run: () => number;
}

/** A millisecond clock that only goes forward. */
export type Clock = () => number;

/**
 * Nanoseconds an item, in some 20 ms: the median of batches, each long enough for a coarse clock.
 * Throws when a run comes to something else: who does less would look fast.
 */
export function roundOf(task: Task, now: Clock): number {
  const batches = Array.from({ length: BATCHES }, () => batchOf(task, now));
  return sampleOf(batches).median;
}

/** Rounds of an item after one that is there to be compiled. */
export function sampled(task: Task, rounds: number, now: Clock): Sample {
  const all = Array.from({ length: rounds + 1 }, () => roundOf(task, now));
  return sampleOf(all.slice(1));
}

function batchOf({ count, expected, run }: Task, now: Clock): number {
  const start = now();
  let [runs, end] = [0, start];
  while (end - start < BATCH_MS) {
    const found = run();
    if (found !== expected) throw new Error(`a run came to ${found}, not to ${expected}`);
    runs += 1;
    end = now();
  }
  return ((end - start) * NS_PER_MS) / (runs * count);
}
