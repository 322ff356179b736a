// The keyboard map, and what else the reader may choose.
import { html, type TemplateResult } from "lit";
import { inspectCopy } from "../copy/inspect/inspect.ts";
import { define } from "../element.ts";
import type { Preferences } from "../state/state.ts";
import { LabDialog } from "./lab-dialog.ts";

const LEFT = "\u2190";
const RIGHT = "\u2192";
const UP = "\u2191";
const DOWN = "\u2193";

const ROWS = [
  ["next", `${RIGHT} l`],
  ["previous", `${LEFT} h`],
  ["packets", `${UP} ${DOWN}`],
  ["ends", "Home End"],
  ["play", "Space"],
  ["jump", "1 \u00b7\u00b7\u00b7 9"],
  ["fields", "[ ]"],
  ["layers", "{ }"],
  ["diff", "d"],
  ["table", "t"],
  ["edit", "e"],
  ["undo", "u r"],
  ["errata", "x ."],
  ["compare", "c"],
  ["picker", "g /"],
  ["save", "s"],
  ["ascii", "a"],
  ["language", "L T"],
  ["escape", "Esc"],
  ["help", "?"],
] as const;

export class HlKeys extends LabDialog {
  static override properties: Record<string, object> = {
    ...LabDialog.properties,
    prefs: { attribute: false },
  };

  declare prefs: Preferences | null;

  constructor() {
    super();
    this.prefs = null;
  }

  protected override heading(): string {
    return inspectCopy(this.lang).keysHead;
  }

  protected override body(): TemplateResult {
    const copy = inspectCopy(this.lang);
    return html`
      <dl class="keys">
        ${ROWS.map(
          ([name, keys]) => html`<div>
            <dt>${keys.split(" ").map((key) => html`<kbd>${key}</kbd>`)}</dt>
            <dd>${copy.keys[name]}</dd>
          </div>`,
        )}
      </dl>
      ${this.#switch("hasKeys", copy.keysOff)} ${this.#switch("hasMotion", copy.motion)}
      <p class="caption">${copy.about} ${copy.offline}</p>
    `;
  }

  #switch(name: "hasKeys" | "hasMotion", label: string): TemplateResult {
    const set = (event: Event): void => {
      const { checked } = event.target as HTMLInputElement;
      this.act({ do: "prefer", to: { [name]: checked } });
    };
    return html`<label class="switch">
      <input type="checkbox" .checked=${this.prefs?.[name] ?? true} @change=${set} /> ${label}
    </label>`;
  }
}

define("hl-keys", HlKeys);
