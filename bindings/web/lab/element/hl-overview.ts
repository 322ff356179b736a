// Many packets at a glance: a tick for each in the order of time, those that were dropped in red
// and higher. What is at hand is moved along it.
import { html, nothing, type TemplateResult } from "lit";
import { isDrop } from "../../../lab/trace/verdict.ts";
import { copyOf } from "../copy/copy.ts";
import { define, LabElement } from "../element.ts";
import type { Scene } from "../state/scene.ts";

export class HlOverview extends LabElement {
  static override properties = { scene: { attribute: false } };

  declare scene: Scene | null;

  constructor() {
    super();
    this.scene = null;
  }

  override render(): TemplateResult | typeof nothing {
    const { trace, packet, state } = this.scene ?? {};
    if (trace == null || packet == null || state === undefined) return nothing;
    const count = trace.packets.length;
    const ends = trace.packets.map(({ outcome }) => isDrop(outcome));
    const path = (isMeant: boolean, h: number): string =>
      ends.map((isEnd, at) => (isEnd === isMeant ? `M${at + 0.5},12v${-h}` : "")).join("");
    const go = (event: Event): void => {
      const index = Number((event.target as HTMLInputElement).value);
      this.act({ do: "go", packet: index, hop: 1 });
    };
    const said = `${packet.index + 1} / ${count}, ${packet.label}`;
    return html`<svg viewBox="0 0 ${count} 12" preserveAspectRatio="none" aria-hidden="true">
        <path d=${path(false, 6)}></path><path class="drop" d=${path(true, 12)}></path>
      </svg>
      <input type="range" min="0" max=${count - 1} .value=${String(packet.index)}
        aria-label=${copyOf(state.lang).packets} aria-valuetext=${said} @input=${go} />`;
  }
}

define("hl-overview", HlOverview);
