// The machine's clocks.
import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Clock, Dice } from "../../agent/clock.ts";
import { libc, must } from "../libc.ts";

const CLOCK_BOOTTIME = 7; // goes on while the machine sleeps, as leases do
const TIMESPEC_LEN = 16;
const MS_PER_S = 1000;
const NS_PER_MS = 1_000_000;
/** Timers stand still while the machine sleeps: so long a sleep lasts too long at most. */
const SLICE_MS = 10_000;

const timespec = new Uint8Array(TIMESPEC_LEN);
const words = new DataView(timespec.buffer);

export const systemClock: Clock = { wallMs: () => Date.now(), nowMs, sleep };

export const systemDice: Dice = () => randomBytes(4).readUInt32LE();

function nowMs(): number {
  must(libc.clock_gettime(CLOCK_BOOTTIME, timespec), "clock_gettime");
  const seconds = Number(words.getBigInt64(0, true));
  return seconds * MS_PER_S + Math.floor(Number(words.getBigInt64(8, true)) / NS_PER_MS);
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  const endMs = nowMs() + ms;
  for (let leftMs = ms; leftMs > 0; leftMs = endMs - nowMs()) {
    try {
      await wait(Math.min(leftMs, SLICE_MS), undefined, signal && { signal });
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    }
  }
}
