// One process at a time: an advisory lock on a file, which the kernel ends with its holder, however
// that dies.
import { closeSync, fstatSync, openSync, statSync, unlinkSync } from "node:fs";
import { EAGAIN, EINTR, errno, LOCK_EX, LOCK_NB, libc, must } from "../libc.ts";

const TRIES_MAX = 10;
const MODE = 0o600;

export interface Lock {
  /** Lets go; the file goes too when nothing is to be left. */
  release(options?: { removes: boolean }): void;
}

/** Takes the lock, or gives null where another process holds it. */
export function takeLock(path: string): Lock | null {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const fd = openSync(path, "a", MODE);
    if (!holds(fd)) {
      closeSync(fd);
      return null;
    }
    // Whoever held it before may have removed the file: then this is a lock on nothing.
    if (isStill(fd, path)) return { release: (options) => release(fd, path, options) };
    closeSync(fd);
  }
  return null;
}

function holds(fd: number): boolean {
  for (;;) {
    const result = libc.flock(fd, LOCK_EX | LOCK_NB);
    if (result === 0) return true;
    if (errno() === EAGAIN) return false;
    if (errno() !== EINTR) must(result, "flock");
  }
}

function isStill(fd: number, path: string): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  return there !== undefined && there.ino === fstatSync(fd).ino;
}

function release(fd: number, path: string, { removes } = { removes: false }): void {
  if (removes) unlinkSync(path);
  closeSync(fd);
}
