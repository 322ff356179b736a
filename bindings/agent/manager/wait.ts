// Waits that an AbortSignal ends.

/** The promise's outcome, or the signal's reason where that comes first. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    const settle = (): void => signal.removeEventListener("abort", abort);
    promise.finally(settle).then(resolve, reject);
  });
}

/** A signal that aborts with another one, or when it is cut. */
export interface Link {
  readonly signal: AbortSignal;
  /** Aborts it, and forgets the other. */
  cut(): void;
}

const CUT = "cut"; // a reason of its own would be an error, with a stack, for nobody

export function linkTo(signal: AbortSignal): Link {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort);
  return {
    signal: controller.signal,
    cut: () => {
      signal.removeEventListener("abort", abort);
      controller.abort(CUT);
    },
  };
}
