// The packet itself: shells around shells, in the colours of their headers.
import { nothing, type SVGTemplateResult, svg } from "lit";
import type { Shell } from "../state/frame.ts";
import { coreSize, GONE_LEFT, packetSize, SHELL_EDGE, SHELL_LEFT } from "./size.ts";

export interface Token {
  /** Outermost first. */
  readonly shells: readonly Shell[];
  /** How many shells in front are new, and how many were taken away. */
  readonly addedCount: number;
  readonly removed: readonly Shell[];
  /** Shells in which a field was changed. */
  readonly changed: ReadonlySet<number>;
  /** "+50 bytes at this hop". */
  readonly note: string | null;
  readonly isDropped: boolean;
}

const NAMES: Readonly<Record<string, string>> = { payload: "data", padding: "pad" };
const CROSS = "M-4,-4 L4,4 M4,-4 L-4,4";

export function drawToken(token: Token): SVGTemplateResult {
  const { shells, removed, isDropped } = token;
  const { w, h } = packetSize(shells.length);
  const { w: coreW, h: coreH } = coreSize(shells.length);
  const inner = shells.map((shell, at) => {
    const isLast = at === shells.length - 1;
    const rect = {
      x: at * SHELL_LEFT,
      y: at * SHELL_EDGE,
      w: isLast ? coreW : w - at * (SHELL_LEFT + SHELL_EDGE),
      h: isLast ? coreH : h - 2 * at * SHELL_EDGE,
    };
    return drawShell(shell, rect, isLast, token.changed.has(at));
  });
  const outlines = removed.map((shell, at) => {
    const out = (removed.length - at) * SHELL_EDGE;
    const left = (removed.length - at) * GONE_LEFT;
    return svg`<rect class="gone" data-hue=${shell.hue} x=${-left} y=${-out} rx="5"
      width=${w + left + out} height=${h + 2 * out}></rect>`;
  });
  return svg`<g class=${isDropped ? "token dropped" : "token"}>
    ${outlines}
    <rect class="halo" x="-2" y="-2" width=${w + 4} height=${h + 4} rx="7"></rect>
    ${inner}
    ${drawNote(token)}
    ${
      isDropped
        ? svg`<g class="cross" transform="translate(${w},${h})"><circle r="11"></circle>
          <path d=${CROSS}></path></g>`
        : nothing
    }
  </g>`;
}

function drawShell(
  { hue, letter, layer }: Shell,
  { x, y, w, h }: { x: number; y: number; w: number; h: number },
  isLast: boolean,
  isChanged: boolean,
): SVGTemplateResult {
  const text = isLast ? (NAMES[layer] ?? layer.toUpperCase()) : letter;
  const at = isLast ? x + w / 2 : x + SHELL_LEFT / 2 + 1;
  return svg`<g data-hue=${hue}>
    <rect class="shell" x=${x} y=${y} width=${w} height=${h} rx="4"></rect>
    <text x=${at} y=${y + h / 2 + 4} text-anchor="middle">${text}</text>
    ${isChanged ? drawNotch(x + 5, y - 1) : nothing}
  </g>`;
}

function drawNotch(x: number, y: number): SVGTemplateResult {
  return svg`<rect class="notch" x=${x} y=${y} width="9" height="5"></rect>`;
}

/** The bracket above the shells that are new here. */
function drawNote({ note, addedCount }: Token): SVGTemplateResult | typeof nothing {
  if (note === null) return nothing;
  const w = addedCount * SHELL_LEFT;
  const bracket = addedCount === 0 ? nothing : svg`<path d="M1,-7 v-5 h${w - 2} v5"></path>`;
  return svg`<g class="note">${bracket}<text x="0" y="-17">${note}</text></g>`;
}
