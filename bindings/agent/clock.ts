// Time and chance, as arguments: an agent in a test lives through a day in a millisecond, and the
// same dice fall again.

export interface Clock {
  /** The wall's time, Unix milliseconds: it jumps when somebody sets it. Only for what is shown. */
  wallMs(): number;
  /** Milliseconds that never jump, and go on while the machine or the process sleeps. */
  nowMs(): number;
  /** Resolves `ms` later; rejects with the signal's reason when it aborts before. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** 32 random bits. */
export type Dice = () => number;
