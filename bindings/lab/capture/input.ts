// The bytes of a capture as they arrive. A parser is a generator that says `undefined` when it
// waits for more, so that one parser serves sources that answer at once and sources that do not.
// What is held grows with the bytes that came, never with a length that somebody claims.
import { CaptureError } from "./error.ts";

/** Something that may have to wait for bytes before it gives T. */
export type Waiting<T> = Generator<undefined, T>;

export class Input {
  #bytes: Uint8Array = new Uint8Array();
  #from = 0;
  #to = 0;
  /** Whether the buffer is ours to write to, and nobody else's. */
  #isOwn = true;
  #at = 0;
  #isEnded = false;

  /** The offset of the next byte in the whole capture. */
  get at(): number {
    return this.#at;
  }

  /** How many bytes are here and have not been taken. */
  get #len(): number {
    return this.#to - this.#from;
  }

  append(chunk: Uint8Array): void {
    if (this.#len === 0) {
      // Node's Buffer means something else by slice().
      const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
      this.#hold(bytes, chunk.length, false);
      return;
    }
    this.#makeRoom(chunk.length);
    this.#bytes.set(chunk, this.#to);
    this.#to += chunk.length;
  }

  /** Nothing follows. */
  end(): void {
    this.#isEnded = true;
  }

  *hasMore(): Waiting<boolean> {
    while (this.#len === 0 && !this.#isEnded) yield undefined;
    return this.#len > 0;
  }

  /** The next `len` bytes, which stay; good until the next call. Throws CaptureError. */
  *peek(len: number, what: string): Waiting<Uint8Array> {
    while (this.#len < len) yield* this.#wait(len, what);
    return this.#bytes.subarray(this.#from, this.#from + len);
  }

  /** The next `len` bytes, which go; good until the next call. Throws CaptureError. */
  *take(len: number, what: string): Waiting<Uint8Array> {
    const bytes = yield* this.peek(len, what);
    this.#drop(len);
    return bytes;
  }

  /** Passes over `len` bytes without holding them. Throws CaptureError. */
  *skip(len: number, what: string): Waiting<void> {
    let left = len;
    while (this.#len < left) {
      left -= this.#len;
      this.#drop(this.#len);
      yield* this.#wait(left, what);
    }
    this.#drop(left);
  }

  *#wait(len: number, what: string): Waiting<void> {
    if (this.#isEnded) {
      const found = this.#len === 0 ? "the end" : `the end after ${this.#len} bytes`;
      throw new CaptureError(this.#at, found, `${what}, ${len} bytes`);
    }
    // A source may fill its own buffer anew as soon as it is asked for more.
    if (!this.#isOwn) this.#hold(this.#bytes.slice(this.#from, this.#to), this.#len, true);
    yield undefined;
  }

  #drop(len: number): void {
    this.#at += len;
    this.#from += len;
  }

  #makeRoom(len: number): void {
    const needed = this.#len + len;
    if (this.#isOwn && len <= this.#bytes.length - this.#to) return;
    const isEnough = this.#isOwn && needed <= this.#bytes.length;
    const bytes = isEnough ? this.#bytes : new Uint8Array(2 * needed);
    bytes.set(this.#bytes.subarray(this.#from, this.#to));
    this.#hold(bytes, this.#len, true);
  }

  #hold(bytes: Uint8Array, len: number, isOwn: boolean): void {
    this.#bytes = bytes;
    this.#from = 0;
    this.#to = len;
    this.#isOwn = isOwn;
  }
}
