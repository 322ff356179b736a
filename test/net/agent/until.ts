// Waiting for something to become so: by looking, never by sleeping for as long as it may take.
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_MS = 50;

/** Thrown by a look: it will never be so. */
export class HopelessError extends Error {}

/** How long anything at all may take here: the machine may be busy with much else. */
export const PATIENCE_MS = 180_000;

/**
 * Calls `look` until it gives something that is neither null, undefined nor false, and gives that.
 * `what` is for the error, which `hint` says more to.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  { ms = PATIENCE_MS, hint = () => "" }: { ms?: number; hint?: () => string } = {},
): Promise<T> {
  let trouble = "";
  for (const endMs = performance.now() + ms; ; await sleep(LOOK_MS)) {
    try {
      const seen = await look();
      if (seen !== null && seen !== undefined && seen !== false) return seen;
      trouble = "";
    } catch (error) {
      if (error instanceof HopelessError) throw new Error(`${what}: ${error.message}${hint()}`);
      trouble = String(error);
    }
    if (performance.now() > endMs) throw new Error(`not in ${ms} ms: ${what}\n${trouble}${hint()}`);
  }
}
