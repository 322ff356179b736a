// What stands over the lab, or in its place.
import { html, nothing, type TemplateResult } from "lit";
import type { Entry } from "../state/catalogue.ts";
import type { Scene } from "../state/scene.ts";

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
      return html`<hl-picker .lang=${lang} .entries=${entries} .done=${done} .now=${state.scenario}
        .isComparing=${pane.show === "compare-with"}></hl-picker>`;
    case "keys":
      return html`<hl-keys .lang=${lang} .prefs=${state.prefs}></hl-keys>`;
    case "facts":
      return html`<hl-facts .lang=${lang} .facts=${trace?.facts ?? []}></hl-facts>`;
    case "errata":
      return html`<hl-errata .lang=${lang} .scene=${scene}
        .entry=${entries.find(({ slug }) => slug === state.scenario) ?? null}></hl-errata>`;
    case "device":
      return html`<hl-device .lang=${lang} .scene=${scene} .place=${pane.place}></hl-device>`;
    default:
      return nothing;
  }
}
