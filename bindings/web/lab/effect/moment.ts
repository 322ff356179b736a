// Moments of the page: those that are measured from outside, and the next that is painted.

/** Marks the first time that something happens. */
export function markOnce(name: "packet" | "ready"): void {
  if (performance.getEntriesByName(name).length === 0) performance.mark(name);
}

const PAINT_MS_MAX = 200;

/** When what is there now is painted; what nobody sees is not painted, and not waited for. */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, PAINT_MS_MAX);
  });
}
