// The canvases of a map: which size they have, when each is painted, and in which colours.
import type { Drawing } from "../drawing.ts";
import type { Traveller } from "./course.ts";
import { drawMovers, Motion } from "./motion.ts";
import { type Course, paintCourse, paintNetwork } from "./paint.ts";
import { type Palette, paletteOf } from "./palette.ts";
import { Sprites } from "./sprite.ts";
import { trackOf } from "./track.ts";

const RATIO_MAX = 2;
const SCHEMES = "(prefers-color-scheme: dark), (forced-colors: active)";

/** What paints them again. */
interface Owner extends HTMLElement {
  requestUpdate(): void;
}

export class Layers {
  readonly #owner: Owner;
  readonly #motion = new Motion();
  readonly #scheme = matchMedia(SCHEMES);
  readonly #dress = new MutationObserver(() => this.#forget());
  #drawing: Drawing | null = null;
  #palette: Palette | null = null;
  #sprites: Sprites | null = null;
  #contexts: readonly CanvasRenderingContext2D[] = [];

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  /** Colours are read again when the theme is another. */
  watch(): void {
    this.#scheme.addEventListener("change", this.#forget);
    this.#dress.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  leave(): void {
    this.#motion.stop();
    this.#scheme.removeEventListener("change", this.#forget);
    this.#dress.disconnect();
  }

  /** Paints the network if it, its size or its colours are others than before. */
  fit(drawing: Drawing): void {
    if (this.#drawing === drawing && this.#palette !== null) return;
    const ratio = Math.min(RATIO_MAX, devicePixelRatio);
    const canvases = [...this.#owner.querySelectorAll("canvas")];
    this.#contexts = canvases.flatMap((canvas) => sized(canvas, drawing, ratio) ?? []);
    this.#drawing = drawing;
    this.#palette = paletteOf(this.#owner);
    this.#sprites = new Sprites(this.#palette, ratio);
    const [ground] = this.#contexts;
    if (ground !== undefined) paintNetwork(ground, drawing, this.#palette);
  }

  /** Paints what a step changes. */
  course(course: Course): void {
    const [, on] = this.#contexts;
    if (on === undefined || this.#drawing === null || this.#palette === null) return;
    this.#clear(on);
    paintCourse(on, this.#drawing, course, this.#palette);
  }

  /** Lets everything arrive; the packet at rest is an element, and hidden on its way. */
  move(travellers: readonly Traveller[], forMs: number): void {
    const [, , on] = this.#contexts;
    const sprites = this.#sprites;
    const figure = this.#owner.querySelector<SVGElement>(".packet");
    if (on === undefined || sprites === null || figure === null) return;
    const movers = travellers.map(({ shells, scale, points }) => ({
      ...{ sprite: sprites.of(shells, scale), track: trackOf(points) },
    }));
    figure.style.visibility = "hidden";
    const draw = (share: number): void => {
      this.#clear(on);
      drawMovers(on, movers, share);
    };
    this.#motion.start(movers.length === 0 ? 0 : forMs, draw, () => this.rest());
  }

  /** Everything has arrived. */
  rest(): void {
    const [, , on] = this.#contexts;
    this.#motion.stop();
    if (on !== undefined) this.#clear(on);
    this.#owner.querySelector<SVGElement>(".packet")?.style.removeProperty("visibility");
  }

  readonly #forget = (): void => {
    this.#palette = null;
    this.#owner.requestUpdate();
  };

  #clear(on: CanvasRenderingContext2D): void {
    const { width = 0, height = 0 } = this.#drawing ?? {};
    on.clearRect(0, 0, width, height);
  }
}

function sized(
  canvas: HTMLCanvasElement,
  { width, height }: Drawing,
  ratio: number,
): CanvasRenderingContext2D | null {
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const on = canvas.getContext("2d");
  on?.scale(ratio, ratio);
  return on;
}
