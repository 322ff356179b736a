// Several things that go on until one of them ends.

/** A part of the agent's life: ends when its signal aborts, if not before. */
export type Task<T> = (signal: AbortSignal) => Promise<T>;

/**
 * Runs all tasks until the first ends, however it ends; then the others are told to, and waited
 * for. Gives or throws what the first did; once the outer signal aborts, throws its reason.
 */
export async function untilFirst<T>(outer: AbortSignal, tasks: readonly Task<T>[]): Promise<T> {
  outer.throwIfAborted();
  const inner = new AbortController();
  const follow = (): void => inner.abort(outer.reason);
  outer.addEventListener("abort", follow, { once: true });
  const running = tasks.map((task) => task(inner.signal));
  try {
    return await Promise.race(running);
  } finally {
    inner.abort(new Error("another part of the agent has ended"));
    await Promise.allSettled(running);
    outer.removeEventListener("abort", follow);
    outer.throwIfAborted();
  }
}

/** Work that has an end, as a part that has none: whatever ends the rest, it is not this. */
export async function endless(work: Promise<void>, signal: AbortSignal): Promise<never> {
  await work;
  return new Promise((_, reject) => {
    const end = (): void => reject(signal.reason);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}
