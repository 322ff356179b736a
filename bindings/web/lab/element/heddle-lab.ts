// The root of the page: it alone holds the state. Actions come up, scenes go down, and what the
// state wants of the engine, the address bar and the browser is done here.
import { html, nothing, type TemplateResult } from "lit";
import type { Trace } from "../../../lab/trace/trace.ts";
import { whyText } from "../../../lab/why/index.ts";
import { ACT, type Action, actionOf } from "../act.ts";
import { inspectCopy } from "../copy/inspect/inspect.ts";
import { alertText, liveText } from "../copy/inspect/live.ts";
import { noticeText } from "../copy/inspect/notice.ts";
import { writeUrl } from "../effect/address-bar.ts";
import { doneScenarios, markDone, recall, remember } from "../effect/browser-memory.ts";
import { dress } from "../effect/dress.ts";
import { Engine, Refused } from "../effect/engine.ts";
import { markOnce, painted } from "../effect/moment.ts";
import { watchPointer } from "../effect/nearness.ts";
import { Player } from "../effect/player.ts";
import { recorded } from "../effect/recorded.ts";
import { strokeOf } from "../effect/stroke.ts";
import { watchSwipe } from "../effect/swipe.ts";
import { define, LabElement } from "../element.ts";
import type { Entry } from "../state/catalogue.ts";
import type { Decode } from "../state/frame.ts";
import { actionOfKey } from "../state/keys.ts";
import { isSameRecipe, mainWay, recipeKey, reduce } from "../state/reduce.ts";
import { type Scene, stager } from "../state/scene.ts";
import { FIRST, type Recipe, type State } from "../state/state.ts";
import { parseUrl } from "../state/url.ts";
import type { HlErratum } from "./hl-erratum.ts";
import "./all.ts";
import type { HlDecode } from "./hl-decode.ts";
import { hasInspector, renderInstead, renderPacket, renderSheet, renderTabs } from "./panes.ts";
import { renderStage } from "./stage-of.ts";

export class HeddleLab extends LabElement {
  static override properties: Record<string, object> = {
    scene: { state: true },
    entries: { state: true },
    src: {},
    hop: { type: Number },
  };

  declare scene: Scene | null;
  declare entries: readonly Entry[];
  /** A slug; left out: what the URL says. */
  declare src: string | undefined;
  declare hop: number | undefined;

  readonly #engine = new Engine((entries) => {
    this.entries = entries;
    this.#checkScenario();
  });
  readonly #player = new Player((action) => this.#take(action));
  #state: State = FIRST;
  /** What takes any packet apart, once it is there. */
  #opening: Promise<void> | null = null;
  /** The engine has answered once. */
  #isLive = false;
  #decode: Decode | null = null;
  readonly #stage = stager((bytes, link) => {
    if (this.#decode === null) throw new Error("nothing takes packets apart yet");
    return this.#decode(bytes, link);
  });

  constructor() {
    super();
    this.scene = null;
    this.entries = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener(ACT, this.#hear);
    addEventListener("keydown", this.#press);
    addEventListener("popstate", this.#visit);
    watchPointer(this);
    watchSwipe(this, (by) => this.#take({ do: "step", by }));
    this.#begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener(ACT, this.#hear);
    removeEventListener("keydown", this.#press);
    removeEventListener("popstate", this.#visit);
  }

  override render(): TemplateResult {
    const { scene } = this;
    if (scene === null) return html`<main></main>`;
    const { state } = scene;
    const entry = this.entries.find(({ slug }) => slug === state.scenario) ?? null;
    const copy = inspectCopy(state.lang);
    const done = new Set(doneScenarios());
    return html`
      <a class="unseen skip" href="#transport">${copy.skipNext}</a>
      <a class="unseen skip" href="#packet">${copy.skipPacket}</a>
      <header><hl-bar .scene=${scene} .entries=${this.entries}></hl-bar></header>
      <main data-pane=${state.pane.show} data-phase=${state.phase}>
        ${this.#top(scene, entry)}
        ${hasInspector(state) ? this.#inspector(scene) : nothing}
      </main>
      <hl-drop .lang=${state.lang} .open=${this.#drop}></hl-drop>
      ${renderSheet(scene, this.entries, done)}
      <p class="unseen" aria-live="polite">${liveText(scene)}</p>
      <p class="unseen" aria-live="assertive">${alertText(scene)}</p>
    `;
  }

  #top(scene: Scene, entry: Entry | null): TemplateResult {
    const { entries } = this;
    const run = (recipe: Recipe): Promise<Trace> => this.#engine.run(recipe);
    const instead = renderInstead({ scene, entries, stage: this.#stage, run });
    return instead ?? this.#lab(scene, entry);
  }

  #lab(scene: Scene, entry: Entry | null): TemplateResult {
    const { state } = scene;
    const copy = inspectCopy(state.lang);
    const notice = noticeText(state);
    const isEdited = state.edits.length > 0;
    const isAlone = !isEdited && scene.errata.length === 0;
    if (isEdited) void import("./hl-note.ts");
    return html`
      <section class="where" aria-label=${copy.topology}>
        ${renderStage(scene)}
      </section>
      <section class="when" id="transport" aria-label=${copy.hops}>
        <hl-transport .scene=${scene}></hl-transport>
        <hl-hops .scene=${scene}></hl-hops>
      </section>
      <section class="reason" aria-label=${copy.why} ?data-alone=${isAlone}>
        <hl-why .scene=${scene}></hl-why>
        ${
          isEdited
            ? html`<hl-note .scene=${scene}></hl-note>`
            : html`<hl-erratum .scene=${scene} .entry=${entry}></hl-erratum>`
        }
        ${notice === null ? nothing : html`<p class="notice" role="status">${notice}</p>`}
      </section>
    `;
  }

  #inspector(scene: Scene): TemplateResult {
    const { state } = scene;
    const copy = inspectCopy(state.lang);
    const isDrill = state.pane.show === "drill";
    if (isDrill) void import("./hl-drill.ts");
    const drill = html`<hl-drill .scene=${scene} .entries=${this.entries}></hl-drill>`;
    const isPredicting = isDrill && state.drill?.mode === "predict";
    return html`
      <div class="tabs" role="group">${renderTabs(scene, (to) => this.act({ do: "tab", to }))}</div>
      <div class="inspector" data-tab=${state.tab}>
        <section class="packet" id="packet" aria-label=${copy.packet}>
          ${isDrill && !isPredicting ? drill : renderPacket(scene)}
        </section>
        <section class="tables" aria-label=${copy.tables}>
          ${isPredicting ? drill : html`<hl-asked .scene=${scene}></hl-asked>`}
        </section>
      </div>
    `;
  }

  // The list is what reads a file, and shows why it could not.
  readonly #drop = async (file: File): Promise<void> => {
    this.#take({ do: "pane", to: { show: "decode" } });
    await customElements.whenDefined("hl-decode");
    await this.updateComplete;
    await this.querySelector<HlDecode>("hl-decode")?.open(file);
  };

  readonly #hear = (event: Event): void => {
    event.stopPropagation();
    this.#take(actionOf(event));
  };

  // For who looks at when a page was there: its first packet, and its engine.
  override updated(): void {
    const { scene } = this;
    if (scene?.hop != null) markOnce("packet");
    if (scene?.state.phase === "ready" && this.#isLive) markOnce("ready");
  }

  readonly #press = (event: KeyboardEvent): void => {
    const stroke = strokeOf(event);
    if (this.scene === null || stroke === null) return;
    if (stroke.key === "." && !stroke.isTyping && !stroke.isCommand) {
      this.querySelector<HlErratum>("hl-erratum")?.turn();
      return;
    }
    const action = actionOfKey(stroke, this.scene);
    if (action === null) return;
    event.preventDefault();
    this.#take(action);
  };

  readonly #visit = (): void => this.#take({ do: "visit", to: parseUrl(location.search) });

  // What was recorded is on screen first, and the engine starts when that is painted.
  async #begin(): Promise<void> {
    const named = this.src === undefined ? parseUrl(location.search) : this.#embedded();
    this.#state = { ...FIRST, ...recall(FIRST), ...named };
    dress(this.#state);
    const early = isSameRecipe(this.#state, FIRST) ? recorded() : null;
    if (early !== null) {
      this.#decode = early.decode;
      this.entries = [early.entry];
      this.#take({ do: "traced", trace: early.trace });
      await painted();
    }
    this.#opening = this.#openCore();
    await this.#trace();
    if (this.#state.compare !== null) await this.#compare();
  }

  async #openCore(): Promise<void> {
    const { openDecoder } = await import("../effect/decoder.ts");
    this.#decode = await openDecoder();
  }

  // Where nothing runs there is what was recorded.
  #fail({ message }: Error): void {
    const isRecorded = !this.#isLive && this.scene !== null && this.#state.edits.length === 0;
    if (isRecorded) this.#take({ do: "notice", notice: { kind: "recorded" } });
    else this.#take({ do: "failed", failure: message });
  }

  #embedded(): Partial<State> {
    const at = { packet: FIRST.at.packet, hop: this.hop ?? FIRST.at.hop };
    return { scenario: this.src ?? FIRST.scenario, at };
  }

  #take(action: Action): void {
    const before = this.#state;
    const next = reduce(before, action);
    if (next === before) return;
    this.#state = next;
    if (next.prefs !== before.prefs || next.lang !== before.lang) remember(next);
    dress(this.#state);
    this.#show();
    if (this.src === undefined) writeUrl(next, before);
    if (next.phase === "running" && action.do !== "traced") this.#trace();
    if (next.compare?.phase === "running" && next.compare !== before.compare) this.#compare();
    this.#noteEnd(next);
  }

  // A URL may name what is not there.
  #checkScenario(): void {
    const asked = this.#state.scenario;
    if (this.entries.some(({ slug }) => slug === asked)) return;
    this.#take({ do: "open", scenario: FIRST.scenario });
    this.#take({ do: "notice", notice: { kind: "no-scenario", asked } });
  }

  #show(): void {
    if (this.#decode === null) return;
    const before = this.scene;
    this.scene = this.#stage(this.#state);
    const { hop, state } = this.scene;
    const title = this.entries.find(({ slug }) => slug === state.scenario)?.title[state.lang];
    if (hop !== null) document.title = `${hop.n} ${whyText(hop, state.lang)} ${title ?? ""}`;
    this.#player.follow(this.scene, before);
    const url = new CustomEvent("change", { detail: location.href });
    if (before !== null) this.dispatchEvent(url);
  }

  // An answer to what is not asked any more is dropped.
  async #trace(): Promise<void> {
    const key = recipeKey(this.#state);
    const isStale = (): boolean => key !== recipeKey(this.#state);
    try {
      const [trace] = await Promise.all([this.#engine.run(this.#state), this.#opening]);
      this.#isLive = true;
      if (!isStale()) this.#take({ do: "traced", trace });
    } catch (error) {
      if (isStale()) return;
      if (error instanceof Refused && this.#state.edits.length > 0) {
        this.#take({ do: "refused", answer: error.message });
      } else this.#fail(error as Error);
    }
  }

  async #compare(): Promise<void> {
    const { compare, seed } = this.#state;
    if (compare === null) return;
    const { scenario, variant } = compare;
    try {
      const trace = await this.#engine.run({ scenario, variant, seed, edits: [] });
      if (this.#state.compare?.scenario === scenario) this.#take({ do: "compared", trace });
    } catch {
      this.#take({ do: "compare", scenario: null }); // it cannot run: the one that can stays
    }
  }

  #noteEnd({ trace, at, scenario }: State): void {
    const last = trace === null ? undefined : mainWay(trace).at(-1);
    if (last?.packet === at.packet && last.hop === at.hop) markDone(scenario);
  }
}

define("heddle-lab", HeddleLab);
