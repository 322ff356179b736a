// Moments of the page that are measured from outside.

/** Marks the first time that something happens. */
export function markOnce(name: "packet" | "ready"): void {
  if (performance.getEntriesByName(name).length === 0) performance.mark(name);
}
