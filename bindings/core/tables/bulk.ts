// Tables that take many records in one call: FDB, flood list, routes and neighbors.
//
// Every record is checked before the core sees any: a value that cannot be throws, and nothing has
// changed. Then each is applied for itself, in order. What the core refuses of them does not hold
// up the others: the HeddleError that follows names each refused record and why, and whatever it
// does not name was applied.
import { Status } from "../layout.ts";
import type { RecordLayout } from "../record.ts";
import { accept, type Failure, HeddleError, statusName } from "../status.ts";
import type { Room } from "./room.ts";

export type OneOrMany<T> = T | readonly T[];

/** What one bulk call does with `count` records at `ptr`. */
type Call = (ptr: number, count: number) => number;

const NOW_MS_MAX = 2 ** 52;

export abstract class BulkTable<Init extends object, Full extends object, Key extends object>
  implements Iterable<Full>
{
  protected readonly room: Room;
  protected readonly layout: RecordLayout<Init, Full>;
  protected readonly key: RecordLayout<Key, Key>;
  readonly #statusAt: number;

  constructor(
    room: Room,
    layout: RecordLayout<Init, Full>,
    key: RecordLayout<Key, Key>,
    statusAt: number,
  ) {
    this.room = room;
    this.layout = layout;
    this.key = key;
    this.#statusAt = statusAt;
  }

  abstract [Symbol.iterator](): Iterator<Full>;

  protected setAll(records: OneOrMany<Init>, call: Call): void {
    const list = listOf(records);
    this.#refuse(this.#pass(list, this.layout, call), "records that the table takes");
  }

  /** Returns how many were there. */
  protected removeAll(keys: OneOrMany<Key>, call: Call): number {
    const list = listOf(keys);
    const failures = this.#pass(list, this.key, call);
    const others = failures.filter(({ code }) => code !== "NotFound");
    this.#refuse(others, "keys of records that nothing else names");
    return list.length - failures.length;
  }

  /** Puts the key where `call` reads it, and returns the record that it fills in, if it does. */
  protected getOne(key: Key, call: (ptr: number) => number): Full | undefined {
    const { bytes, records, view } = this.room;
    bytes.set(this.key.encodeOne(key), records);
    const status = call(records);
    if (status === Status.NotFound) return undefined;
    accept(status, key, `${this.layout.name}: a key`);
    return this.layout.read(view, records);
  }

  /** In no order. What changes on the way is seen or not; the rest is seen once. */
  protected *walk(next: (cursor: number, ptr: number) => number): Generator<Full> {
    const { records, view } = this.room;
    for (let cursor = 0; ; ) {
      cursor = accept(next(cursor, records), cursor, `${this.layout.name}: a cursor`);
      if (cursor === 0) return;
      yield this.layout.read(view, records);
    }
  }

  #pass<T extends object>(
    list: readonly T[],
    layout: RecordLayout<T, object>,
    call: Call,
  ): Failure[] {
    const [only] = list;
    const isOne = only !== undefined && list.length === 1;
    const encoded = isOne ? layout.encodeOne(only) : layout.encode(list);
    const { bytes, records, recordsLen } = this.room;
    const most = Math.floor(recordsLen / layout.len);
    const failures: Failure[] = [];
    for (let first = 0; first < list.length; first += most) {
      const count = Math.min(most, list.length - first);
      bytes.set(encoded.subarray(first * layout.len, (first + count) * layout.len), records);
      const applied = accept(call(records, count), list, `${layout.name}: records`);
      if (applied < count) failures.push(...this.#failuresOf(list, first, count));
    }
    return failures;
  }

  #failuresOf(list: readonly object[], first: number, count: number): Failure[] {
    const { records, view } = this.room;
    const failures: Failure[] = [];
    for (let at = 0; at < count; at++) {
      const status = view.getInt16(records + at * this.layout.len + this.#statusAt, true);
      if (status >= 0) continue;
      failures.push({ index: first + at, code: statusName(status), record: list[first + at] });
    }
    return failures;
  }

  #refuse(failures: readonly Failure[], expected: string): void {
    const [worst] = failures;
    if (worst === undefined) return;
    throw new HeddleError(worst.code, worst.record, `${this.layout.name}: ${expected}`, failures);
  }
}

/** Throws HeddleError unless `nowMs` is a time that the core can keep. */
export function checkTime(nowMs: number): number {
  if (typeof nowMs === "number" && nowMs >= 0 && nowMs < NOW_MS_MAX) return nowMs;
  throw new HeddleError("BadValue", nowMs, `nowMs: milliseconds from 0, below ${NOW_MS_MAX}`);
}

function listOf<T>(records: OneOrMany<T>): readonly T[] {
  return Array.isArray(records) ? records : [records as T];
}
