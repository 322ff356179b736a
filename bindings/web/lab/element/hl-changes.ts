// What this hop did to the packet, line by line: field, old and new, and why.
import { html, nothing, type TemplateResult } from "lit";
import type { Change } from "../../../lab/trace/trace.ts";
import { say } from "../copy/copy.ts";
import {
  type InspectCopy,
  inspectCopy,
  originText,
  rowName,
  shellTitle,
} from "../copy/inspect/inspect.ts";
import { define, LabElement } from "../element.ts";
import { rowAt, rowOfByte } from "../state/frame.ts";
import { originOf, type Scene } from "../state/scene.ts";

const ARROW = "\u2192";

export class HlChanges extends LabElement {
  static override properties = { scene: { attribute: false } };

  declare scene: Scene | null;

  override render(): TemplateResult | typeof nothing {
    const { scene } = this;
    if (scene?.diff !== "diff" || scene.hop === null) return nothing;
    const { hop, state } = scene;
    const copy = inspectCopy(state.lang);
    const kept = hop.changes.filter(({ at, was }) => was !== null && at.len > 0);
    const fresh = hop.changes.filter(({ at, was }) => was === null && at.len > 0);
    const n = fresh.reduce((sum, { at }) => sum + at.len, 0);
    return html`<ul aria-label=${copy.changes}>
      ${n === 0 ? nothing : html`<li><b>${say(copy.grew, { n })}</b></li>`}
      ${kept.map((change) => this.#line(copy, scene, change))}
      ${hop.changes.length === 0 ? html`<li>${copy.nothingChanged}</li>` : nothing}
    </ul>`;
  }

  #line(copy: InspectCopy, scene: Scene, { field, was }: Change): TemplateResult {
    const { before, after } = scene;
    const now = after === null ? undefined : rowAt(after, field);
    const old = before === null || was === null ? undefined : rowOfByte(before, was.at);
    const shell = after?.shells.find(({ rows }) => now !== undefined && rows.includes(now));
    const name = now === undefined ? field : rowName(copy, now);
    const why = now === undefined ? "" : originText(copy, originOf(scene, now));
    return html`<li>
      <button @click=${() => this.act({ do: "select", sel: field })} data-path=${field}>
        ${shell === undefined ? nothing : shellTitle(copy, shell)} ${name}
        <span class="mono">${old?.value} ${ARROW} ${now?.value}</span>
        <span class="caption">${why}</span>
      </button>
    </li>`;
  }
}

define("hl-changes", HlChanges);
