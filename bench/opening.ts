// How a core comes to be measured, in one place: who records what is called opens it otherwise.
import { type Core, type CoreOptions, openCore } from "../bindings/core/index.ts";

export type Opening = (options: CoreOptions) => Promise<Core>;

let opening: Opening = openCore;

/** Opens a core whose calls count. */
export function openMeasured(options: CoreOptions): Promise<Core> {
  return opening(options);
}

/** From now on `openMeasured` opens it this way. */
export function openBy(other: Opening): void {
  opening = other;
}
