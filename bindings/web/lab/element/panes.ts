// What stands over the lab, or in its place.
import { html, nothing, type TemplateResult } from "lit";
import type { Trace } from "../../../lab/trace/trace.ts";
import { inspectCopy } from "../copy/inspect/inspect.ts";
import type { Entry } from "../state/catalogue.ts";
import type { Scene } from "../state/scene.ts";
import type { Recipe, State, Tab } from "../state/state.ts";

/** What panes ask of the root. */
export interface Root {
  readonly scene: Scene;
  readonly entries: readonly Entry[];
  /** Makes the scene of another state. */
  readonly stage: (state: State) => Scene;
  readonly run: (recipe: Recipe) => Promise<Trace>;
}

/** Whether the layers and bytes of a packet stand below. */
export function hasInspector({ pane, compare, capture }: State): boolean {
  if (pane.show === "bench") return false;
  return pane.show === "decode" ? capture !== null : compare === null;
}

/** What stands in place of the drawing, the hops and the reason; null: they do. */
export function renderInstead({ scene, entries, stage, run }: Root): TemplateResult | null {
  const { state } = scene;
  if (state.pane.show === "decode") {
    void import("./hl-decode.ts");
    return html`<hl-decode .scene=${scene}></hl-decode>`;
  }
  if (state.pane.show === "bench") {
    void import("./hl-bench.ts");
    return html`<hl-bench .lang=${state.lang}></hl-bench>`;
  }
  if (state.compare === null) return null;
  void import("./hl-compare.ts");
  return html`
    <section class="when" id="transport">
      <hl-transport .scene=${scene}></hl-transport>
      <hl-why .scene=${scene}></hl-why>
    </section>
    <hl-compare .scene=${scene} .entries=${entries} .stage=${stage} .run=${run}></hl-compare>`;
}

/** A sheet over the lab; nothing where there is none. */
export function renderSheet(
  scene: Scene,
  entries: readonly Entry[],
  done: ReadonlySet<string>,
): TemplateResult | typeof nothing {
  const { state, trace } = scene;
  const { pane, lang } = state;
  switch (pane.show) {
    case "picker":
    case "compare-with":
      void import("./hl-picker.ts");
      return html`<hl-picker .lang=${lang} .entries=${entries} .done=${done} .now=${state.scenario}
        .isComparing=${pane.show === "compare-with"}></hl-picker>`;
    case "keys":
      void import("./hl-keys.ts");
      return html`<hl-keys .lang=${lang} .prefs=${state.prefs}></hl-keys>`;
    case "save":
      void import("./hl-save.ts");
      return html`<hl-save .lang=${lang} .scene=${scene}></hl-save>`;
    case "facts":
      void import("./hl-facts.ts");
      return html`<hl-facts .lang=${lang} .facts=${trace?.facts ?? []}></hl-facts>`;
    case "errata":
      void import("./hl-errata.ts");
      return html`<hl-errata .lang=${lang} .scene=${scene}
        .entry=${entries.find(({ slug }) => slug === state.scenario) ?? null}></hl-errata>`;
    case "device":
      void import("./hl-device.ts");
      return html`<hl-device .lang=${lang} .scene=${scene} .place=${pane.place}></hl-device>`;
    default:
      return nothing;
  }
}

const TABS: readonly Tab[] = ["bytes", "fields", "tables"];

/** What of the inspector a narrow page shows. */
export function renderTabs({ state, asked }: Scene, show: (tab: Tab) => void): TemplateResult[] {
  const copy = inspectCopy(state.lang);
  return TABS.map((tab) => {
    const count = tab === "tables" && asked.length > 0 ? ` ${asked.length}` : "";
    return html`<button aria-pressed=${state.tab === tab} @click=${() => show(tab)}
      >${copy[tab]}${count}</button>`;
  });
}

/** The layers, bytes and fields of the packet. */
export function renderPacket(scene: Scene): TemplateResult {
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
