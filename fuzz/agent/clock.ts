// A clock that a test moves: what waits is woken in order, and everything that follows from one
// waking happens before the next. A day passes in as long as its deeds take.
import type { Clock } from "../../bindings/agent/index.ts";

interface Sleeper {
  readonly atMs: number;
  /** Breaks ties: who lay down first wakes first. */
  readonly order: number;
  readonly wake: () => void;
  isAwake: boolean;
}

const WALL_MS = Date.UTC(2026, 0, 1);
const TURNS_MAX = 50_000_000;

export class VirtualClock implements Clock {
  #nowMs = 0;
  #wallMs = WALL_MS;
  #count = 0;
  #isDriven = false;
  /** A binary heap: no sleeper wakes before its parent at `(index - 1) >> 1`. */
  readonly #sleepers: Sleeper[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#wallMs + this.#nowMs;
  }

  /** Somebody sets the wall's clock. */
  jumpWall(byMs: number): void {
    this.#wallMs += byMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (Number.isNaN(ms)) throw new RangeError("a sleep of NaN ms");
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        sleeper.isAwake = true;
        reject(signal?.reason);
      };
      const wake = (): void => {
        signal?.removeEventListener("abort", abort);
        resolve();
      };
      const atMs = this.#nowMs + Math.max(0, ms);
      const sleeper = { atMs, order: this.#count++, wake, isAwake: false };
      signal?.addEventListener("abort", abort, { once: true });
      push(this.#sleepers, sleeper);
    });
  }

  /** Does `act` at a time, however many sleep. */
  at(atMs: number, act: () => void): void {
    const order = this.#count++;
    push(this.#sleepers, { atMs: Math.max(atMs, this.#nowMs), order, wake: act, isAwake: false });
  }

  /** Lets `ms` pass. */
  async pass(ms: number): Promise<void> {
    await this.runUntil(this.#nowMs + ms);
  }

  /** Lets time pass until then. Throws when there is no end to what happens. */
  async runUntil(untilMs: number): Promise<void> {
    if (this.#isDriven) throw new Error("somebody else lets time pass already");
    this.#isDriven = true;
    await this.#run(untilMs).finally(() => {
      this.#isDriven = false;
    });
  }

  /** Lets time pass until the promise is settled, `mostMs` at most. */
  async settle<T>(promise: Promise<T>, mostMs = 86_400_000): Promise<T> {
    const endMs = this.#nowMs + mostMs;
    let isSettled = false;
    const done = (): void => {
      isSettled = true;
    };
    promise.then(done, done);
    await rest();
    while (!isSettled) {
      const nextMs = this.#sleepers[0]?.atMs ?? Number.POSITIVE_INFINITY;
      if (nextMs > endMs) throw new Error(`not settled within ${mostMs} ms`);
      await this.runUntil(nextMs);
    }
    return promise;
  }

  async #run(untilMs: number): Promise<void> {
    await rest();
    for (let turns = 0; turns < TURNS_MAX; turns++) {
      const next = this.#sleepers[0];
      if (next === undefined || next.atMs > untilMs) {
        this.#nowMs = untilMs;
        return;
      }
      pop(this.#sleepers);
      if (next.isAwake) continue;
      this.#nowMs = next.atMs;
      next.isAwake = true;
      next.wake();
      await rest();
    }
    throw new Error(`${TURNS_MAX} wakings, and it is not ${untilMs} yet`);
  }
}

// Until all promises that can be settled are: the queue of microtasks is empty then.
function rest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function push(heap: Sleeper[], sleeper: Sleeper): void {
  let index = heap.length;
  while (index > 0) {
    const above = (index - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || isEarlier(parent, sleeper)) break;
    heap[index] = parent;
    index = above;
  }
  heap[index] = sleeper;
}

function pop(heap: Sleeper[]): void {
  const moved = heap.pop();
  if (moved === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    const right = heap[left + 1];
    const below = right !== undefined && isEarlier(right, heap[left] ?? right) ? left + 1 : left;
    const child = heap[below];
    if (child === undefined || isEarlier(moved, child)) break;
    heap[index] = child;
    index = below;
  }
  heap[index] = moved;
}

function isEarlier(a: Sleeper, b: Sleeper): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
