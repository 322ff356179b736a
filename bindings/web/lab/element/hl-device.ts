// A device, a namespace or a host: what it is called, and all its tables as they are at this hop.
import { html, nothing, type TemplateResult } from "lit";
import type { DevicePlace } from "../../../lab/trace/trace.ts";
import { copyOf } from "../copy/copy.ts";
import { define } from "../element.ts";
import { commandOf, type PlaceView, placeView } from "../state/place.ts";
import type { Scene } from "../state/scene.ts";
import { LabDialog } from "./lab-dialog.ts";
import "./hl-listing.ts";

export class HlDevice extends LabDialog {
  static override properties: Record<string, object> = {
    ...LabDialog.properties,
    scene: { attribute: false },
    place: { attribute: false },
  };

  declare scene: Scene | null;
  /** "node1:flannel.1", "c1", "node1", "sw0". */
  declare place: string;

  constructor() {
    super();
    this.scene = null;
    this.place = "";
  }

  protected override heading(): string {
    return this.place.replace(":", " \u203a ");
  }

  protected override body(): TemplateResult | typeof nothing {
    const trace = this.scene?.trace ?? null;
    if (trace === null) return nothing;
    const view = placeView(trace, this.place, this.scene?.hop ?? null);
    return html`<div class="list">
      ${view.devices.filter(({ name }) => name !== "lo").map((each) => this.#device(each))}
      ${this.#tables(view)}
      <hl-listing .scene=${this.scene} .namespace=${view.namespace?.name ?? view.name}></hl-listing>
    </div>`;
  }

  #device({ name, kind, addresses, mac, mtu, ifindex, master }: DevicePlace): TemplateResult {
    const copy = copyOf(this.lang);
    const facts: [string, string | null][] = [
      [copy.address, addresses.join(", ") || null],
      [copy.mac, mac],
      [copy.mtu, String(mtu)],
      [copy.index, String(ifindex)],
      [copy.master, master],
    ];
    return html`<h3>${name} <span class="caption">${kind}</span></h3>
      <dl>${facts.map(([word, value]) =>
        value === null ? nothing : html`<div><dt>${word}</dt><dd class="mono">${value}</dd></div>`,
      )}</dl>`;
  }

  #tables({ tables }: PlaceView): TemplateResult {
    const copy = copyOf(this.lang);
    if (tables.length === 0) return html`<p class="caption">${copy.noTables}</p>`;
    return html`${tables.map(
      ({ table, rows }) => html`<h3 class="mono">${commandOf(table)}</h3>
        <pre class="mono" tabindex="0">${rows.join("\n")}</pre>`,
    )}`;
  }
}

define("hl-device", HlDevice);
