// What the tools of a namespace print at this hop, whichever of them the reader knows: iproute2's,
// net-tools' or busybox's, bridge-utils', docker's.
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { listing, type NamespaceView, viewAt } from "../../../lab/render/index.ts";
import { copyOf } from "../copy/copy.ts";
import { define, LabElement } from "../element.ts";
import { refOf, type Scene } from "../state/scene.ts";

const COMMANDS: readonly string[] = [
  ...["ip addr", "ifconfig", "ip route", "route -n", "ip neigh", "arp -n", "bridge fdb show"],
  ...["brctl show", "iptables -S", "docker network ls"],
];

export class HlListing extends LabElement {
  static override properties = {
    scene: { attribute: false },
    namespace: { attribute: false },
    command: { state: true },
  };

  declare scene: Scene | null;
  declare namespace: string;
  /** null: nothing was asked for. */
  declare command: string | null;

  constructor() {
    super();
    this.scene = null;
    this.namespace = "";
    this.command = null;
  }

  override render(): TemplateResult | typeof nothing {
    const { scene, command } = this;
    const view = scene === null ? null : viewIn(scene, this.namespace);
    if (scene === null || view === null) return nothing;
    const copy = copyOf(scene.state.lang);
    return html`<h3>${copy.printed}</h3>
      <div class="commands" role="group" aria-label=${copy.printed}>
        ${COMMANDS.map((each) => this.#button(each))}
      </div>
      ${
        command === null
          ? nothing
          : html`<pre class="mono" tabindex="0" aria-live="polite">${said(view, command)}</pre>`
      }`;
  }

  override updated(changed: PropertyValues): void {
    if (changed.has("command")) this.querySelector("pre")?.scrollIntoView({ block: "nearest" });
  }

  #button(command: string): TemplateResult {
    const choose = (): void => {
      this.command = command;
    };
    return html`<button type="button" class="button mono"
      aria-pressed=${this.command === command} @click=${choose}>${command}</button>`;
  }
}

/** null: who is meant has no tools. */
function viewIn({ trace, hop }: Scene, name: string): NamespaceView | null {
  if (trace === null) return null;
  try {
    return viewAt(trace, name, hop === null ? "end" : refOf(hop));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Who has nothing to list says so in its own words. */
function said(view: NamespaceView, command: string): string {
  const prompt = `${view.name}$ ${command}\n`;
  try {
    return prompt + listing(view, command);
  } catch (error) {
    return prompt + (error as Error).message;
  }
}

define("hl-listing", HlListing);
