// A table as its tool prints it: who answered, who lost, what is gone; and its rows as commands.
import { html, nothing, type TemplateResult } from "lit";
import { say } from "../copy/copy.ts";
import { type InspectCopy, inspectCopy } from "../copy/inspect/inspect.ts";
import { define, LabElement } from "../element.ts";
import { type Fold, folded } from "../state/fold.ts";
import {
  addCommand,
  addStart,
  changeCommand,
  deleteCommand,
  isEditable,
  isOfSameKey,
  shownRow,
} from "../state/row-command.ts";
import type { Scene } from "../state/scene.ts";
import type { RowView, TableView } from "../state/table-view.ts";

const CROSS = "\u2715";

export class HlTable extends LabElement {
  static override properties = {
    scene: { attribute: false },
    table: { attribute: false },
    changing: { state: true },
    unfolded: { state: true },
  };

  declare scene: Scene | null;
  declare table: TableView | null;
  /** The row whose text is open. */
  declare changing: string | null;
  /** The table of which all rows are shown, however many there are. */
  declare unfolded: string | null;

  constructor() {
    super();
    this.scene = null;
    this.table = null;
    this.changing = null;
    this.unfolded = null;
  }

  override render(): TemplateResult | typeof nothing {
    const { scene, table } = this;
    if (scene === null || table === null) return nothing;
    const copy = inspectCopy(scene.state.lang);
    const isMissing = table.asked !== null && table.asked.row === null && table.asked.key !== "";
    const isEmpty = table.rows.length === 0 && !isMissing;
    return html`<ul class="rows mono">
      ${isMissing ? missing(copy, table.asked?.key ?? "") : nothing}
      ${isEmpty ? html`<li class="quiet">${copy.noEntries}</li>` : nothing}
      ${this.#parts(table).map((part) =>
        "hiddenCount" in part
          ? this.#fold(copy, table, part.hiddenCount)
          : this.#row(copy, scene, table, part),
      )}
      ${scene.state.isEditing && isEditable(table.table) ? this.#blank(copy, table) : nothing}
    </ul>`;
  }

  #parts(table: TableView): readonly (RowView | Fold)[] {
    return this.unfolded === nameOf(table) ? table.rows : folded(table.rows);
  }

  #fold(copy: InspectCopy, table: TableView, n: number): TemplateResult {
    const unfold = (): void => {
      this.unfolded = nameOf(table);
    };
    return html`<li class="fold">
      <button class="tool" @click=${unfold}>${say(copy.moreRows, { n })}</button>
    </li>`;
  }

  #row(copy: InspectCopy, scene: Scene, table: TableView, view: RowView): TemplateResult {
    const { row, isHit, lost, isStruck, learnedAt } = view;
    const isOurs = learnedAt !== null && learnedAt.packet === scene.hop?.packet;
    const isOpen = this.changing === row;
    const learned = !isOurs ? null : `+ ${say(copy.learned, { n: learnedAt.hop })}`;
    const note = lost === null ? learned : copy.lost[lost];
    const path = isHit ? (table.asked?.gave ?? []).join(" ") : nothing;
    return html`<li
      ?data-hit=${isHit}
      ?data-lost=${lost !== null}
      ?data-struck=${isStruck}
      data-path=${path}
    >
      ${isOpen ? this.#form(copy, table, row) : this.#text(scene, table, view)}
      ${note === null ? nothing : html`<span class="why">${note}</span>`}
      <button class="tool" ?hidden=${!isStruck} @click=${() => this.act({ do: "undo" })}
        >${copy.undoRow}</button
      >
      ${isStruck || isOpen ? nothing : this.#tools(copy, scene, table, view)}
    </li>`;
  }

  // The value that the answer gave is what is marked in the bytes.
  #text(scene: Scene, { asked, table }: TableView, view: RowView): TemplateResult {
    const row = shownRow(table, view.row);
    const { marks, hop, shown } = scene;
    const marked = marks.row?.value.split(" ")[0] ?? "";
    const isOurs = asked !== null && marks.asked !== null && hop?.asked[marks.asked] === asked;
    const at = row.indexOf(marked);
    const gave = asked?.gave.find((path) => path !== "device");
    const choose = (): void => {
      if (gave !== undefined) this.act({ do: "select", sel: gave });
    };
    if (!view.isHit) return html`<span class="text">${row}</span>`;
    if (!isOurs || at < 0 || marked === "") {
      return html`<button class="text" @click=${choose}>${row}</button>`;
    }
    const rest = row.slice(at + marked.length);
    const hue = shown?.shells[marks.shell]?.hue ?? "pay";
    return html`<button class="text" @click=${choose}
      >${row.slice(0, at)}<mark data-hue=${hue}>${marked}</mark>${rest}</button
    >`;
  }

  #tools(
    copy: InspectCopy,
    { state }: Scene,
    { table }: TableView,
    { row, isHit }: RowView,
  ): TemplateResult | typeof nothing {
    const command = isEditable(table) ? deleteCommand(table, row) : null;
    if (command === null || !(isHit || state.isEditing)) return nothing;
    const isWhole = state.isEditing;
    return html`<span class="tools">
      <button class="tool" data-do="delete" @click=${() => this.#edit(command)} title=${command}>
        ${copy.remove}<span class="unseen"> ${row}</span>
      </button>
      ${isWhole ? this.#more(copy, row, addCommand(table, row)) : nothing}
    </span>`;
  }

  #more(copy: InspectCopy, row: string, command: string | null): TemplateResult {
    const open = (): void => {
      this.changing = row;
    };
    const take = (): void => void navigator.clipboard?.writeText(command ?? row);
    return html`<button class="tool" @click=${open}>${copy.change}</button>
      <button class="tool" @click=${take}>${copy.copy}</button>`;
  }

  #form(copy: InspectCopy, { table }: TableView, row: string): TemplateResult {
    const remove = deleteCommand(table, row);
    return this.#line(copy, changeCommand(table, row) ?? "", (command) => {
      this.changing = null;
      const isInPlace = remove === null || isOfSameKey(table, row, command);
      this.#edit(...(isInPlace ? [command] : [remove, command]));
    });
  }

  #blank(copy: InspectCopy, { table }: TableView): TemplateResult {
    const { notice } = this.scene?.state ?? {};
    const isRefused = notice?.kind === "refused";
    return html`<li class="blank">
      ${this.#line(copy, addStart(table), (command) => this.#edit(command))}
      ${isRefused ? html`<span class="refusal" role="alert">${notice.answer}</span>` : nothing}
    </li>`;
  }

  #line(copy: InspectCopy, text: string, done: (command: string) => void): TemplateResult {
    const submit = (event: SubmitEvent): void => {
      event.preventDefault();
      const command = String(new FormData(event.target as HTMLFormElement).get("command")).trim();
      if (command !== "") done(command);
    };
    return html`<form @submit=${submit}>
      <input
        name="command"
        class="mono"
        aria-label=${copy.command}
        .value=${text}
        spellcheck="false"
      />
      <button class="tool">${copy.apply}</button>
    </form>`;
  }

  // It happens just before the hop in view decides.
  #edit(...commands: readonly string[]): void {
    const { at } = (this.scene as Scene).state;
    const namespace = this.table?.table.namespace ?? "";
    this.act({ do: "edit", edits: commands.map((command) => ({ at, namespace, command })) });
  }
}

function nameOf({ table: { namespace, kind, device } }: TableView): string {
  return `${namespace} ${kind} ${device}`;
}

function missing(copy: InspectCopy, key: string): TemplateResult {
  return html`<li data-missing>${CROSS} ${say(copy.noEntry, { key })}</li>`;
}

define("hl-table", HlTable);
