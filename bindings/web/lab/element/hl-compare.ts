// The same traffic under two modes: two drawings, two rows of hops aligned by milestone, and what
// each costs. What one mode has and the other has not is a hatched gap.
import { html, nothing, type TemplateResult } from "lit";
import type { Trace } from "../../../lab/trace/trace.ts";
import { copyOf } from "../copy/copy.ts";
import { define, LabElement } from "../element.ts";
import { MILESTONES, otherState, type Segment, segmentsOf } from "../state/beside.ts";
import type { Entry } from "../state/catalogue.ts";
import { type Column, columnsOf } from "../state/column.ts";
import { rowAt } from "../state/frame.ts";
import { ledgerOf } from "../state/ledger.ts";
import type { Scene } from "../state/scene.ts";
import type { Recipe, State } from "../state/state.ts";
import "./hl-ledger.ts";
import "./hl-modes.ts";
import { renderStage } from "./stage-of.ts";

export class HlCompare extends LabElement {
  static override properties = {
    scene: { attribute: false },
    stage: { attribute: false },
    entries: { attribute: false },
    run: { attribute: false },
  };

  declare scene: Scene | null;
  /** Makes the scene of another state. */
  declare stage: ((state: State) => Scene) | null;
  declare entries: readonly Entry[];
  declare run: ((recipe: Recipe) => Promise<Trace>) | null;

  constructor() {
    super();
    this.scene = null;
    this.stage = null;
    this.entries = [];
    this.run = null;
  }

  override render(): TemplateResult | typeof nothing {
    const { scene: left, right, stage } = this;
    if (left === null || stage === null) return nothing;
    const { lang } = left.state;
    const sides = [left, right].filter((scene) => scene !== null);
    const ledgers = sides.map(({ trace, frameAt }) =>
      trace === null ? null : ledgerOf(trace, frameAt),
    );
    return html`
      ${sides.map((scene) => this.#side(scene))}
      <div class="costs">
        <div>${sides.map((scene) => this.#selected(scene, left))}</div>
        <hl-ledger .lang=${lang} .left=${ledgers[0] ?? null} .right=${ledgers[1] ?? null}>
        </hl-ledger>
        <hl-modes .state=${left.state} .stage=${stage} .run=${this.run} .entries=${this.entries}>
        </hl-modes>
      </div>
    `;
  }

  /** null: the other trace is not there yet. */
  get right(): Scene | null {
    const other = this.scene === null ? null : otherState(this.scene.state);
    return other === null ? null : (this.stage?.(other) ?? null);
  }

  // Where a strip is wider than the page, what is now stays in sight.
  override updated(): void {
    for (const strip of this.querySelectorAll<HTMLElement>(".strip")) {
      const now = strip.querySelector<HTMLElement>(".now");
      if (now === null || strip.scrollWidth <= strip.clientWidth) continue;
      strip.scrollTo({ left: now.offsetLeft - strip.clientWidth / 3 });
    }
  }

  #side(scene: Scene): TemplateResult {
    return html`<section aria-label=${this.#titleOf(scene)}>
      <h2>${this.#titleOf(scene)}</h2>
      ${renderStage(scene, "flat")}
      ${this.#strip(scene)}
    </section>`;
  }

  #titleOf({ state }: Scene): string {
    const entry = this.entries.find(({ slug }) => slug === state.scenario);
    return entry?.title[state.lang] ?? state.scenario;
  }

  #strip(scene: Scene): TemplateResult {
    const copy = copyOf(scene.state.lang);
    const own = segmentsOfScene(scene);
    const columns = columnsOf(scene);
    const widths = MILESTONES.map((milestone) => {
      const both = [this.scene, this.right].map((each) => countIn(each, milestone));
      return Math.max(...both);
    });
    return html`<ol class="strip" style="--count:${widths.reduce((sum, each) => sum + each, 0)}">
      ${MILESTONES.map((milestone, at) => {
        const hops = own.find((each) => each.milestone === milestone)?.hops ?? [];
        const gapCount = (widths[at] ?? 0) - hops.length;
        return html`${hops.map((hop, index) =>
          this.#cell(scene, columns[hop.n - 1], index === 0 ? copy.milestones[milestone] : ""),
        )}${gapCount > 0 ? html`<li class="gap" style="--span:${gapCount}"></li>` : nothing}`;
      })}
    </ol>`;
  }

  #cell(scene: Scene, column: Column | undefined, words: string): TemplateResult | typeof nothing {
    if (column === undefined) return nothing;
    const isNow = scene.hop?.n === column.n;
    const isOwn = scene === this.scene;
    const life = column.ttl === null ? "" : `TTL ${column.ttl}`;
    const go = (): void => {
      const packet = scene.packet?.index ?? 0;
      if (isOwn) this.act({ do: "go", packet, hop: column.n });
    };
    return html`<li class=${isNow ? "now" : ""}>
      <button type="button" aria-current=${isNow ? "step" : "false"} ?disabled=${!isOwn}
        @click=${go}>
        <span class="caption">${words}</span>
        <span class="mono"><b>${column.n}</b> ${column.device}</span>
        <span class="stack">${column.stack.map((hue) => html`<i data-hue=${hue}></i>`)}</span>
        <span class="caption">${column.len} B ${life}</span>
      </button>
    </li>`;
  }

  /** The field that is selected at the left, in both. */
  #selected(scene: Scene, left: Scene): TemplateResult {
    const copy = copyOf(scene.state.lang);
    const path = left.marks.path;
    const row = path === null || scene.shown === null ? undefined : rowAt(scene.shown, path);
    return html`<p class="field"><b>${this.#titleOf(scene)}</b>
      <span class="mono">${path ?? ""}</span>
      <span class="mono">${row?.value ?? copy.noSuchHeader}</span></p>`;
  }
}

function segmentsOfScene({ trace, packet }: Scene): Segment[] {
  return trace === null || packet === null ? [] : segmentsOf(trace, packet);
}

function countIn(scene: Scene | null, milestone: string): number {
  const segments = scene === null ? [] : segmentsOfScene(scene);
  return segments.find((each) => each.milestone === milestone)?.hops.length ?? 0;
}

define("hl-compare", HlCompare);
