// A drawing as SVG. What a step changes are classes and a few paths; boxes stay as they are.
import { nothing, type SVGTemplateResult, svg } from "lit";
import type { Belief } from "./belief.ts";
import type { Box, Chip, Drawing, Frame, Label, Point, Wire } from "./drawing.ts";
import type { Sketch } from "./sketch.ts";
import { pointsOf, type Step } from "./way.ts";

const PORT_W = 10;
const STAR = "M0,-6 V6 M-5.2,-3 L5.2,3 M5.2,-3 L-5.2,3";
const END_H = 22;

export function pathOf(points: readonly Point[]): string {
  return points.map(({ x, y }, at) => `${at === 0 ? "M" : "L"}${x},${y}`).join("");
}

export function drawFrame({ x, y, w, h, kind, name, title, anchor }: Frame): SVGTemplateResult {
  return svg`<g class="frame ${kind}">
    <rect x=${x} y=${y} width=${w} height=${h} rx=${kind === "host" ? 8 : 6}></rect>
    <text x=${title.x} y=${title.y} text-anchor=${anchor}>${name}</text>
  </g>`;
}

export function drawWire({ points, label }: Wire): SVGTemplateResult {
  return svg`<path class="wire" d=${pathOf(points)}></path>
    ${label === null ? nothing : drawLabel(label)}`;
}

function drawLabel({ text, x, y }: Label): SVGTemplateResult {
  return svg`<text class="mono label" x=${x} y=${y + 11}>${text}</text>`;
}

function drawStar(x: number, y: number): SVGTemplateResult {
  return svg`<path class="star" d=${STAR} transform="translate(${x},${y})"></path>`;
}

export function drawBox(box: Box, isHere: boolean, open: (box: Box) => void): SVGTemplateResult {
  const { x, y, w, h, kind, title, lines } = box;
  const isRound = kind === "routing";
  const isMiddle = isRound || kind === "switch" || kind === "hub" || lines.length === 0;
  const top = isMiddle ? y + h / 2 + 4.5 : y + (h - lines.length * 16 - 14) / 2 + 13;
  const lineAt = (at: number): number => top + 16 * (at + 1);
  return svg`<g class="box ${kind}" ?data-here=${isHere} @click=${() => open(box)}>
    <rect x=${x} y=${y} width=${w} height=${h} rx=${isRound ? Math.min(18, h / 2) : 6}></rect>
    <text class="name" x=${isMiddle ? x + w / 2 : x + 10} y=${top}
      text-anchor=${isMiddle ? "middle" : "start"}>${title}</text>
    ${lines.map((line, at) => svg`<text class="mono" x=${x + 10} y=${lineAt(at)}>${line}</text>`)}
    ${kind === "hub" ? drawStar(x + w / 2 + 34, y + h / 2) : nothing}
  </g>`;
}

export function drawPorts(
  wires: readonly Wire[],
  steps: readonly Step[],
  [departed]: readonly Point[],
): SVGTemplateResult[] {
  const isLeft = (point: Point): boolean => point.x === departed?.x && point.y === departed.y;
  const taken = new Set(steps.map(({ wire }) => wire));
  return wires.flatMap((wire) => {
    const ends = [wire.points[0], wire.points.at(-1)];
    return ends.flatMap((point, at) => {
      if (point === undefined || !wire.hasPorts[at]) return [];
      const isUsed = taken.has(wire) || isLeft(point);
      return svg`<rect class="port" ?data-used=${isUsed} x=${point.x - PORT_W / 2}
        y=${point.y - PORT_W / 2} width=${PORT_W} height=${PORT_W} rx="2.5"></rect>`;
    });
  });
}

export function drawChip(
  { x, y, w, h, kind }: Chip,
  count: number,
  isAsked: boolean,
  open: () => void,
): SVGTemplateResult {
  const words = kind === "fdb" ? "bridge fdb" : `ip ${kind}`;
  return svg`<g class="chip" ?data-asked=${isAsked} @click=${open}>
    <rect x=${x} y=${y} width=${w} height=${h} rx="4"></rect>
    <text class="mono" x=${x + 10} y=${y + 15}>${words}</text>
    <text class="mono" x=${x + w - 9} y=${y + 15} text-anchor="end">${count}</text>
  </g>`;
}

export function drawBelief({ from, to, y, label }: Belief): SVGTemplateResult {
  return svg`<g class="belief"><path d="M${from},${y}H${to}"></path>
    <text x=${(from + to) / 2} y=${label.y + 14} text-anchor="middle">${label.text}</text></g>`;
}

/** The way gone: one line per piece, so that it can be drawn over what was drawn before. */
export function drawWay({ steps, asking, ends, departure }: Sketch): SVGTemplateResult {
  return svg`
    ${departure.length === 0 ? nothing : svg`<path class="way" d=${pathOf(departure)}></path>`}
    ${asking.map(({ points }) => svg`<path class="asking" d=${pathOf(points)}></path>`)}
    ${steps.map((step) => svg`<path class="way" d=${pathOf(pointsOf([step]))}></path>`)}
    ${ends.map(
      ({ at, isDrop }) => svg`<path class="end" ?data-drop=${isDrop}
        d="M${at.x},${at.y - END_H / 2}v${END_H}"></path>`,
    )}`;
}

/** From where it ended to the bar. */
export function drawStub(drawing: Drawing, { ends, here }: Sketch): SVGTemplateResult[] {
  return ends.flatMap(({ at, isDrop }) => {
    const [id] = here;
    const box = drawing.boxes.find((each) => each.id === id);
    if (!isDrop || box === undefined) return [];
    const start = at.x > box.x ? box.x + box.w : box.x;
    return svg`<path class="way" d="M${start},${at.y}H${at.x}"></path>`;
  });
}
