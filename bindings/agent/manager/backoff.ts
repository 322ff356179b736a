// How long to wait before the next try: flannel's 100 ms, doubled up to 5 s.
const FIRST_MS = 100;
const LAST_MS = 5000;

export class Backoff {
  #nextMs = FIRST_MS;

  next(): number {
    const ms = this.#nextMs;
    this.#nextMs = Math.min(ms * 2, LAST_MS);
    return ms;
  }

  /** After a success. */
  reset(): void {
    this.#nextMs = FIRST_MS;
  }
}
