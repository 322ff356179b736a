// Tables whose records have an index: ports, domains, remotes and hops.
import { index } from "../field.ts";
import { Status } from "../layout.ts";
import type { RecordLayout } from "../record.ts";
import { accept } from "../status.ts";
import type { Room } from "./room.ts";

/** The functions of one such table. */
export interface IndexedCalls {
  readonly set: (node: number, rec: number) => number;
  readonly get: (node: number, rec: number) => number;
  readonly remove: (node: number, index: number) => number;
  readonly next: (node: number, after: number, rec: number) => number;
}

interface IndexedInit {
  readonly index?: number | null;
}

interface Indexed {
  readonly index: number;
}

export class IndexedTable<Init extends IndexedInit, Full extends Indexed>
  implements Iterable<Full>
{
  protected readonly room: Room;
  protected readonly layout: RecordLayout<Init, Full>;
  readonly #key: RecordLayout<Indexed, Indexed>;
  readonly #calls: IndexedCalls;

  constructor(room: Room, layout: RecordLayout<Init, Full>, calls: IndexedCalls) {
    this.room = room;
    this.layout = layout;
    this.#key = layout.key("index");
    this.#calls = calls;
  }

  /** Makes or replaces a record. Returns its index. Throws HeddleError, and changed nothing. */
  set(record: Init): number {
    this.room.bytes.set(this.layout.encodeOne(record), this.room.records);
    const answer = this.#calls.set(this.room.address, this.room.records);
    accept(answer, record, `${this.layout.name}: a record that the table takes`);
    return record.index ?? answer;
  }

  get(at: number): Full | undefined {
    this.room.bytes.set(this.#key.encodeOne({ index: at }), this.room.records);
    return this.found(this.#calls.get(this.room.address, this.room.records), at);
  }

  /** Returns false when it was not there. Throws `Busy` while something else names it. */
  remove(at: number): boolean {
    index.parse(at, `${this.layout.name}.index`);
    return this.removed(this.#calls.remove(this.room.address, at), at);
  }

  /** By index. What is set or removed on the way is seen or not, as it lies ahead or behind. */
  *[Symbol.iterator](): Iterator<Full> {
    const { address, records, view } = this.room;
    for (let after = -1; ; ) {
      const status = this.#calls.next(address, after, records);
      if (status === Status.NotFound) return;
      accept(status, after, `${this.layout.name}: an index`);
      const full = this.layout.read(view, records);
      after = full.index;
      yield full;
    }
  }

  /** The record that the core has just filled in, if it did. */
  protected found(status: number, key: unknown): Full | undefined {
    if (status === Status.NotFound) return undefined;
    accept(status, key, `${this.layout.name}: a key`);
    return this.layout.read(this.room.view, this.room.records);
  }

  protected removed(status: number, at: number): boolean {
    if (status === Status.NotFound) return false;
    accept(status, at, `${this.layout.name}: an index that nothing else names`);
    return true;
  }
}
