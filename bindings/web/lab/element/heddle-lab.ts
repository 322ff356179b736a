// The root of the page: it alone holds the state. Actions come up, scenes go down, and what the
// state wants of the engine, the address bar and the browser is done here.
import { html, nothing, type TemplateResult } from "lit";
import type { Trace } from "../../../lab/trace/trace.ts";
import { whyText } from "../../../lab/why/index.ts";
import { ACT, type Action, actionOf } from "../act.ts";
import { inspectCopy } from "../copy/inspect/inspect.ts";
import { liveText } from "../copy/inspect/live.ts";
import { noticeText } from "../copy/inspect/notice.ts";
import { writeUrl } from "../effect/address-bar.ts";
import { doneScenarios, markDone, recall, remember } from "../effect/browser-memory.ts";
import { openDecoder } from "../effect/decoder.ts";
import { Engine, Refused } from "../effect/engine.ts";
import { markOnce } from "../effect/moment.ts";
import { watchPointer } from "../effect/nearness.ts";
import { Player } from "../effect/player.ts";
import { define, LabElement } from "../element.ts";
import type { Entry } from "../state/catalogue.ts";
import { actionOfKey } from "../state/keys.ts";
import { mainWay, recipeKey, reduce } from "../state/reduce.ts";
import { type Scene, stager } from "../state/scene.ts";
import { FIRST, type Recipe, type State } from "../state/state.ts";
import { parseUrl } from "../state/url.ts";
import type { HlErratum } from "./hl-erratum.ts";
import "./all.ts";
import type { HlDecode } from "./hl-decode.ts";
import { hasInspector, renderInstead, renderSheet, renderTabs } from "./panes.ts";
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
  #stage: ((state: State) => Scene) | null = null;

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
    `;
  }

  #top(scene: Scene, entry: Entry | null): TemplateResult {
    const { entries } = this;
    const run = (recipe: Recipe): Promise<Trace> => this.#engine.run(recipe);
    const stage = this.#stage;
    const instead = stage === null ? null : renderInstead({ scene, entries, stage, run });
    return instead ?? this.#lab(scene, entry);
  }

  #lab(scene: Scene, entry: Entry | null): TemplateResult {
    const { state } = scene;
    const copy = inspectCopy(state.lang);
    const notice = noticeText(state);
    const isEdited = state.edits.length > 0;
    const isAlone = !isEdited && scene.errata.length === 0;
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
    const drill = html`<hl-drill .scene=${scene} .entries=${this.entries}></hl-drill>`;
    const isPredicting = isDrill && state.drill?.mode === "predict";
    return html`
      <div class="tabs" role="group">${renderTabs(scene, (to) => this.act({ do: "tab", to }))}</div>
      <div class="inspector" data-tab=${state.tab}>
        <section class="packet" id="packet" aria-label=${copy.packet}>
          ${isDrill && !isPredicting ? drill : this.#packet(scene)}
        </section>
        <section class="tables" aria-label=${copy.tables}>
          ${isPredicting ? drill : html`<hl-asked .scene=${scene}></hl-asked>`}
        </section>
      </div>
    `;
  }

  #packet(scene: Scene): TemplateResult {
    return html`
      <hl-layers .scene=${scene}></hl-layers>
      <div class="panes">
        <div class="bytes">
          <hl-bytes .scene=${scene}></hl-bytes>
          <hl-changes .scene=${scene}></hl-changes>
        </div>
        <hl-fields .scene=${scene}></hl-fields>
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
    if (scene?.state.phase === "ready") markOnce("ready");
  }

  readonly #press = (event: KeyboardEvent): void => {
    const target = event.target as Element;
    const isTyping = target.matches?.("input, textarea, select") ?? false;
    const isButton = target.matches?.("button, a, summary") && event.key === " ";
    const isCommand = event.ctrlKey || event.altKey || event.metaKey;
    const isSheet = (target.closest?.("dialog[open]") ?? null) !== null;
    if (this.scene === null || event.defaultPrevented || isButton || isSheet) return;
    if (event.key === "." && !isTyping && !isCommand) {
      this.querySelector<HlErratum>("hl-erratum")?.turn();
      return;
    }
    const action = actionOfKey({ key: event.key, isCommand, isTyping }, this.scene);
    if (action === null) return;
    event.preventDefault();
    this.#take(action);
  };

  readonly #visit = (): void => this.#take({ do: "visit", to: parseUrl(location.search) });

  // What is on screen first needs the engine and something that takes bytes apart.
  async #begin(): Promise<void> {
    const named = this.src === undefined ? parseUrl(location.search) : this.#embedded();
    this.#state = { ...FIRST, ...recall(FIRST), ...named };
    this.#dress();
    const tracing = this.#trace();
    this.#stage = stager(await openDecoder());
    this.#show();
    await tracing;
    if (this.#state.compare !== null) await this.#compare();
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
    this.#dress();
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

  #dress(): void {
    const { prefs, lang } = this.#state;
    const root = document.documentElement;
    root.lang = lang === "zh" ? "zh-CN" : "en";
    if (prefs.theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = prefs.theme;
    root.toggleAttribute("data-still", !prefs.hasMotion);
  }

  #show(): void {
    if (this.#stage === null) return;
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
      const trace = await this.#engine.run(this.#state);
      if (!isStale()) this.#take({ do: "traced", trace });
    } catch (error) {
      if (isStale()) return;
      const { message } = error as Error;
      if (error instanceof Refused && this.#state.edits.length > 0) {
        this.#take({ do: "refused", answer: message });
      } else this.#take({ do: "failed", failure: message });
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
