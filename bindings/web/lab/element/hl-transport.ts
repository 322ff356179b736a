// What moves the packet: one hop back, one hop on, by itself; and which packet it is.
import { html, nothing, type TemplateResult } from "lit";
import type { Packet, Trace } from "../../../lab/trace/trace.ts";
import { isDrop } from "../../../lab/trace/verdict.ts";
import { type Copy, copyOf, say } from "../copy/copy.ts";
import { define, LabElement } from "../element.ts";
import { timeText } from "../state/column.ts";
import type { Scene } from "../state/scene.ts";
import type { Speed } from "../state/state.ts";

const SPEEDS: readonly Speed[] = [0.5, 1, 2, 4];

export class HlTransport extends LabElement {
  static override properties = { scene: { attribute: false }, speed: { state: true } };

  declare scene: Scene | null;
  declare speed: Speed;

  constructor() {
    super();
    this.scene = null;
    this.speed = 1;
  }

  override render(): TemplateResult | typeof nothing {
    const { scene } = this;
    if (scene === null) return nothing;
    const { state, hop, hops, trace } = scene;
    const copy = copyOf(state.lang);
    const isLast = hop === null || hop.n === hops.at(-1)?.n;
    const isReady = trace !== null;
    const play = (): void => this.act({ do: "play", speed: state.play === 0 ? this.speed : 0 });
    return html`
      <div class="buttons">
        <button type="button" class="button back" aria-label=${copy.previous} ?disabled=${!isReady}
          @click=${() => this.act({ do: "step", by: -1 })}>\u25c0</button>
        <button type="button" class="button main next" ?disabled=${!isReady}
          @click=${() => this.act({ do: "step", by: 1 })}
          >${isLast ? copy.nextPacket : copy.next}<kbd aria-hidden="true">\u2192</kbd></button>
        <button type="button" class="button play" ?disabled=${!isReady} @click=${play}
          >${state.play === 0 ? copy.play : copy.pause}</button>
        ${state.play === 0 ? nothing : this.#speeds(state.play, copy)}
      </div>
      ${trace === null ? nothing : this.#chooser(scene, trace, copy)}
    `;
  }

  #speeds(now: Speed, copy: Copy): TemplateResult {
    const set = (event: Event): void => {
      this.speed = Number((event.target as HTMLSelectElement).value) as Speed;
      this.act({ do: "play", speed: this.speed });
    };
    return html`<select class="speed" aria-label=${copy.speed} @change=${set}>
      ${SPEEDS.map(
        (speed) => html`<option value=${speed} ?selected=${speed === now}>${speed}x</option>`,
      )}
    </select>`;
  }

  #chooser({ packet, hop, hops, state }: Scene, trace: Trace, copy: Copy): TemplateResult {
    const go = (event: Event): void => {
      const index = Number((event.target as HTMLSelectElement).value);
      this.act({ do: "go", packet: index, hop: 1 });
    };
    const place = say(copy.hopOf, { n: hop?.n ?? 0, m: hops.length });
    return html`<p class="moment">
      <span class="chooser"><span aria-hidden="true">${packet?.label} \u25be</span>
        <select aria-label=${copy.packets} .value=${String(state.at.packet)} @change=${go}>
          ${trace.packets.map(
            (each) => html`<option value=${each.index} ?selected=${each === packet}
              >${optionOf(each, trace)}</option>`,
          )}
        </select></span>
      <span>${place}${hop === null ? nothing : html` \u00b7 t = ${timeText(hop.timeNs)}`}</span>
    </p>`;
  }
}

function optionOf({ label, from, to, line, outcome, firstHop }: Packet, trace: Trace): string {
  const first = trace.hops[firstHop];
  const len = first?.out[0]?.len ?? first?.in?.len ?? 0;
  const indent = line === "side" ? "\u00a0\u00a0" : "";
  const fate = isDrop(outcome) ? " \u2715" : "";
  return `${indent}${label} \u00b7 ${from} \u2192 ${to} \u00b7 ${len} B${fate}`;
}

define("hl-transport", HlTransport);
