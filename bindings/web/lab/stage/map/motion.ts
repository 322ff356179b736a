// Packets that move: one callback for all of them, which ends when they have arrived.
import type { Sprite } from "./sprite.ts";
import { eased, pointAt, type Track } from "./track.ts";

/** Something that moves. */
export interface Mover {
  readonly sprite: Sprite;
  readonly track: Track;
}

export class Motion {
  #frame = 0;

  /** Draws shares of a way until all of it is gone. Ends what moved before. */
  start(forMs: number, draw: (share: number) => void, end: () => void): void {
    this.stop();
    let begunMs: number | null = null;
    const step = (nowMs: number): void => {
      begunMs ??= nowMs;
      const share = forMs === 0 ? 1 : (nowMs - begunMs) / forMs;
      if (share >= 1) end();
      else {
        this.#frame = requestAnimationFrame(step);
        draw(eased(share));
      }
    };
    this.#frame = requestAnimationFrame(step);
    draw(0);
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }
}

/** Draws all of them where they are. */
export function drawMovers(
  on: CanvasRenderingContext2D,
  movers: readonly Mover[],
  share: number,
): void {
  for (const { sprite, track } of movers) {
    const { x, y } = pointAt(track, share);
    on.drawImage(sprite.picture, x - sprite.w / 2, y - sprite.h / 2, sprite.w, sprite.h);
  }
}
