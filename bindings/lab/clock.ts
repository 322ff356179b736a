// Virtual time: whole nanoseconds since the lab began, as a number. 2^53 of them are 104 days, and
// sums of whole numbers are exact, so the same lab always runs in the same order.

interface Event extends Timer {
  readonly timeNs: number;
  /** Breaks ties: what was planned first happens first. */
  readonly order: number;
  readonly act: () => void;
  isCancelled: boolean;
  /** Time passes until it has happened. */
  isAwaited: boolean;
}

/** Something planned. */
export interface Timer {
  /** It does not happen, and no time passes on its account. */
  cancel(): void;
}

export const MICROSECOND = 1_000;
export const MILLISECOND = 1_000_000;
export const SECOND = 1_000_000_000;

const EVENTS_MAX = 10_000_000;

/** The time, and what is going to happen. */
export class Clock {
  #nowNs = 0;
  #planned = 0;
  #awaited = 0;
  /** A binary heap: no event is earlier than its parent at `(index - 1) >> 1`. */
  readonly #events: Event[] = [];

  get nowNs(): number {
    return this.#nowNs;
  }

  /** As the core takes it: whole milliseconds. */
  get nowMs(): number {
    return Math.floor(this.#nowNs / MILLISECOND);
  }

  after(delayNs: number, act: () => void): Timer {
    return this.#plan(delayNs, act, true);
  }

  /** The same for what nobody waits for: it happens only where something later does as well. */
  meanwhile(delayNs: number, act: () => void): Timer {
    return this.#plan(delayNs, act, false);
  }

  #plan(delayNs: number, act: () => void, isAwaited: boolean): Timer {
    if (!Number.isSafeInteger(delayNs) || delayNs < 0) {
      throw new RangeError(`a delay of ${delayNs} ns is not a whole number from zero`);
    }
    const event: Event = {
      timeNs: this.#nowNs + delayNs,
      order: this.#planned++,
      act,
      isCancelled: false,
      isAwaited,
      cancel: () => {
        event.isCancelled = true;
        this.#settle(event);
      },
    };
    if (isAwaited) this.#awaited++;
    this.#push(event);
    return event;
  }

  #settle(event: Event): void {
    if (event.isAwaited) this.#awaited--;
    event.isAwaited = false;
  }

  /** Lets everything happen that is waited for, in order, and leaves the time at the last event. */
  run(eventsMax: number = EVENTS_MAX): void {
    for (let count = 0; this.#awaited > 0; count++) {
      const event = this.#pop();
      if (event === undefined) return;
      if (event.isCancelled) continue;
      this.#settle(event);
      if (count === eventsMax) throw new Error(`the lab did not come to rest in ${count} events`);
      this.#nowNs = event.timeNs;
      event.act();
    }
  }

  #push(event: Event): void {
    const events = this.#events;
    let index = events.length;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = events[above];
      if (parent === undefined || isEarlier(parent, event)) break;
      events[index] = parent;
      index = above;
    }
    events[index] = event;
  }

  #pop(): Event | undefined {
    const events = this.#events;
    const first = events[0];
    const moved = events.pop();
    if (moved === undefined || moved === first) return first;
    let index = 0;
    for (;;) {
      const below = this.#earlierChild(index);
      const child = events[below];
      if (child === undefined || isEarlier(moved, child)) break;
      events[index] = child;
      index = below;
    }
    events[index] = moved;
    return first;
  }

  #earlierChild(index: number): number {
    const left = this.#events[2 * index + 1];
    const right = this.#events[2 * index + 2];
    const isRight = left !== undefined && right !== undefined && isEarlier(right, left);
    return 2 * index + (isRight ? 2 : 1);
  }
}

function isEarlier(a: Event, b: Event): boolean {
  return a.timeNs < b.timeNs || (a.timeNs === b.timeNs && a.order < b.order);
}
