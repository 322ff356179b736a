// A list of which only what is seen is there: ten thousand packets cost as much as thirty.
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { define, LabElement } from "../element.ts";

const SPARE_ROWS = 6;

export class HlList extends LabElement {
  static override properties = {
    count: { attribute: false },
    now: { attribute: false },
    row: { attribute: false },
    rowH: { attribute: false },
    label: { attribute: false },
    top: { state: true },
    seenH: { state: true },
  };

  declare count: number;
  declare now: number;
  declare row: (at: number) => TemplateResult | typeof nothing;
  declare rowH: number;
  declare label: string;
  declare top: number;
  declare seenH: number;
  #watcher: ResizeObserver | null = null;

  constructor() {
    super();
    this.count = 0;
    this.now = 0;
    this.row = () => nothing;
    this.rowH = 22;
    this.label = "";
    this.top = 0;
    this.seenH = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#watcher = new ResizeObserver(([entry]) => {
      this.seenH = entry?.contentRect.height ?? 0;
    });
    this.#watcher.observe(this);
    this.addEventListener("scroll", this.#scrolled, { passive: true });
  }

  override disconnectedCallback(): void {
    this.#watcher?.disconnect();
    this.removeEventListener("scroll", this.#scrolled);
    super.disconnectedCallback();
  }

  override render(): TemplateResult {
    const { count, rowH } = this;
    const first = Math.max(0, Math.floor(this.top / rowH) - SPARE_ROWS);
    const last = Math.min(count, Math.ceil((this.top + this.seenH) / rowH) + SPARE_ROWS);
    const seen = Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at);
    return html`<div role="listbox" tabindex="0" aria-label=${this.label}
      style="height:${count * rowH}px" aria-activedescendant="row-${this.now}">
      ${seen.map(
        (at) => html`<div role="option" id="row-${at}" style="top:${at * rowH}px"
          aria-selected=${at === this.now ? "true" : "false"} aria-posinset=${at + 1}
          aria-setsize=${count} @click=${() => this.act({ do: "go", packet: at, hop: 1 })}
          >${this.row(at)}</div>`,
      )}
    </div>`;
  }

  readonly #scrolled = (): void => {
    this.top = this.scrollTop;
  };

  override updated(changed: PropertyValues): void {
    if (!changed.has("now")) return;
    const at = this.now * this.rowH;
    if (at < this.scrollTop) this.scrollTop = at;
    const end = this.scrollTop + this.clientHeight - this.rowH;
    if (at > end) this.scrollTop = at - this.clientHeight + this.rowH;
  }
}

define("hl-list", HlList);
