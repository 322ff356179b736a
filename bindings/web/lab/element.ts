// What all elements of the page have in common: no shadow, so that one style sheet serves all and
// ids may point from pane to pane.
import { LitElement } from "lit";
import { type Action, act } from "./act.ts";

export abstract class LabElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** Sends an action up. */
  protected act(action: Action): void {
    act(this, action);
  }
}

/** Makes an element known, once. */
export function define(name: string, element: CustomElementConstructor): void {
  if (customElements.get(name) === undefined) customElements.define(name, element);
}
