// The article says, the bytes say: a card at the hop that shows it.
import { html, nothing, type TemplateResult } from "lit";
import type { FoundErratum } from "../../../lab/trace/trace.ts";
import { say } from "../copy/copy.ts";
import { inspectCopy } from "../copy/inspect/inspect.ts";
import { define, LabElement } from "../element.ts";
import type { Entry } from "../state/catalogue.ts";
import type { Scene } from "../state/scene.ts";

const DIFFERS = "\u2260";
const MORE = "\u203a";

export class HlErratum extends LabElement {
  static override properties = {
    scene: { attribute: false },
    entry: { attribute: false },
    index: { state: true },
  };

  declare scene: Scene | null;
  declare entry: Entry | null;
  declare index: number;

  constructor() {
    super();
    this.scene = null;
    this.entry = null;
    this.index = 0;
  }

  override render(): TemplateResult | typeof nothing {
    const { errata = [], state } = this.scene ?? {};
    const found = errata[this.index % Math.max(1, errata.length)];
    if (found === undefined || state === undefined) return nothing;
    const erratum = this.entry?.errata.find(({ id }) => id === found.id);
    if (erratum === undefined) return nothing;
    const copy = inspectCopy(state.lang);
    const place = say(copy.cardOf, { n: (this.index % errata.length) + 1, m: errata.length });
    return html`<div class="card">
      <button class="proof" @click=${() => this.#prove(found)} @focus=${() => this.#prove(found)}>
        <span class="sign" aria-hidden="true">${DIFFERS}</span>
        <b>${found.id}</b>
      </button>
      <dl>
        <dt>${copy.articleSays}</dt>
        <dd>${erratum.says[state.lang]}</dd>
        <dt>${copy.bytesSay}</dt>
        <dd>${erratum.shows[state.lang]}</dd>
      </dl>
      <button class="turn" ?hidden=${errata.length < 2} @click=${this.turn}
        >${place} ${MORE}</button
      >
    </div>`;
  }

  /** To the next card of this hop. */
  turn(): void {
    this.index += 1;
    const errata = this.scene?.errata ?? [];
    const found = errata[this.index % Math.max(1, errata.length)];
    if (found !== undefined) this.#prove(found);
  }

  #prove({ proof }: FoundErratum): void {
    if (proof?.bytes !== undefined) this.act({ do: "select", sel: proof.bytes });
    else if (proof?.row !== undefined) {
      const asked = this.scene?.hop?.asked.find(({ row }) => row === proof.row?.row);
      const gave = asked?.gave.find((path) => path !== "device");
      if (gave !== undefined) this.act({ do: "select", sel: gave });
    }
  }
}

define("hl-erratum", HlErratum);
