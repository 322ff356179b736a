// The tables that this hop asked, in order, each with the row that answered.
import { html, nothing, type TemplateResult } from "lit";
import type { TableId } from "../../../lab/trace/trace.ts";
import { say } from "../copy/copy.ts";
import { gaveText, type InspectCopy, inspectCopy } from "../copy/inspect/inspect.ts";
import { define, LabElement } from "../element.ts";
import { isEditable, showCommand } from "../state/row-command.ts";
import type { Scene } from "../state/scene.ts";
import { type TableView, tableView } from "../state/table-view.ts";
import "./hl-table.ts";

export class HlAsked extends LabElement {
  static override properties = { scene: { attribute: false } };

  declare scene: Scene | null;

  override render(): TemplateResult | typeof nothing {
    const { scene } = this;
    if (!scene?.hop || scene.trace === null) return nothing;
    const { hop, trace, state, asked } = scene;
    const copy = inspectCopy(state.lang);
    const { pane } = state;
    const order = say(copy.inOrder, { namespace: hop.namespace });
    if (pane.show === "table") return this.#whole(copy, scene, tableView(trace, hop, pane.table));
    return html`
      <div class="head">
        <h2>${copy.tables}</h2>
        ${asked.length === 0 ? nothing : html`<span class="caption">${order}</span>`}
        ${this.#switch(copy, scene)}
      </div>
      ${asked.length === 0 ? html`<p class="caption">${copy.noTable}</p>` : nothing}
      <ol>
        ${asked.map((view, index) => this.#asked(copy, scene, view, index))}
      </ol>
      ${this.#hint(copy, scene)}
    `;
  }

  #asked(copy: InspectCopy, scene: Scene, view: TableView, index: number): TemplateResult {
    return html`<li data-asked=${index} ?data-marked=${scene.marks.asked === index}>
      ${this.#caption(copy, view, index + 1)}
      <hl-table .scene=${scene} .table=${view}></hl-table>
    </li>`;
  }

  #caption(copy: InspectCopy, view: TableView, number: number | null): TemplateResult {
    const open = (): void => this.act({ do: "pane", to: { show: "table", table: view.table } });
    return html`<div class="table-head">
      ${number === null ? nothing : html`<span class="number">${number}</span>`}
      <h3><button class="mono" @click=${open}>${showCommand(view.table, view.rows)}</button></h3>
      <span class="gave">${answerText(copy, view)}</span>
    </div>`;
  }

  #whole(copy: InspectCopy, scene: Scene, view: TableView): TemplateResult {
    const back = (): void => this.act({ do: "pane", to: { show: "lab" } });
    return html`
      <div class="head">
        <h2>${view.table.namespace}</h2>
        <button class="link" @click=${back}>${copy.backToAsked}</button>
        ${this.#switch(copy, scene)}
      </div>
      ${this.#caption(copy, view, null)}
      <hl-table .scene=${scene} .table=${view}></hl-table>
    `;
  }

  #switch(copy: InspectCopy, { state, asked }: Scene): TemplateResult | typeof nothing {
    const tables: TableId[] =
      state.pane.show === "table" ? [state.pane.table] : asked.map(({ table }) => table);
    if (!tables.some(isEditable)) return nothing;
    const { isEditing } = state;
    return html`<button
      class="link edit"
      aria-pressed=${isEditing}
      @click=${() => this.act({ do: "editing", to: !isEditing })}
    >${isEditing ? copy.done : copy.edit}</button>`;
  }

  #hint(copy: InspectCopy, { asked, state }: Scene): TemplateResult | typeof nothing {
    if (state.edits.length > 0 || state.isEditing) return nothing;
    const hit = asked.find(({ asked: one, table }) => one?.row && isEditable(table));
    const hints = {
      fdb: copy.tryFdb,
      route: copy.tryRoute,
      neigh: copy.tryNeigh,
      rule: copy.tryRule,
    };
    const hint = hints[(hit?.table.kind ?? "") as keyof typeof hints];
    return hint === undefined ? nothing : html`<p class="hint"><b>${copy.tryIt}</b> ${hint}</p>`;
  }
}

/** What the table gave, or why this row won, or that it had nothing. */
function answerText(copy: InspectCopy, { asked }: TableView): string {
  if (asked === null || asked.key === "") return "";
  if (asked.row === null) return copy.hadNothing;
  const fields = asked.gave.filter((path) => path !== "device");
  const gave = gaveText(copy, asked.gave);
  if (asked.arpFrames > 0) return say(copy.afterArp, { gave, n: asked.arpFrames });
  const loser = asked.lost.find(({ why }) => why === "shorter");
  if (loser === undefined || fields.length > 1) return gave;
  return say(copy.longer, { prefix: lengthOf(asked.row), other: firstWord(loser.row) });
}

function firstWord(row: string): string {
  return row.split(" ")[0] ?? row;
}

function lengthOf(row: string): string {
  return /\/\d+/.exec(firstWord(row))?.[0] ?? firstWord(row);
}

define("hl-asked", HlAsked);
