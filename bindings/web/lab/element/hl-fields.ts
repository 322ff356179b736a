// The fields of one layer: what they are called, what they say, and where that is from.
import { html, nothing, type TemplateResult } from "lit";
import { say } from "../copy/copy.ts";
import {
  type InspectCopy,
  inspectCopy,
  originText,
  rowName,
  shellTitle,
} from "../copy/inspect/inspect.ts";
import { define, LabElement } from "../element.ts";
import type { FieldRow, Shell } from "../state/frame.ts";
import { originOf, type Scene } from "../state/scene.ts";

/** Values that are longer may break. */
const WIDE_LEN = 20;

export class HlFields extends LabElement {
  static override properties = { scene: { attribute: false } };

  declare scene: Scene | null;

  override render(): TemplateResult | typeof nothing {
    const { scene } = this;
    const shell = scene?.shown?.shells[Math.max(0, scene.marks.shell)];
    if (!scene || shell === undefined) return nothing;
    const copy = inspectCopy(scene.state.lang);
    return html`
      <div class="head">
        <h2>${shellTitle(copy, shell)}</h2>
        <span class="caption">${caption(copy, scene, shell)}</span>
      </div>
      <table data-hue=${shell.hue} @keydown=${this.#walk}>
        <thead class="unseen">
          <tr>
            <th scope="col">${copy.field}</th>
            <th scope="col">${copy.value}</th>
            <th scope="col">${copy.from}</th>
          </tr>
        </thead>
        <tbody>
          ${shell.rows.map((row) => this.#row(copy, scene, row))}
        </tbody>
      </table>
      <p class="caption foot">${footOf(copy, scene)}</p>
    `;
  }

  #row(copy: InspectCopy, scene: Scene, row: FieldRow): TemplateResult {
    const isChosen = scene.marks.row === row;
    const name = rowName(copy, row);
    const choose = (): void => this.act({ do: "select", sel: row.path });
    return html`<tr
      data-path=${row.paths.join(" ")}
      ?data-sel=${isChosen}
      ?data-wide=${row.value.length > WIDE_LEN}
      @click=${choose}
    >
      <th scope="row">
        <button aria-pressed=${isChosen} tabindex=${isChosen ? 0 : -1}>${name}</button>
      </th>
      <td class="mono" title=${row.bits ?? nothing}>${row.value}</td>
      <td class="from">${originText(copy, originOf(scene, row))}</td>
    </tr>`;
  }

  #walk(event: KeyboardEvent): void {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const buttons = [...this.querySelectorAll<HTMLElement>("tbody button")];
    const next = buttons[buttons.indexOf(document.activeElement as HTMLElement) + by];
    next?.click();
    next?.focus();
  }
}

function caption(copy: InspectCopy, scene: Scene, { at, len, rows }: Shell): string {
  const range = say(copy.range, { first: at, last: at + len - 1 });
  const origins = rows.map((row) => originOf(scene, row));
  if (scene.diff === "before") {
    const made = origins.flatMap((origin) => ("hop" in origin ? (origin.hop ?? []) : []));
    return made.length === 0 ? range : `${range}, ${say(copy.madeAt, { n: Math.max(...made) })}`;
  }
  const isNew = scene.before !== null && scene.hop?.changes.some(isInside({ at, len }));
  return isNew ? `${range}, ${copy.newHere}` : range;
}

function isInside(shell: { at: number; len: number }) {
  return ({ at, was }: { at: { at: number; len: number }; was: unknown }): boolean =>
    was === null && at.len > 0 && at.at >= shell.at && at.at < shell.at + shell.len;
}

function footOf(copy: InspectCopy, { hop, before, after }: Scene): string {
  if (hop === null) return "";
  if (after === null) return hop.verdict.startsWith("drop") ? copy.nothingLeft : "";
  if (before === null) return "";
  if (hop.changes.length === 0) return copy.nothingChanged;
  const isWrapped = hop.changes.every(({ was }) => was === null);
  return isWrapped ? say(copy.unchangedAll, { n: before.bytes.length }) : "";
}

define("hl-fields", HlFields);
