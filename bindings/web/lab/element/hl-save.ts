// What can be taken away: captures, the topology, the commands that build it, the trace itself.
import { html, nothing, type TemplateResult } from "lit";
import { exportMermaid } from "../../../lab/export/mermaid.ts";
import { exportNetns } from "../../../lab/export/netns.ts";
import { type CaptureChoice, traceCapture } from "../../../lab/render/pcapng.ts";
import type { Trace } from "../../../lab/trace/trace.ts";
import { copyOf } from "../copy/copy.ts";
import { download } from "../effect/download.ts";
import { define } from "../element.ts";
import type { Scene } from "../state/scene.ts";
import { LabDialog } from "./lab-dialog.ts";

export class HlSave extends LabDialog {
  static override properties: Record<string, object> = {
    ...LabDialog.properties,
    scene: { attribute: false },
  };

  declare scene: Scene | null;

  constructor() {
    super();
    this.scene = null;
  }

  protected override heading(): string {
    return copyOf(this.lang).saveHead;
  }

  protected override body(): TemplateResult | typeof nothing {
    const copy = copyOf(this.lang);
    const trace = this.scene?.trace ?? null;
    const hop = this.scene?.hop ?? null;
    if (trace === null || hop === null) return nothing;
    const { network } = trace;
    const name = trace.scenario;
    const capture = (file: string, choice: CaptureChoice): void =>
      download(`${file}.pcapng`, traceCapture(trace, { ...choice, lang: this.lang }));
    const items: [string, () => void][] = [
      [copy.everything, () => capture(name, {})],
      [copy.thisPacket, () => capture(`${name}.${hop.packet}`, { packet: hop.packet })],
      [
        copy.thisHop,
        () => capture(`${name}.${hop.packet}.${hop.n}`, { packet: hop.packet, hop: hop.n }),
      ],
      [copy.json, () => download(`${name}.json`, jsonOf(trace))],
    ];
    if (network !== undefined) {
      items.push(
        [copy.mermaid, () => download(`${name}.mmd`, exportMermaid(network))],
        [copy.script, () => download(`${name}.sh`, exportNetns(network))],
      );
    }
    return html`<ul class="list saves">${items.map(
      ([words, save]) => html`<li><button type="button" class="entry" @click=${save}>
        <b>${words}</b></button></li>`,
    )}</ul>`;
  }
}

/** Bytes as hex digits: JSON has none. */
function jsonOf(trace: Trace): string {
  const hex = (bytes: Uint8Array): string =>
    Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${JSON.stringify({ ...trace, bytes: hex(trace.bytes) }, null, 1)}\n`;
}

define("hl-save", HlSave);
