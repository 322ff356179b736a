// A network of many hosts: painted, but for the hosts that the packet is about. Three layers: the
// network, the way of the packet, and packets that move.
import { html, nothing, type TemplateResult } from "lit";
import type { Hop, Trace } from "../../../lab/trace/trace.ts";
import { copyOf } from "../copy/copy.ts";
import { define } from "../element.ts";
import type { Box, Drawing, Point } from "../stage/drawing.ts";
import { copiesOf, courseOf, tracksOf } from "../stage/map/course.ts";
import { Layers } from "../stage/map/layers.ts";
import { mapOf, openedBy } from "../stage/map/map.ts";
import { hostNear } from "../stage/map/near.ts";
import { drawRest, drawSlip, drawTitle, isSlip } from "../stage/map/slip.ts";
import { drawOutline } from "../stage/outline.ts";
import { type Sketch, sketch } from "../stage/sketch.ts";
import { isSameHop, type Scene } from "../state/scene.ts";
import { BACK_MS, FORWARD_MS, NARROW_MAX, StageElement } from "./stage-element.ts";

/** Of the packet, which has less room here. */
const SCALES = { wide: 0.8, narrow: 0.66 };

interface Shown {
  readonly hop: Hop;
  readonly at: Point;
}

export class HlMap extends StageElement {
  #kept: { readonly key: string; readonly places: object; readonly drawing: Drawing } | null = null;
  #opened: ReadonlySet<string> = new Set();
  #sketch: Sketch | null = null;
  #shown: Shown | null = null;
  readonly #layers = new Layers(this);

  override connectedCallback(): void {
    super.connectedCallback();
    this.#layers.watch();
  }

  override disconnectedCallback(): void {
    this.#layers.leave();
    super.disconnectedCallback();
  }

  override render(): TemplateResult | typeof nothing {
    const { scene } = this;
    const trace = scene?.trace ?? null;
    if (scene === null || trace === null || this.width === 0) return nothing;
    const drawing = this.#drawingOf(scene, trace);
    const copy = copyOf(scene.state.lang);
    const isNarrow = this.width < NARROW_MAX;
    const scale = isNarrow ? SCALES.narrow : SCALES.wide;
    const now = sketch(drawing, scene, { copy, words: [], isNarrow, scale });
    this.#sketch = now;
    const outline = {
      ...{ trace, drawing, sketch: now, copy },
      current: this.focused || (trace.places.hosts[0]?.name ?? ""),
      go: (id: string): void => this.open(id),
      isOpen: (host: string): boolean => this.#opened.has(host),
    };
    const { width, height } = drawing;
    const size = `width:${width}px;height:${height}px`;
    return html`
      <div class="layers" style=${size} aria-hidden="true" @click=${this.#click}>
        <canvas></canvas><canvas></canvas>
        <svg viewBox="0 0 ${width} ${height}">
          ${drawing.frames.map(drawTitle)}
          ${drawing.boxes
            .filter(isSlip)
            .map((box) => drawSlip(box, now?.here.has(box.id) ?? false, this.#openBox))}
          ${now === null ? nothing : drawRest(now)}
        </svg>
        <canvas></canvas>
      </div>
      <div class="unseen" @keydown=${this.walk} @focusin=${this.focusItem}>
        ${drawOutline(outline)}
      </div>
    `;
  }

  override updated(): void {
    const { scene } = this;
    const now = this.#sketch;
    const drawing = this.#kept?.drawing;
    if (scene === null || drawing === undefined || this.width === 0) return;
    this.#layers.fit(drawing);
    this.#layers.course(courseOf(now, this.#focusedBox()));
    const { hop } = scene;
    if (hop === null || now === null) return;
    const before = this.#shown;
    const { spot, scale } = now;
    const at = { x: spot.x + spot.w / 2, y: spot.y + spot.h / 2 };
    this.#shown = { hop, at };
    if (before !== null && isSameHop(before.hop, hop)) return;
    this.#layers.rest();
    if (before === null || before.hop.packet !== hop.packet || !this.hasMotion(scene)) return;
    const ends = { from: before, to: { hop, at } };
    const movers = [
      { shells: now.token?.shells ?? [], scale, points: tracksOf(drawing, ends) },
      ...copiesOf(drawing, scene, ends),
    ];
    this.#layers.move(movers, hop.n < before.hop.n ? BACK_MS : FORWARD_MS);
  }

  /** The places of a network are the same for all packets; which hosts are opened is not. */
  #drawingOf({ packet }: Scene, trace: Trace): Drawing {
    const { places } = trace;
    const isNarrow = this.width < NARROW_MAX;
    this.#opened = packet === null ? new Set() : openedBy(trace, packet);
    const key = [this.width, ...this.#opened].join(" ");
    const kept = this.#kept;
    if (kept !== null && kept.key === key && kept.places === places) return kept.drawing;
    const drawing = mapOf(places, this.#opened, { width: this.width, isNarrow });
    this.#kept = { key, places, drawing };
    this.#shown = null;
    return drawing;
  }

  /** The ring is drawn while the keyboard is in the tree. */
  #focusedBox(): string | null {
    const hasFocus = this.querySelector("[role=tree]:focus-within") !== null;
    return hasFocus ? this.focused : null;
  }

  readonly #openBox = ({ id }: Box): void => this.open(id);

  readonly #click = (event: MouseEvent): void => {
    const drawing = this.#kept?.drawing;
    const isSlip = (event.target as Element).closest(".box") !== null;
    if (drawing === undefined || isSlip) return;
    const { left, top } = (event.currentTarget as Element).getBoundingClientRect();
    const box = hostNear(drawing, { x: event.clientX - left, y: event.clientY - top });
    if (box !== null) this.open(box.id);
  };
}

define("hl-map", HlMap);
