// Something that goes wrong again and again, and is said once and then rarely.
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";

const RARELY_MS = 600_000;

/** One kind of trouble. */
export class Complaint {
  readonly #clock: Clock;
  readonly #log: Log;
  #saidMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  say(message: string, error: unknown, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#count += 1;
    if (this.#clock.nowMs() - this.#saidMs < RARELY_MS) return;
    this.#saidMs = this.#clock.nowMs();
    this.#log("error", message, { error: wordsOf(error), count: this.#count, ...fields });
  }

  /** It works again: says so, if there was anything to complain about. */
  end(message: string): void {
    if (this.#count > 0) this.#log("info", message, { after: this.#count });
    this.#count = 0;
    this.#saidMs = Number.NEGATIVE_INFINITY;
  }
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
