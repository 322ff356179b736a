import type { Span } from "../trace/trace.ts";

const LEN_FIRST = 1 << 16;

/** All bytes of a trace, behind one another. What was put in twice lies there once. */
export class Arena {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(LEN_FIRST);
  #len = 0;
  readonly #spans = new WeakMap<Uint8Array, Span>();

  /** Requires: nobody changes `bytes` any more. */
  put(bytes: Uint8Array): Span {
    const known = this.#spans.get(bytes);
    if (known !== undefined) return known;
    const span = { offset: this.#len, len: bytes.length };
    this.#len += bytes.length;
    while (this.#len > this.#bytes.length) {
      const longer = new Uint8Array(this.#bytes.length * 2);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    this.#bytes.set(bytes, span.offset);
    this.#spans.set(bytes, span);
    return span;
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#len);
  }
}
