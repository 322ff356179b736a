// A packet as a picture: one for each stack of headers and size, drawn once and then copied.
import type { Shell } from "../../state/frame.ts";
import { coreSize, packetSize, SHELL_EDGE, SHELL_LEFT } from "../size.ts";
import type { Palette } from "./palette.ts";

export interface Sprite {
  readonly picture: OffscreenCanvas;
  /** On the stage. */
  readonly w: number;
  readonly h: number;
}

export class Sprites {
  readonly #kept = new Map<string, Sprite>();
  readonly #palette: Palette;
  readonly #ratio: number;

  constructor(palette: Palette, ratio: number) {
    this.#palette = palette;
    this.#ratio = ratio;
  }

  of(shells: readonly Shell[], scale: number): Sprite {
    const key = `${scale} ${shells.map(({ letter, layer }) => letter || layer).join(" ")}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const sprite = this.#draw(shells, scale);
    this.#kept.set(key, sprite);
    return sprite;
  }

  #draw(shells: readonly Shell[], scale: number): Sprite {
    const size = packetSize(shells.length);
    const [w, h] = [size.w * scale + 2, size.h * scale + 2];
    const picture = new OffscreenCanvas(Math.ceil(w * this.#ratio), Math.ceil(h * this.#ratio));
    const on = picture.getContext("2d");
    if (on === null) return { picture, w, h };
    on.scale(this.#ratio * scale, this.#ratio * scale);
    on.translate(1, 1);
    on.lineWidth = 1.5;
    on.textAlign = "center";
    on.textBaseline = "middle";
    on.font = `600 12px ${this.#palette.ui}`;
    const core = coreSize(shells.length);
    for (const [at, shell] of shells.entries()) {
      const isLast = at === shells.length - 1;
      const shellW = isLast ? core.w : size.w - at * (SHELL_LEFT + SHELL_EDGE);
      const shellH = isLast ? core.h : size.h - 2 * at * SHELL_EDGE;
      this.#shell(on, shell, { x: at * SHELL_LEFT, y: at * SHELL_EDGE, w: shellW, h: shellH });
      const x = at * SHELL_LEFT + (isLast ? shellW / 2 : SHELL_LEFT / 2 + 1);
      on.fillText(isLast ? shell.layer.toUpperCase() : shell.letter, x, size.h / 2);
    }
    return { picture, w, h };
  }

  #shell(
    on: OffscreenCanvasRenderingContext2D,
    { hue }: Shell,
    { x, y, w, h }: { x: number; y: number; w: number; h: number },
  ): void {
    on.beginPath();
    on.roundRect(x, y, w, h, 4);
    on.fillStyle = this.#palette.tint[hue];
    on.fill();
    on.strokeStyle = this.#palette.strong[hue];
    on.stroke();
    on.fillStyle = hue === "pay" ? this.#palette.ink : this.#palette.strong[hue];
  }
}
