// The packet laid flat: shells inside shells, each a tab.
import { html, nothing, type TemplateResult } from "lit";
import { type InspectCopy, inspectCopy, shellName } from "../copy/inspect/inspect.ts";
import { define, LabElement } from "../element.ts";
import type { Shell } from "../state/frame.ts";
import type { Scene } from "../state/scene.ts";

export class HlLayers extends LabElement {
  static override properties = { scene: { attribute: false } };

  declare scene: Scene | null;

  override render(): TemplateResult | typeof nothing {
    const { shown, state, marks } = this.scene ?? {};
    if (!shown || state === undefined || marks === undefined) return nothing;
    const copy = inspectCopy(state.lang);
    return html`<div role="tablist" aria-label=${copy.layers} @keydown=${this.#walk}>
      ${this.#nest(copy, shown.shells, 0)}
    </div>`;
  }

  #nest(copy: InspectCopy, shells: readonly Shell[], index: number): TemplateResult {
    const shell = shells[index];
    if (shell === undefined) return html``;
    const isChosen = this.scene?.marks.shell === index;
    const isFocus = isChosen || ((this.scene?.marks.shell ?? -1) < 0 && index === 0);
    return html`<div class="shell" data-hue=${shell.hue} ?data-sel=${isChosen}>
      <button
        role="tab"
        aria-selected=${isChosen}
        tabindex=${isFocus ? 0 : -1}
        @click=${() => this.#choose(shell)}
      >
        <span class="name">${shellName(copy, shell)}</span>
        <span class="letter" aria-hidden="true">${shell.letter || "\u00b7"}</span>
        <span class="len">${shell.len}</span>
      </button>
      ${this.#nest(copy, shells, index + 1)}
    </div>`;
  }

  #choose({ at, len }: Shell): void {
    this.act({ do: "select", sel: { at, len } });
  }

  #walk(event: KeyboardEvent): void {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const tabs = [...this.querySelectorAll<HTMLElement>("[role=tab]")];
    const next = tabs[tabs.indexOf(document.activeElement as HTMLElement) + by];
    next?.click();
    next?.focus();
  }
}

define("hl-layers", HlLayers);
