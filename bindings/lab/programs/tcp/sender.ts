// The half of a connection that sends: what is under way, and what has to be said again. Places in
// the stream are counted from the SYN, which is at zero; the FIN is behind the last byte.

/** A piece of the stream. */
export interface Piece {
  readonly at: number;
  readonly data: Uint8Array;
  readonly isSyn: boolean;
  readonly isFin: boolean;
  /** There is no more to say for now. */
  readonly isLast: boolean;
}

const SEGMENTS_MAX = 10; // under way at once (RFC 6928)
const EMPTY = new Uint8Array();

export class Sender {
  #data: Uint8Array = EMPTY;
  #isClosed = false;
  #acked = 0;
  #next = 0;

  /** Where the next new piece begins. */
  get next(): number {
    return this.#next;
  }

  get isIdle(): boolean {
    return this.#acked === this.#next;
  }

  /** Everything has arrived, the FIN as well. */
  get isDone(): boolean {
    return this.#isClosed && this.#acked === this.#end;
  }

  get isOpen(): boolean {
    return this.#acked > 0;
  }

  get #end(): number {
    return 1 + this.#data.length + Number(this.#isClosed);
  }

  write(data: Uint8Array): void {
    const all = new Uint8Array(this.#data.length + data.length);
    all.set(this.#data);
    all.set(data, this.#data.length);
    this.#data = all;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** True if something new was acknowledged; false for what was never sent, too. */
  acknowledge(upTo: number): boolean {
    if (upTo <= this.#acked || upTo > this.#next) return false;
    this.#acked = upTo;
    return true;
  }

  /** The pieces that may go now, none longer than `len`, and only the SYN before it is heard. */
  *fresh(len: number): Generator<Piece> {
    const most = this.isOpen ? this.#acked + SEGMENTS_MAX * len : 1;
    while (this.#next < Math.min(this.#end, most)) {
      const piece = this.#pieceAt(this.#next, len);
      this.#next += lengthOf(piece);
      yield piece;
    }
  }

  /** The first piece that nobody has acknowledged. */
  again(len: number): Piece {
    return this.#pieceAt(this.#acked, len);
  }

  #pieceAt(at: number, len: number): Piece {
    if (at === 0) return { at, data: EMPTY, isSyn: true, isFin: false, isLast: false };
    const end = at - 1 + len;
    const data = this.#data.subarray(at - 1, end);
    const isLast = data.length > 0 && end >= this.#data.length;
    return { at, data, isSyn: false, isFin: data.length === 0, isLast };
  }
}

function lengthOf({ data, isSyn, isFin }: Piece): number {
  return data.length + Number(isSyn) + Number(isFin);
}
