// What all elements of the page have in common: no shadow, so that one style sheet serves all and
// ids may point from pane to pane.
import { LitElement } from "lit";
import { type Action, act } from "./act.ts";
import type { Lang } from "./state/state.ts";

export abstract class LabElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** The language given to it before its module was there: HTML keeps that as an attribute. */
  protected givenLang(): Lang {
    return this.getAttribute("lang") === "zh" ? "zh" : "en";
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
