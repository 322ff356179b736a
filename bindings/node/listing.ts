// Tables told to the main thread, so many records a message that packets do not wait for long.
import { HeddleError, type HeddleNode, type TableName } from "../core/index.ts";

const RECORDS_MAX = 256; // a message
const LISTINGS_MAX = 64; // begun and not heard to the end; the oldest goes

const TABLES: ReadonlySet<string> = new Set<TableName>([
  "ports",
  "domains",
  "remotes",
  "fdb",
  "flood",
  "hops",
  "routes",
  "neighbors",
]);

export class Listings {
  readonly #node: HeddleNode;
  readonly #begun = new Map<number, Iterator<object>>();

  constructor(node: HeddleNode) {
    this.#node = node;
  }

  /** The next records of listing `listing`, which the first call begins; none at its end. */
  next(table: TableName, listing: number): object[] {
    const records = this.#begun.get(listing) ?? this.#begin(table, listing);
    const page: object[] = [];
    while (page.length < RECORDS_MAX) {
      const { done, value } = records.next();
      if (done) break;
      page.push(value);
    }
    if (page.length === 0) this.#begun.delete(listing);
    return page;
  }

  #begin(table: TableName, listing: number): Iterator<object> {
    if (!TABLES.has(table)) throw new HeddleError("BadValue", table, "the name of a table");
    const records: Iterator<object> = this.#node[table][Symbol.iterator]();
    this.#begun.set(listing, records);
    const [oldest] = this.#begun.keys();
    if (this.#begun.size > LISTINGS_MAX && oldest !== undefined) this.#begun.delete(oldest);
    return records;
  }
}
