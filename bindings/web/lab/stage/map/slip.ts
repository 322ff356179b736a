// What of a map is drawn by elements: opened hosts, what joins all, and the packet where it rests.
import { nothing, type SVGTemplateResult, svg } from "lit";
import type { Box, Drawing, Frame } from "../drawing.ts";
import type { Sketch } from "../sketch.ts";
import { drawToken } from "../token.ts";

const INSET = 8;

/** A device or a container in one line: its name, and its address where there is room. */
export function drawSlip(box: Box, isHere: boolean, open: (box: Box) => void): SVGTemplateResult {
  const { x, y, w, h, kind, title, lines } = box;
  const isWide = kind === "switch" || kind === "hub";
  const middle = y + h / 2 + 4.5;
  return svg`<g class="box ${kind}" ?data-here=${isHere} @click=${() => open(box)}>
    <rect x=${x} y=${y} width=${w} height=${h} rx="6"></rect>
    <text class="name" x=${isWide ? x + w / 2 : x + INSET} y=${middle}
      text-anchor=${isWide ? "middle" : "start"}>${title}</text>
    ${lines.map(
      (line) => svg`<text class="mono" x=${x + w - INSET} y=${middle}
        text-anchor="end">${line}</text>`,
    )}
  </g>`;
}

/** The ground of an opened host is painted; its name is not. */
export function drawTitle({ name, title }: Frame): SVGTemplateResult {
  return svg`<g class="frame"><text x=${title.x} y=${title.y}>${name}</text></g>`;
}

export function drawRest({ token, spot, scale }: Sketch): SVGTemplateResult | typeof nothing {
  if (token === null) return nothing;
  return svg`<g class="packet" style="transform:translate(${spot.x}px,${spot.y}px)">
    <g transform="scale(${scale})">${drawToken(token)}</g></g>`;
}

/** Boxes that are elements: closed hosts are painted. */
export function isSlip({ kind }: Drawing["boxes"][number]): boolean {
  return kind !== "host";
}
