// A key that was pressed, as the page's keyboard map asks for it.
import type { Press } from "../state/keys.ts";

/** null: it is somebody else's, a button's or an open sheet's. */
export function strokeOf(event: KeyboardEvent): Press | null {
  const target = event.target as Element;
  const isButton = target.matches?.("button, a, summary") && event.key === " ";
  const isSheet = (target.closest?.("dialog[open]") ?? null) !== null;
  if (event.defaultPrevented || isButton || isSheet) return null;
  return {
    key: event.key,
    isCommand: event.ctrlKey || event.altKey || event.metaKey,
    isTyping: target.matches?.("input, textarea, select") ?? false,
  };
}
