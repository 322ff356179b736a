// Text on its way out: many small pieces in few writes, and no faster than the reader takes them.
import { once } from "node:events";
import type { Writable } from "node:stream";

const BATCH_LEN = 1 << 16;

export class Output {
  readonly #to: Writable;
  readonly #signal: AbortSignal;
  #pieces: string[] = [];
  #len = 0;

  constructor(to: Writable, signal: AbortSignal) {
    this.#to = to;
    this.#signal = signal;
  }

  /** Throws once the signal has been given, also while the reader lets it wait. */
  async write(piece: string): Promise<void> {
    this.#pieces.push(piece);
    this.#len += piece.length;
    if (this.#len >= BATCH_LEN) await this.flush();
  }

  async flush(): Promise<void> {
    this.#signal.throwIfAborted();
    const text = this.#pieces.join("");
    this.#pieces = [];
    this.#len = 0;
    if (this.#to.write(text)) return;
    await once(this.#to, "drain", { signal: this.#signal });
  }
}
