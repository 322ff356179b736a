// The one way up: whatever the reader does in an element leaves it as one bubbling event.
import type { Action } from "./state/action.ts";

export type { Action } from "./state/action.ts";

/** What `<heddle-lab>` listens for. */
export const ACT = "act";

/** Says that the reader did this here. */
export function act(from: EventTarget, action: Action): void {
  from.dispatchEvent(new CustomEvent<Action>(ACT, { detail: action, bubbles: true }));
}

/** What an event of that name carries. */
export function actionOf(event: Event): Action {
  return (event as CustomEvent<Action>).detail;
}
