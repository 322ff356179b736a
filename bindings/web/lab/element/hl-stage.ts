// The network as a drawing, and the packet in it.
import { html, nothing, type PropertyValues, svg, type TemplateResult } from "lit";
import type { Hop, Trace } from "../../../lab/trace/trace.ts";
import { copyOf } from "../copy/copy.ts";
import { define } from "../element.ts";
import { type Belief, beliefsOf } from "../stage/belief.ts";
import { captionOf } from "../stage/caption.ts";
import {
  drawBelief,
  drawBox,
  drawChip,
  drawFrame,
  drawPorts,
  drawStub,
  drawWay,
  drawWire,
} from "../stage/draw.ts";
import {
  type Band,
  type Box,
  type Chip,
  type Drawing,
  isOverlapping,
  type Point,
  type Rect,
} from "../stage/drawing.ts";
import { layout } from "../stage/layout.ts";
import { NARROW, WIDE } from "../stage/metrics.ts";
import { drawOutline } from "../stage/outline.ts";
import { rowCount } from "../stage/row-count.ts";
import { type Sketch, sketch, trackOf } from "../stage/sketch.ts";
import { drawToken } from "../stage/token.ts";
import { isSameHop, type Scene } from "../state/scene.ts";
import type { Lang } from "../state/state.ts";
import { BACK_MS, FORWARD_MS, NARROW_MAX, StageElement } from "./stage-element.ts";

const WIDTH_MAX = 1760;
const CAPTION_X = 10;
const CAPTION_W = 76;
const CAPTION_H = 18;

export class HlStage extends StageElement {
  #drawing: { readonly trace: Trace; readonly width: number; readonly drawing: Drawing } | null =
    null;
  #shown: { readonly hop: Hop; readonly at: Point } | null = null;
  #sketch: Sketch | null = null;

  override render(): TemplateResult | typeof nothing {
    const { scene } = this;
    const trace = scene?.trace ?? null;
    if (scene === null || trace === null || this.width === 0) return nothing;
    const drawing = this.#drawingOf(trace);
    const copy = copyOf(scene.state.lang);
    const beliefs = beliefsOf(drawing, scene, copy);
    const isNarrow = this.width < NARROW_MAX;
    const words = [...beliefs.map(({ label }) => label), ...captionRects(drawing, isNarrow)];
    this.#sketch = sketch(drawing, scene, { copy, words, isNarrow });
    const outline = {
      ...{ trace, drawing, sketch: this.#sketch, copy },
      current: this.focused || (trace.places.hosts[0]?.name ?? ""),
      go: (id: string): void => this.open(id),
      isOpen: (): boolean => true,
    };
    return html`
      <svg viewBox="0 0 ${drawing.width} ${drawing.height}" aria-hidden="true"
        preserveAspectRatio="xMidYMid meet">
        ${this.#ground(drawing, beliefs, scene)} ${this.#figures(drawing, scene, trace)}
      </svg>
      <div class="unseen" @keydown=${this.walk} @focusin=${this.focusItem}>
        ${drawOutline(outline)}
      </div>
    `;
  }

  #ground(drawing: Drawing, beliefs: readonly Belief[], scene: Scene): TemplateResult {
    const { frames, wires } = drawing;
    return svg`
      ${drawing.bands.map((band) => this.#band(drawing, band, scene))}
      ${frames.map(drawFrame)}
      ${beliefs.map(drawBelief)}
      ${wires.map(drawWire)}
    `;
  }

  #band(drawing: Drawing, { plane, x, y, w, h }: Band, scene: Scene): TemplateResult {
    const copy = copyOf(scene.state.lang);
    const narrow = this.width < NARROW_MAX;
    const left = CAPTION_X;
    const caption = { x: left, y: y + 6, w: CAPTION_W, h: CAPTION_H };
    const isFree = !drawing.boxes.some((box) => isOverlapping(box, caption));
    const words = isFree
      ? svg`<text class="plane" x=${left} y=${y + 20}>${copy.planes[plane]}</text>`
      : nothing;
    const small = scene.trace === null || narrow ? "" : captionOf(scene.trace, plane);
    return svg`<rect class="band" x=${x} y=${y} width=${w} height=${h} rx="6"></rect>${words}
      <text class="mono prefix" x=${left} y=${y + 38}>${small}</text>`;
  }

  #figures(drawing: Drawing, scene: Scene, trace: Trace): TemplateResult {
    const now = this.#sketch;
    const asked = new Set(now?.asking.map(({ chip }) => chip));
    const count = (chip: Chip): number =>
      scene.hop === null ? 0 : rowCount(trace, chip.namespace, chip.kind, scene.hop);
    const table = (chip: Chip): void => {
      const { namespace, kind } = chip;
      this.act({ do: "pane", to: { show: "table", table: { namespace, kind, device: null } } });
    };
    return svg`
      ${now === null ? nothing : drawWay(now)}
      ${drawing.boxes.map((box) =>
        drawBox(inWords(box, scene.state.lang), now?.here.has(box.id) ?? false, (each) =>
          this.#openBox(each),
        ),
      )}
      ${now === null ? nothing : drawStub(drawing, now)}
      ${drawPorts(drawing.wires, now?.steps ?? [], now?.departure ?? [])}
      ${drawing.chips.map((chip, at) =>
        drawChip(chip, count(chip), asked.has(at), () => table(chip)),
      )}
      ${
        now?.token == null
          ? nothing
          : svg`<g class="packet" style="transform:${placeOf(now.spot)}">
              <g transform="scale(${now.scale})">${drawToken(now.token)}</g></g>`
      }
    `;
  }

  /** The drawing of a scenario never changes while its packets go to and fro. */
  #drawingOf(trace: Trace): Drawing {
    const isNarrow = this.width < NARROW_MAX;
    const width = isNarrow ? this.width : Math.min(Math.max(this.width, WIDE.width), WIDTH_MAX);
    const known = this.#drawing;
    const isSame = known?.trace.places === trace.places || known?.trace === trace;
    if (known !== null && isSame && known.width === width) return known.drawing;
    const first = trace.packets.find(({ line }) => line === "main");
    const path = first === undefined ? [] : hopsFrom(trace, first.firstHop, first.hopCount);
    const drawing = layout(trace.places, path, { ...(isNarrow ? NARROW : WIDE), width });
    this.#drawing = { trace, width, drawing };
    return drawing;
  }

  #openBox({ id, kind, host }: Box): void {
    const isSpace = kind === "container";
    this.open(isSpace || kind !== "routing" ? id : host);
  }

  override updated(_: PropertyValues): void {
    const before = this.#shown;
    const { scene } = this;
    const hop = scene?.hop ?? null;
    const now = this.#sketch;
    if (hop === null || now === null) return;
    const at = { x: now.spot.x, y: now.spot.y };
    this.#shown = { hop, at };
    if (scene === null || before === null || isSameHop(before.hop, hop) || !this.hasMotion(scene))
      return;
    this.#move(before, { hop, at });
  }

  /** Along the wires, from where it was drawn to where it is. */
  #move(from: { hop: Hop; at: Point }, to: { hop: Hop; at: Point }): void {
    const figure = this.querySelector<SVGGElement>(".packet");
    const drawing = this.#drawing?.drawing;
    if (figure === null || drawing === undefined || from.hop.packet !== to.hop.packet) return;
    for (const running of figure.getAnimations()) running.cancel();
    const isBack = to.hop.n < from.hop.n;
    const track = isBack
      ? [...trackOf(drawing, to.hop, from.hop)].reverse()
      : trackOf(drawing, from.hop, to.hop);
    const box = figure.getBBox();
    const between = track.map(({ x, y }) => ({ x: x - box.width / 2, y: y - box.height / 2 }));
    const keyframes = [from.at, ...between, to.at].map((at) => ({ transform: placeOf(at) }));
    figure.animate(keyframes, {
      duration: isBack ? BACK_MS : FORWARD_MS,
      easing: "cubic-bezier(.3,0,.2,1)",
    });
  }
}

/** Routing is a function and no device: its name is a word. */
function inWords(box: Box, lang: Lang): Box {
  return box.kind === "routing" ? { ...box, title: copyOf(lang).routing } : box;
}

function placeOf({ x, y }: Point): string {
  return `translate(${x}px,${y}px)`;
}

/** Names of planes, which the packet keeps clear of. */
function captionRects({ bands }: Drawing, isNarrow: boolean): Rect[] {
  const h = isNarrow ? CAPTION_H : 2 * CAPTION_H;
  return bands.map(({ y }) => ({ x: CAPTION_X, y: y + 6, w: CAPTION_W, h }));
}

function hopsFrom(trace: Trace, first: number, count: number): readonly Hop[] {
  return trace.hops.slice(first, first + count);
}

define("hl-stage", HlStage);
