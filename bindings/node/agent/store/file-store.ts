// A store in a file, for the processes of one machine.
//
// Leases run out by the wall's time, since processes share no other one over a restart of the
// machine. When somebody sets the clock forward, leases run out early, by as much; when it is set
// back they last longer. Whoever holds a lease notices the former as the loss of it.
//
// Calls that wait for each other share one turn at the file, and one fsync.
import { mkdirSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { Bell } from "../../../agent/bell.ts";
import type { Clock } from "../../../agent/clock.ts";
import type { Ledger } from "../../../agent/ledger.ts";
import { LedgerStore } from "../../../agent/ledger-store.ts";
import { StoreError } from "../../../agent/store.ts";
import { systemClock } from "../clock.ts";
import { LedgerFile, type LedgerFileOptions } from "./file/ledger-file.ts";
import { Notice } from "./file/notice.ts";

export interface FileStoreOptions extends LedgerFileOptions {
  /** The machine's own where left out. */
  readonly clock?: Clock | undefined;
  /** How long a call waits for other processes. */
  readonly timeoutMs?: number | undefined;
}

/** A call that waits for its turn. */
interface Call {
  /** When it has waited too long, by the steady clock. */
  readonly lateMs: number;
  /** Does it, and keeps what came of it. */
  run(ledger: Ledger, nowMs: number): void;
  /** Tells who called. */
  settle(): void;
  fail(error: unknown): void;
}

const TIMEOUT_MS = 5000;
/** While another process has the lock. */
const PAUSE_MS = 1;
/** Who has written lets others look in so often: without it a busy process would lock them out. */
const GAP_MS = 4;
/** Between two looks at the file, should nobody tell of a change. */
const POLL_MS = 1000;
const RETRY_MS = 100;
const FOLDER_MODE = 0o755;

/** A store in a file, for the processes of one machine. */
export class FileStore extends LedgerStore {
  readonly #file: LedgerFile;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #path: string;
  readonly #bell: Bell;
  readonly #notice: Notice;
  #waiting: Call[] = [];
  /** When this process last wrote, by the steady clock. */
  #wroteMs = Number.NEGATIVE_INFINITY;
  #isBusy = false;
  #isClosed = false;

  private constructor({ clock = systemClock, timeoutMs, ...options }: FileStoreOptions) {
    super();
    this.#file = new LedgerFile(options);
    this.#path = options.path;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs ?? TIMEOUT_MS;
    this.#bell = new Bell(clock);
    this.#notice = new Notice(options.path, () => this.#bell.ring());
  }

  /** Opens the file, mode 0600, or makes it. Throws StoreError `Denied` and `Corrupt`. */
  static async open(options: FileStoreOptions): Promise<FileStore> {
    const store = new FileStore({ ...options, path: placeOf(options.path) });
    try {
      await store.get("/");
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#failAll(closed());
    this.#notice.close();
    this.#bell.ring();
    this.#file.close();
  }

  protected override transact<T>(act: (ledger: Ledger, nowMs: number) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let settle = (): void => {};
      const run = (ledger: Ledger, nowMs: number): void => {
        try {
          const value = act(ledger, nowMs);
          settle = () => resolve(value);
        } catch (error) {
          settle = () => reject(error);
        }
      };
      const lateMs = this.#clock.nowMs() + this.#timeoutMs;
      this.#waiting.push({ lateMs, run, settle: () => settle(), fail: reject });
      if (!this.#isBusy) void this.#work();
    });
  }

  protected override async news(revision: bigint, signal: AbortSignal): Promise<void> {
    this.#notice.listen();
    while (!this.#isClosed && !signal.aborted) {
      // Of a new file it may be less.
      if (this.#file.ledger.revision !== revision || this.#file.isBehind) return;
      const leaseMs = this.#leaseMs;
      // A lease that is over and still there could not be ended: the disk may be full.
      const napMs = leaseMs > 0 ? Math.min(leaseMs, POLL_MS) : RETRY_MS;
      const untilMs = this.#clock.nowMs() + napMs;
      await this.#bell.wait(signal, untilMs);
      // What was tried in vain rings, too.
      if (this.#leaseMs <= 0 && this.#clock.nowMs() >= untilMs) return;
    }
  }

  get #leaseMs(): number {
    return this.#file.ledger.nextEndMs - this.#clock.wallMs();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    await null; // others of the same moment come along
    while (this.#waiting.length > 0) {
      const gapMs = this.#wroteMs + GAP_MS - this.#clock.nowMs();
      if (gapMs > 0) await this.#clock.sleep(gapMs);
      if (this.#turn()) continue;
      this.#failLate();
      await this.#clock.sleep(PAUSE_MS);
    }
    this.#isBusy = false;
  }

  #failLate(): void {
    const nowMs = this.#clock.nowMs();
    const late = this.#waiting.filter(({ lateMs }) => lateMs <= nowMs);
    this.#waiting = this.#waiting.filter(({ lateMs }) => lateMs > nowMs);
    const message = `store ${this.#path}: another process holds its lock`;
    for (const call of late) call.fail(new StoreError("Unavailable", message));
  }

  #failAll(error: unknown): void {
    for (const call of this.#waiting.splice(0)) call.fail(error);
  }

  // Does all that waits; false when it is another's turn.
  #turn(): boolean {
    if (this.#isClosed) {
      this.#failAll(closed());
      return true;
    }
    const nowMs = this.#clock.wallMs();
    const calls = [...this.#waiting];
    const { revision } = this.#file.ledger;
    try {
      const done = this.#file.transact(nowMs, (ledger) => {
        for (const call of calls) call.run(ledger, nowMs);
      });
      if (done === null) return false;
    } catch (error) {
      this.#failAll(error);
      return true;
    }
    this.#waiting.splice(0, calls.length);
    for (const call of calls) call.settle();
    if (this.#file.ledger.revision !== revision) this.#bell.ring();
    if (this.#file.hasWritten) this.#wroteMs = this.#clock.nowMs();
    return true;
  }
}

function closed(): StoreError {
  return new StoreError("Closed", "the store is closed");
}

/** Where the file lies, its folder made; a link stays a link. */
function placeOf(path: string): string {
  const place = resolve(path);
  try {
    mkdirSync(dirname(place), { recursive: true, mode: FOLDER_MODE });
    return realpathSync(place);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return join(realpathSync(dirname(place)), basename(place));
    throw new StoreError(code === "EACCES" ? "Denied" : "Unavailable", message, { cause: error });
  }
}
