// The root of the page: it alone holds the state.
import { html, type TemplateResult } from "lit";
import { define, LabElement } from "../element.ts";

export class HeddleLab extends LabElement {
  override render(): TemplateResult {
    return html`<main></main>`;
  }
}

define("heddle-lab", HeddleLab);
