// The drawing that a network asks for: few hosts stand side by side, many on a map.
import { html, type TemplateResult } from "lit";
import { HOSTS_MAX } from "../stage/metrics.ts";
import type { Scene } from "../state/scene.ts";
import "./hl-stage.ts";

/** `flat`: with another above or below it. */
export function renderStage(scene: Scene, form: "whole" | "flat" = "whole"): TemplateResult {
  const hostCount = scene.trace?.places.hosts.length ?? 0;
  if (hostCount <= HOSTS_MAX) return html`<hl-stage class=${form} .scene=${scene}></hl-stage>`;
  void import("./hl-map.ts");
  return html`<hl-map class=${form} .scene=${scene}></hl-map>`;
}
