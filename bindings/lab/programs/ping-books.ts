// The books that a ping keeps.

/** Times are whole microseconds, as the pings count them. */
export class PingBooks {
  sent = 0;
  received = 0;
  repeats = 0;
  errors = 0;
  /** The most requests that were under way at once, as iputils counts them. */
  pipe = 0;
  firstNs = 0;
  lastNs = 0;
  readonly rttsUs: number[] = [];

  /** The `index`th request, from zero, has been answered or complained about. */
  acknowledge(index: number): void {
    this.pipe = Math.max(this.pipe, this.sent - index);
  }

  get minUs(): number {
    return Math.min(...this.rttsUs);
  }

  get maxUs(): number {
    return Math.max(...this.rttsUs);
  }

  get averageUs(): number {
    return Math.floor(this.#sum / this.rttsUs.length);
  }

  /** The mean deviation: the root of the variance, in whole microseconds. */
  get deviationUs(): number {
    const count = this.rttsUs.length;
    const squares = this.rttsUs.reduce((sum, rtt) => sum + rtt * rtt, 0);
    const variance = Math.floor((squares - Math.floor((this.#sum * this.#sum) / count)) / count);
    return Math.floor(Math.sqrt(variance));
  }

  get #sum(): number {
    return this.rttsUs.reduce((sum, rtt) => sum + rtt, 0);
  }
}

/** 291 as "0.291". */
export function printMs(us: number): string {
  return `${Math.floor(us / 1000)}.${String(us % 1000).padStart(3, "0")}`;
}
