// All that an article and the wire differ in, each a way to its hop.
import { html, type TemplateResult } from "lit";
import type { FoundErratum } from "../../../lab/trace/trace.ts";
import { say } from "../copy/copy.ts";
import { inspectCopy } from "../copy/inspect/inspect.ts";
import { define } from "../element.ts";
import type { Entry } from "../state/catalogue.ts";
import type { Scene } from "../state/scene.ts";
import { LabDialog } from "./lab-dialog.ts";

export class HlErrata extends LabDialog {
  static override properties: Record<string, object> = {
    ...LabDialog.properties,
    scene: { attribute: false },
    entry: { attribute: false },
  };

  declare scene: Scene | null;
  declare entry: Entry | null;

  constructor() {
    super();
    this.scene = null;
    this.entry = null;
  }

  protected override heading(): string {
    return inspectCopy(this.lang).errata;
  }

  protected override body(): TemplateResult {
    const copy = inspectCopy(this.lang);
    const errata = this.scene?.trace?.errata ?? [];
    if (errata.length === 0) return html`<p>${copy.noErrata}</p>`;
    return html`<ul class="errata">
      ${errata.map((found) => this.#row(found))}
    </ul>`;
  }

  #row(found: FoundErratum): TemplateResult {
    const copy = inspectCopy(this.lang);
    const erratum = this.entry?.errata.find(({ id }) => id === found.id);
    const { proof } = found;
    const place =
      proof === null
        ? copy.inData
        : say(copy.hopOf, {
            n: proof.hop,
            m: this.scene?.trace?.packets[proof.packet]?.hopCount ?? 0,
          });
    const go = (): void => {
      this.close();
      if (proof !== null) this.act({ do: "go", packet: proof.packet, hop: proof.hop });
      if (proof?.bytes !== undefined) this.act({ do: "select", sel: proof.bytes });
    };
    return html`<li>
      <button ?disabled=${proof === null} @click=${go}>
        <b>${found.id}</b> <span class="caption">${place}</span>
        <span>${copy.articleSays}: ${erratum?.says[this.lang]}</span>
        <span>${copy.bytesSay}: ${erratum?.shows[this.lang]}</span>
      </button>
    </li>`;
  }
}

define("hl-errata", HlErrata);
