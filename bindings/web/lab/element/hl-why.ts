// Why the packet went where it went. Its values are what the other panes show: choosing one marks
// it everywhere.
import { html, nothing, type TemplateResult } from "lit";
import { isDrop } from "../../../lab/trace/verdict.ts";
import { type WhyPart, type WhyValue, why } from "../../../lab/why/index.ts";
import { define, LabElement } from "../element.ts";
import { type FieldRow, rowAt } from "../state/frame.ts";
import type { Scene } from "../state/scene.ts";

export class HlWhy extends LabElement {
  static override properties = { scene: { attribute: false } };

  declare scene: Scene | null;

  override render(): TemplateResult | typeof nothing {
    const { hop, state } = this.scene ?? {};
    if (!hop || state === undefined) return nothing;
    const parts = why(hop, state.lang).map((part) => this.#part(part));
    return html`<p class="sentence" ?data-drop=${isDrop(hop.verdict)}>${parts}</p>`;
  }

  #part(part: WhyPart): TemplateResult {
    const inner = part.kind === "text" ? html`${part.text}` : this.#value(part);
    return part.isBold ? html`<b>${inner}</b>` : inner;
  }

  #value({ text, slot, paths }: WhyValue): TemplateResult {
    const row = this.#rowOf(text, paths);
    const isName = /^[a-z]/i.test(text) && !/^[0-9a-f]{2}:/i.test(text);
    if (row === undefined) return html`<span class=${isName ? "" : "mono"}>${text}</span>`;
    const { shown, marks } = this.scene as Scene;
    const shell = shown?.shells.find(({ rows }) => rows.includes(row));
    return html`<button
      class="value mono"
      data-hue=${shell?.hue ?? "pay"}
      data-path=${row.path}
      data-slot=${slot}
      aria-pressed=${marks.row === row}
      @click=${() => this.act({ do: "select", sel: row.path })}
    >${text}</button>`;
  }

  // The value itself decides between fields that could show it.
  #rowOf(text: string, paths: readonly string[]): FieldRow | undefined {
    const { shown } = this.scene as Scene;
    if (shown === null) return undefined;
    const rows = paths.flatMap((path) => rowAt(shown, path) ?? []);
    return rows.find(({ value }) => value === text || value.split(" ")[0] === text);
  }
}

define("hl-why", HlWhy);
