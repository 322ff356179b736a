// The top of the page: which scenario it is, and what else can be done with it.
import { html, nothing, type TemplateResult } from "lit";
import { type Copy, copyOf, say } from "../copy/copy.ts";
import { define, LabElement } from "../element.ts";
import type { Entry } from "../state/catalogue.ts";
import type { Scene } from "../state/scene.ts";

/** heddles: two bars, and threads through the eyes between them. */
const MARK = html`<svg class="mark" viewBox="0 0 20 20" aria-hidden="true">
  <path d="M1 4h18M1 16h18M5 1v18M10 1v18M15 1v18"></path>
  <path class="eye" d="M3 10l2-3 2 3-2 3zM8 10l2-3 2 3-2 3zM13 10l2-3 2 3-2 3z"></path>
</svg>`;

export class HlBar extends LabElement {
  static override properties = { scene: { attribute: false }, entries: { attribute: false } };

  declare scene: Scene | null;
  declare entries: readonly Entry[];

  constructor() {
    super();
    this.scene = null;
    this.entries = [];
  }

  override render(): TemplateResult | typeof nothing {
    const { scene } = this;
    if (scene === null) return nothing;
    const { lang, scenario, phase, play } = scene.state;
    const copy = copyOf(lang);
    const entry = this.entries.find(({ slug }) => slug === scenario);
    const title = entry?.title[lang] ?? scenario;
    return html`
      <span class="brand">${MARK}<b>heddle lab</b></span>
      <h1>
        <button type="button" class="scenario" aria-haspopup="dialog" @click=${this.#pick}>
          <b>${title}</b><span class="mono">${commandOf(scene)}</span>
          <i aria-hidden="true">\u25bc</i>
        </button>
      </h1>
      <nav class="wide">${this.#tools(scene, copy)}</nav>
      <details class="narrow">
        <summary aria-label=${copy.more}>\u22ef</summary>
        <nav>${this.#tools(scene, copy)}</nav>
      </details>
      ${phase === "running" && play === 0 ? running(copy) : nothing}
    `;
  }

  #tools({ state, trace }: Scene, copy: Copy): TemplateResult {
    const { lang, prefs, compare } = state;
    const held = trace?.facts.filter(({ isHeld }) => isHeld).length ?? 0;
    const all = trace?.facts.length ?? 0;
    const mark = held === all ? "\u2713" : "\u2715";
    const pane = (show: "compare-with" | "save" | "keys" | "facts" | "decode" | "bench") => () =>
      this.act({ do: "pane", to: { show } });
    const unlike = { auto: "dark", dark: "light", light: "auto" } as const;
    return html`
      <button type="button" class="fact" ?hidden=${all === 0} @click=${pane("facts")}
        >${mark} ${held}/${all}
        <span class="unseen">${say(copy.facts, { held, all })}</span></button>
      <button type="button" @click=${
        compare === null ? pane("compare-with") : () => this.act({ do: "compare", scenario: null })
      }>${compare === null ? copy.compare : copy.stop}</button>
      <button type="button" @click=${this.#drill}>${copy.drill}</button>
      <button type="button" @click=${pane("decode")}>${copy.openPcap}</button>
      <button type="button" aria-haspopup="dialog" @click=${pane("save")}
        >${copy.savePcapng}</button>
      <button type="button" @click=${pane("bench")}>${copy.bench}</button>
      <span class="rule"></span>
      <button type="button" lang=${lang === "en" ? "zh" : "en"}
        @click=${() => this.act({ do: "lang", to: lang === "en" ? "zh" : "en" })}
        >${lang === "en" ? "\u4e2d\u6587" : "English"}</button>
      <button type="button" aria-label="${copy.theme}: ${prefs.theme}"
        @click=${() => this.act({ do: "prefer", to: { theme: unlike[prefs.theme] } })}
        >\u25d0<span class="label">${copy.theme}</span></button>
      <button type="button" aria-label=${copy.keys} aria-haspopup="dialog" @click=${pane("keys")}
        >?<span class="label">${copy.keys}</span></button>
    `;
  }

  readonly #pick = (): void => this.act({ do: "pane", to: { show: "picker" } });

  readonly #drill = (): void => {
    const entry = this.entries.find(({ slug }) => slug === this.scene?.state.scenario);
    const mode = entry?.drill == null ? "predict" : "fault";
    this.act({ do: "drill", to: { mode, guesses: [], hintCount: 0 } });
  };
}

function running(copy: Copy): TemplateResult {
  return html`<span class="running" role="progressbar" aria-label=${copy.working}></span>`;
}

/** What is done in the scenario, as it was typed. */
function commandOf({ trace }: Scene): string {
  const [output] = trace?.outputs ?? [];
  if (output !== undefined) return output.command;
  const packet = trace?.packets.find(({ line }) => line === "main");
  return packet === undefined ? "" : `${packet.from} \u2192 ${packet.to}`;
}

define("hl-bar", HlBar);
