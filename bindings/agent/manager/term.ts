// How long a lease of the store lasts, by the clock that never jumps, and when it is renewed. The
// term begins when it was asked for, so that nobody here believes in a lease longer than the store.
import type { Clock, Dice } from "../clock.ts";
import type { Store } from "../store.ts";

/** A lease of the store, granted to us. */
export interface Term {
  readonly leaseId: string;
  readonly beganMs: number;
  readonly endsMs: number;
  readonly renewMs: number;
  /** How long after a failure the renewal is tried again. */
  readonly retryMs: number;
}

export interface TermInit {
  readonly store: Store;
  readonly clock: Clock;
  readonly dice: Dice;
  readonly ttlS: number;
  readonly renewMarginMs: number;
}

const RETRY_MS = 60_000;
const RETRIES_MIN = 10; // within the margin, however short it is
const SPREAD_OF = 6; // a sixth of the margin: nodes that joined at once do not renew at once
const DICE_COUNT = 2 ** 32;

export async function grantTerm(init: TermInit): Promise<Term> {
  const beganMs = init.clock.nowMs();
  const { id, ttlS } = await init.store.grantLease(init.ttlS);
  return termOf(init, id, beganMs, ttlS * 1000);
}

/** The term of a lease that somebody else may have been granted; null when it is over. */
export async function askTerm(init: TermInit, leaseId: string): Promise<Term | null> {
  const beganMs = init.clock.nowMs();
  const ttlS = await init.store.leaseTtl(leaseId);
  return ttlS === null ? null : termOf(init, leaseId, beganMs, ttlS * 1000);
}

function termOf(init: TermInit, leaseId: string, beganMs: number, lenMs: number): Term {
  const marginMs = Math.min(init.renewMarginMs, lenMs / 2);
  const spreadMs = (init.dice() / DICE_COUNT) * Math.min(marginMs / SPREAD_OF, lenMs / 4);
  const endsMs = beganMs + lenMs;
  return {
    leaseId,
    beganMs,
    endsMs,
    renewMs: endsMs - marginMs - spreadMs,
    retryMs: Math.min(RETRY_MS, marginMs / RETRIES_MIN),
  };
}
