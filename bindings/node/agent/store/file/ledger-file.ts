// A ledger in a file that several processes share. Why a journal, and not a snapshot that is made
// anew each time: an append is one write and one fsync, whatever the size of the store; it needs no
// room for a copy, so that a full disk spoils nothing; a death in the middle leaves a prefix, which
// is seen, and cut off by the next writer; and what was appended is what watches of other processes
// read. Once it is long, a new file begins with the ledger as it is.
import { Ledger } from "../../../../agent/ledger.ts";
import type { LedgerChange, LedgerState } from "../../../../agent/ledger-change.ts";
import { StoreError } from "../../../../agent/store.ts";
import { parseEntry, printEntry } from "./change.ts";
import { Journal } from "./journal.ts";
import {
  BrokenLine,
  FIRST_LINE,
  hasFirstLine,
  type JournalLine,
  printLine,
  readLines,
} from "./line.ts";

export interface LedgerFileOptions {
  readonly path: string;
  /** Revisions that a watch can go back. */
  readonly historyMax?: number | undefined;
  /** Bytes that the file may grow by before it begins anew. */
  readonly growthLenMax?: number | undefined;
}

const HISTORY_MAX = 4096;
const GROWTH_LEN_MAX = 1 << 20;

export class LedgerFile {
  readonly #journal: Journal;
  readonly #historyMax: number;
  readonly #growthLenMax: number;
  #ledger: Ledger;
  /** What of the file is in the ledger; 0: nothing, not even the first line. */
  #end = 0;
  /** What of the file was looked at: behind `#end` lies what was not written in full. */
  #seenEnd = 0;
  /** What the file was when it last began. */
  #baseLen = 0;
  #hasWritten = false;
  #onChange: (change: LedgerChange) => void = () => {};

  constructor({ path, historyMax, growthLenMax }: LedgerFileOptions) {
    this.#journal = new Journal(path);
    this.#historyMax = historyMax ?? HISTORY_MAX;
    this.#growthLenMax = growthLenMax ?? GROWTH_LEN_MAX;
    this.#ledger = this.#newLedger();
  }

  /** As it was when this was last here. */
  get ledger(): Ledger {
    return this.#ledger;
  }

  /** Whether the last turn was one that wrote. */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  /** Whether there is something that was not looked at. */
  get isBehind(): boolean {
    return this.#journal.isPast(this.#seenEnd);
  }

  /**
   * Lets `work` see and change the ledger, after all that others wrote. What it changed lies on the
   * disk when this returns. Where that is not possible `work` is called again, and each change of
   * its second turn throws. Null: another process holds the lock.
   */
  transact<T>(nowMs: number, work: (ledger: Ledger) => T): { readonly value: T } | null {
    const found = this.#journal.lock();
    if (found === "busy") return null;
    try {
      if (found === "other" || this.#journal.len < this.#end) this.#forget();
      this.#catchUp();
      return { value: this.#perform(nowMs, work) };
    } finally {
      this.#journal.unlock();
    }
  }

  close(): void {
    this.#journal.close();
  }

  #perform<T>(nowMs: number, work: (ledger: Ledger) => T): T {
    const changes: LedgerChange[] = [];
    this.#hasWritten = false;
    this.#onChange = (change) => void changes.push(change);
    try {
      this.#ledger.expire(nowMs);
      const value = work(this.#ledger);
      if (changes.length > 0) this.#append(changes);
      return value;
    } catch (error) {
      this.#forget(); // the ledger may be ahead of the file
      if (!(error instanceof UnwrittenError)) throw error;
      this.#catchUp();
      this.#onChange = () => {
        throw error.cause;
      };
      return work(this.#ledger);
    }
  }

  #append(changes: readonly LedgerChange[]): void {
    const line = printLine(printEntry({ kind: "changes", changes }));
    const text = this.#end === 0 ? FIRST_LINE + line : line;
    try {
      this.#journal.write(this.#end, text);
    } catch (error) {
      throw new UnwrittenError("not written", { cause: error });
    }
    this.#end += Buffer.byteLength(text);
    this.#seenEnd = this.#end;
    this.#hasWritten = true;
    if (this.#end - this.#baseLen > Math.max(this.#growthLenMax, this.#baseLen)) this.#beginAnew();
  }

  // What cannot be done now may be done later: the old file is as good.
  #beginAnew(): void {
    const line = printLine(printEntry({ kind: "base", state: this.#ledger.state }));
    const text = FIRST_LINE + line;
    try {
      this.#journal.replace(text);
      this.#end = Buffer.byteLength(text);
      this.#seenEnd = this.#end;
    } catch {
      this.#journal.close();
    }
    this.#baseLen = this.#end;
  }

  #catchUp(): void {
    const bytes = this.#journal.read(this.#end);
    this.#seenEnd = this.#end + bytes.length;
    try {
      if (this.#end > 0) this.#takeAll(bytes);
      else if (hasFirstLine(bytes)) {
        this.#end = FIRST_LINE.length;
        this.#takeAll(bytes.subarray(FIRST_LINE.length));
      }
    } catch (error) {
      if (!(error instanceof BrokenLine)) throw error;
      const place = `store ${this.#journal.path}, byte ${error.at}`;
      throw new StoreError("Corrupt", `${place}: ${error.message}`, { cause: error });
    }
  }

  #takeAll(bytes: Buffer): void {
    for (const line of readLines(bytes, this.#end)) {
      this.#take(line);
      this.#end = line.end;
    }
  }

  #take({ json, at, end }: JournalLine): void {
    const entry = parseEntry(json);
    if (entry === null) throw new BrokenLine(at, "no entry of a store");
    if (entry.kind === "base") {
      if (at !== FIRST_LINE.length) throw new BrokenLine(at, "a second beginning");
      this.#ledger = this.#newLedger(entry.state);
      this.#baseLen = end;
      return;
    }
    try {
      for (const change of entry.changes) this.#ledger.apply(change);
    } catch (error) {
      throw new BrokenLine(at, (error as Error).message);
    }
  }

  #forget(): void {
    this.#ledger = this.#newLedger();
    this.#end = 0;
    this.#baseLen = 0;
  }

  #newLedger(state?: LedgerState): Ledger {
    const onChange = (change: LedgerChange): void => this.#onChange(change);
    const options = { historyMax: this.#historyMax, onChange };
    return state === undefined ? new Ledger(options) : Ledger.from(state, options);
  }
}

/** What was to be written is not in the file. */
class UnwrittenError extends Error {}
