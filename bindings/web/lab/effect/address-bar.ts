// The URL follows the view. Back leaves a scenario, and not a hop.
import type { State } from "../state/state.ts";
import { urlOf } from "../state/url.ts";

const PAUSE_MS = 200;

let timer: ReturnType<typeof setTimeout> | undefined;

/** Writes the state into the URL, at once where the reader may want to come back. */
export function writeUrl(state: State, before: State | null): void {
  const query = urlOf(state);
  if (before !== null && query === urlOf(before)) return;
  clearTimeout(timer);
  const url = query === "" ? location.pathname : `?${query}`;
  if (before !== null && isAnother(state, before)) history.pushState(null, "", url);
  else timer = setTimeout(() => history.replaceState(null, "", url), PAUSE_MS);
}

function isAnother(state: State, before: State): boolean {
  return (
    state.scenario !== before.scenario ||
    state.variant !== before.variant ||
    state.compare?.scenario !== before.compare?.scenario ||
    (state.drill === null) !== (before.drill === null)
  );
}
