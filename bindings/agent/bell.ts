// Where watches wait: until something happens, or until a time at which something may.
import type { Clock } from "./clock.ts";

export class Bell {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #alarm: AbortController | null = null;
  #alarmMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves with the next ring, at `atMs` of the clock, or when the signal aborts. */
  async wait(signal: AbortSignal, atMs: number): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener("abort", wake);
      this.expect(atMs);
    });
    if (this.#waiting.size === 0) this.#disarm();
  }

  /** Wakes all who wait now. */
  ring(): void {
    this.#disarm();
    for (const wake of [...this.#waiting]) wake();
  }

  /** Rings at `atMs` at the latest, if anybody waits: one alarm for all. */
  expect(atMs: number): void {
    if (this.#waiting.size === 0 || atMs >= this.#alarmMs) return;
    this.#disarm();
    const alarm = new AbortController();
    this.#alarm = alarm;
    this.#alarmMs = atMs;
    const ring = (): void => {
      if (this.#alarm === alarm) this.ring();
    };
    this.#clock.sleep(Math.max(0, atMs - this.#clock.nowMs()), alarm.signal).then(ring, () => {});
  }

  #disarm(): void {
    this.#alarm?.abort();
    this.#alarm = null;
    this.#alarmMs = Number.POSITIVE_INFINITY;
  }
}
