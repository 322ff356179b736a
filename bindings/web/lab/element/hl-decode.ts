// A dropped capture: its packets as a list, where the drawing stands otherwise.
import { html, nothing, type TemplateResult } from "lit";
import { copyOf, say } from "../copy/copy.ts";
import { readFile } from "../effect/capture.ts";
import { define, LabElement } from "../element.ts";
import { timeText } from "../state/column.ts";
import { lineOf } from "../state/line.ts";
import type { Scene } from "../state/scene.ts";
import type { Capture } from "../state/state.ts";
import "./hl-list.ts";

export class HlDecode extends LabElement {
  static override properties = { scene: { attribute: false }, failure: { state: true } };

  declare scene: Scene | null;
  declare failure: string | null;

  constructor() {
    super();
    this.scene = null;
    this.failure = null;
  }

  override render(): TemplateResult | typeof nothing {
    const { scene } = this;
    if (scene === null) return nothing;
    const copy = copyOf(scene.state.lang);
    const { capture } = scene.state;
    return html`
      <header>
        <h2>${capture?.name ?? copy.decodeHead}</h2>
        <label class="button">${copy.chooseFile}
          <input type="file" class="unseen" accept=".pcap,.pcapng,.cap" @change=${this.#choose} />
        </label>
        <button type="button" class="button"
          @click=${() => this.act({ do: "pane", to: { show: "lab" } })}>${copy.leaveDecode}</button>
      </header>
      <p class="failure" role="alert" ?hidden=${this.failure === null}>${this.failure}</p>
      ${capture === null ? html`<p>${copy.dropHint}</p>` : this.#list(scene, capture)}
    `;
  }

  #list(scene: Scene, { packets, cut }: Capture): TemplateResult {
    const copy = copyOf(scene.state.lang);
    const { no, time, from, to, kind, bytes } = copy.columns;
    const heads = [no, time, from, to, kind, bytes];
    const first = packets[0]?.timeNs ?? 0n;
    const row = (at: number): TemplateResult | typeof nothing => {
      const packet = packets[at];
      if (packet === undefined) return nothing;
      const line = lineOf(scene.frameAt(packet.span, packet.link));
      const t = timeText(Number(packet.timeNs - first));
      return html`<span>${at + 1}</span><span>${t}</span><span>${line.from}</span>
        <span>${line.to}</span><span>${line.kind}</span><span>${line.len}</span>`;
    };
    const now = packets[scene.state.at.packet];
    const port = now === undefined ? null : lineOf(scene.frameAt(now.span, now.link)).vxlanPort;
    return html`
      <div class="heads" aria-hidden="true">${heads.map((word) => html`<span>${word}</span>`)}</div>
      <hl-list .count=${packets.length} .now=${scene.state.at.packet} .row=${row} .rowH=${22}
        .label=${copy.packets}></hl-list>
      ${port === null ? nothing : html`<p class="caption">${say(copy.asVxlan, { port })}</p>`}
      ${cut === null ? nothing : html`<p class="failure">${say(copy.cut, { why: cut })}</p>`}
    `;
  }

  readonly #choose = (event: Event): void => {
    const file = (event.target as HTMLInputElement).files?.[0];
    if (file !== undefined) void this.open(file);
  };

  /** Reads a file and shows it, or says why it cannot. */
  async open(file: File): Promise<void> {
    const copy = copyOf(this.scene?.state.lang ?? "en");
    this.failure = null;
    try {
      this.act({ do: "capture", capture: await readFile(file) });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.failure = say(copy.notCapture, { name: file.name, why });
    }
  }
}

define("hl-decode", HlDecode);
