// All scenarios, by group: type to find one, arrows and Enter to open it.
import { html, nothing, type TemplateResult } from "lit";
import { copyOf } from "../copy/copy.ts";
import { define } from "../element.ts";
import { type Entry, found, GROUPS } from "../state/catalogue.ts";
import { LabDialog } from "./lab-dialog.ts";

export class HlPicker extends LabDialog {
  static override properties: Record<string, object> = {
    ...LabDialog.properties,
    entries: { attribute: false },
    done: { attribute: false },
    now: { attribute: false },
    isComparing: { attribute: false },
    search: { state: true },
  };

  declare entries: readonly Entry[];
  /** Slugs that were stepped to the end. */
  declare done: ReadonlySet<string>;
  /** The slug that is open. */
  declare now: string;
  /** Whether what is chosen is put beside what is open. */
  declare isComparing: boolean;
  declare search: string;

  constructor() {
    super();
    this.entries = [];
    this.done = new Set();
    this.now = "";
    this.isComparing = false;
    this.search = "";
  }

  protected override heading(): string {
    const copy = copyOf(this.lang);
    return this.isComparing ? copy.compareWith : copy.scenario;
  }

  protected override body(): TemplateResult {
    const copy = copyOf(this.lang);
    const entries = found(this.#offered(), this.search);
    const type = (event: Event): void => {
      this.search = (event.target as HTMLInputElement).value;
    };
    return html`
      <input type="search" placeholder=${copy.search} aria-label=${copy.search}
        .value=${this.search} @input=${type} @keydown=${this.#keys} autofocus />
      <div class="list" @keydown=${this.#keys}>
        ${entries.length === 0 ? html`<p class="caption">${copy.noneFound}</p>` : nothing}
        ${GROUPS.map((group) => {
          const some = entries.filter((entry) => entry.group === group);
          if (some.length === 0) return nothing;
          return html`<h3>${copy.groups[group]}</h3>
            <ul>${some.map((entry) => this.#row(entry))}</ul>`;
        })}
      </div>
    `;
  }

  /** For a comparison, what this scenario is best compared with comes first. */
  #offered(): readonly Entry[] {
    if (!this.isComparing) return this.entries;
    const first = this.entries.find(({ slug }) => slug === this.now)?.compareWith;
    const others = this.entries.filter(({ slug }) => slug !== this.now);
    return [...others].sort((a, b) => Number(b.slug === first) - Number(a.slug === first));
  }

  #row(entry: Entry): TemplateResult {
    const { slug, title, promise, variants } = entry;
    const isDone = this.done.has(slug);
    return html`<li>
      <button type="button" class="entry" aria-current=${slug === this.now ? "true" : "false"}
        @click=${() => this.#choose(slug, null)}>
        <b>${title[this.lang]}</b>
        <span>${promise[this.lang]}</span>
        <i>${isDone ? "\u2713" : ""}</i>
      </button>
      ${
        variants.length === 0
          ? nothing
          : html`<p class="variants">${variants.map(
              ({ name, title: words }) => html`<button type="button" class="button"
                @click=${() => this.#choose(slug, name)}>${words[this.lang]}</button>`,
            )}</p>`
      }
    </li>`;
  }

  #choose(scenario: string, variant: string | null): void {
    this.close();
    this.act({ do: this.isComparing ? "compare" : "open", scenario, variant });
  }

  readonly #keys = (event: KeyboardEvent): void => {
    const rows = [...this.querySelectorAll<HTMLElement>(".entry")];
    const at = rows.indexOf(document.activeElement as HTMLElement);
    const input = this.querySelector("input");
    if (event.key === "Enter" && event.target === input) rows[0]?.click();
    else if (event.key === "ArrowDown") rows[at + 1]?.focus();
    else if (event.key === "ArrowUp") (at > 0 ? rows[at - 1] : input)?.focus();
    else return;
    event.preventDefault();
  };
}

define("hl-picker", HlPicker);
