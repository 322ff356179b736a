// A sheet over the page: the browser keeps the focus in it, and Esc shuts it.
import { html, type nothing, type PropertyValues, type TemplateResult } from "lit";
import { copyOf } from "../copy/copy.ts";
import { LabElement } from "../element.ts";
import type { Lang } from "../state/state.ts";

export abstract class LabDialog extends LabElement {
  static override properties: Record<string, object> = { lang: { attribute: false } };

  declare lang: Lang;

  constructor() {
    super();
    this.lang = this.givenLang();
  }

  protected abstract heading(): string;
  protected abstract body(): TemplateResult | typeof nothing;

  override render(): TemplateResult {
    const copy = copyOf(this.lang);
    return html`<dialog class="sheet" aria-label=${this.heading()} @close=${this.#closed}
      @click=${this.#outside}>
      <header>
        <h2>${this.heading()}</h2>
        <button type="button" class="button" aria-label=${copy.close} @click=${() => this.close()}
          >\u2715</button>
      </header>
      ${this.body()}
    </dialog>`;
  }

  override firstUpdated(_: PropertyValues): void {
    const dialog = this.querySelector("dialog");
    if (dialog !== null && !dialog.open) dialog.showModal();
  }

  protected close(): void {
    this.querySelector("dialog")?.close();
  }

  readonly #closed = (): void => this.act({ do: "pane", to: { show: "lab" } });

  // A click beside the sheet is one on the dialog itself: it has no border of its own.
  readonly #outside = (event: Event): void => {
    if (event.target === event.currentTarget) this.close();
  };
}
