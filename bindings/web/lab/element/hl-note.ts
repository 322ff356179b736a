// What stands in the card's place while the network is not the article's any more.
import { html, nothing, type TemplateResult } from "lit";
import { say } from "../copy/copy.ts";
import { inspectCopy } from "../copy/inspect/inspect.ts";
import { define, LabElement } from "../element.ts";
import type { Scene } from "../state/scene.ts";

export class HlNote extends LabElement {
  static override properties = { scene: { attribute: false } };

  declare scene: Scene | null;

  override render(): TemplateResult | typeof nothing {
    const { state } = this.scene ?? {};
    if (state === undefined || state.edits.length === 0) return nothing;
    const copy = inspectCopy(state.lang);
    const n = state.edits.length;
    return html`<div class="card">
      <p>
        <b>${n === 1 ? copy.edited : say(copy.editedMany, { n })}</b> ${copy.notArticle}
      </p>
      <button class="button" @click=${() => this.act({ do: "undo" })}>${copy.undo}</button>
      <button class="button" ?hidden=${n < 2} @click=${() => this.act({ do: "reset" })}
        >${copy.reset}</button
      >
      <button class="button" @click=${this.#copy}>${copy.copyCommands}</button>
    </div>`;
  }

  #copy(): void {
    const edits = this.scene?.state.edits ?? [];
    const lines = edits.map(({ namespace, command }) => `ip netns exec ${namespace} ${command}`);
    navigator.clipboard?.writeText(`${lines.join("\n")}\n`);
  }
}

define("hl-note", HlNote);
