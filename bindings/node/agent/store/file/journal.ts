// The file of a store, as bytes: found, locked, read, appended to, and replaced.
//
// The lock is flock's, on the file itself: the kernel ends it with its holder, however that dies.
// Who gets it looks whether the path still leads to the file that is locked, which after a
// replacement it does not. All is read and written under the lock, so that nobody sees what may be
// taken back.
import fs, { constants } from "node:fs";
import { dirname } from "node:path";
import { StoreError, type StoreErrorCode } from "../../../../agent/store.ts";
import { EAGAIN, EINTR, errno, LOCK_EX, LOCK_NB, LOCK_UN, libc, must } from "../../../libc.ts";

const MODE = 0o600;
const MODE_MASK = 0o7777;
const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
/** A file may be replaced while somebody waits for its lock, but not again and again. */
const TRIES_MAX = 100;

const CODES: Readonly<Record<string, StoreErrorCode>> = {
  EACCES: "Denied",
  EPERM: "Denied",
  EROFS: "Denied",
  EISDIR: "Corrupt",
  ELOOP: "Corrupt",
};

/** The file, between `lock` and `unlock`. */
export class Journal {
  readonly path: string;
  #fd = -1;
  /** Whether the lock of this very file was held before. */
  #isSeen = false;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Takes the lock. "busy": another has it. "other": what was read before is of another file, and
   * "same": it is of this one.
   */
  lock(): "busy" | "same" | "other" {
    return this.#try(() => {
      for (let tries = 0; tries < TRIES_MAX; tries++) {
        if (this.#fd < 0) this.#fd = fs.openSync(this.path, FLAGS, MODE);
        if (!this.#flock()) return "busy";
        if (this.#isCurrent()) return this.#seen();
        this.close();
      }
      return "busy";
    });
  }

  unlock(): void {
    if (this.#fd >= 0) libc.flock(this.#fd, LOCK_UN);
  }

  get len(): number {
    return this.#try(() => fs.fstatSync(this.#fd).size);
  }

  /** Whether somebody has written, or replaced the file, since its end was at `end`. */
  isPast(end: number): boolean {
    try {
      const there = fs.statSync(this.path);
      return there.size !== end || there.ino !== fs.fstatSync(this.#fd).ino;
    } catch {
      return true; // who looks closer gets to know
    }
  }

  /** The bytes from `at` to the end. */
  read(at: number): Buffer {
    return this.#try(() => {
      const bytes = Buffer.alloc(Math.max(0, fs.fstatSync(this.#fd).size - at));
      for (let got = 0; got < bytes.length; ) {
        const count = fs.readSync(this.#fd, bytes, got, bytes.length - got, at + got);
        if (count === 0) return bytes.subarray(0, got);
        got += count;
      }
      return bytes;
    });
  }

  /** Makes `text` all that is behind `at`, for good; or throws, and nothing is there. */
  write(at: number, text: string): void {
    this.#try(() => {
      try {
        if (this.len > at) fs.ftruncateSync(this.#fd, at);
        writeAll(this.#fd, text, at);
        fs.fdatasyncSync(this.#fd);
        if (at === 0) syncFolder(this.path);
      } catch (error) {
        fs.ftruncateSync(this.#fd, at);
        throw error;
      }
    });
  }

  /** Puts a file that holds `text` in the place of this one; holds the lock of that one then. */
  replace(text: string): void {
    this.#try(() => {
      const path = `${this.path}.new`;
      const fd = fs.openSync(path, FLAGS | constants.O_TRUNC, MODE);
      try {
        const { mode, uid, gid } = fs.fstatSync(this.#fd);
        fs.fchownSync(fd, uid, gid);
        fs.fchmodSync(fd, mode & MODE_MASK);
        writeAll(fd, text, 0);
        fs.fsyncSync(fd);
        must(libc.flock(fd, LOCK_EX | LOCK_NB), "flock");
        fs.renameSync(path, this.path);
      } catch (error) {
        fs.closeSync(fd);
        fs.rmSync(path, { force: true });
        throw error;
      }
      this.close();
      this.#fd = fd;
      this.#isSeen = true;
      syncFolder(this.path);
    });
  }

  /** Lets go of the file, and of its lock. */
  close(): void {
    if (this.#fd >= 0) fs.closeSync(this.#fd);
    this.#fd = -1;
    this.#isSeen = false;
  }

  #seen(): "same" | "other" {
    const found = this.#isSeen ? "same" : "other";
    this.#isSeen = true;
    return found;
  }

  #flock(): boolean {
    for (;;) {
      if (libc.flock(this.#fd, LOCK_EX | LOCK_NB) === 0) return true;
      if (errno() === EAGAIN) return false;
      if (errno() !== EINTR) must(-1, "flock");
    }
  }

  #isCurrent(): boolean {
    const there = fs.statSync(this.path, { throwIfNoEntry: false });
    const own = fs.fstatSync(this.#fd);
    if (!own.isFile()) throw new StoreError("Corrupt", `${this.path} is no file`);
    return there !== undefined && there.ino === own.ino && there.dev === own.dev;
  }

  #try<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (error instanceof StoreError) throw error;
      const { code = "", message } = error as NodeJS.ErrnoException;
      const what = CODES[code] ?? "Unavailable";
      throw new StoreError(what, `store ${this.path}: ${message}`, { cause: error });
    }
  }
}

function writeAll(fd: number, text: string, at: number): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    done += fs.writeSync(fd, bytes, done, bytes.length - done, at + done);
  }
}

// A name lasts when its folder does.
function syncFolder(path: string): void {
  const fd = fs.openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
