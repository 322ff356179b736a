// A chance that costs little to try and saves more when it comes off: it is tried as long as that
// pays, and left alone longer and longer while it does not.

const SKIPPED_MAX = 64;

export class Chance {
  #skipped = 0; // times that are let pass after the last try failed
  #left = 0; // of these

  /** Whether to try this time; then `cameOff` has to be told. */
  isDue(): boolean {
    if (this.#left === 0) return true;
    this.#left -= 1;
    return false;
  }

  /** What came of a try: the next one is due at once, or after twice as long as the last time. */
  cameOff(hasPaid: boolean): void {
    this.#skipped = hasPaid ? 0 : Math.min(2 * this.#skipped || 1, SKIPPED_MAX);
    this.#left = this.#skipped;
  }
}
