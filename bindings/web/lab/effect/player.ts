// Play: a step now and then, until there is something to look at.
import { isDrop } from "../../../lab/trace/verdict.ts";
import type { Action } from "../act.ts";
import { reduce } from "../state/reduce.ts";
import type { Scene } from "../state/scene.ts";
import type { State } from "../state/state.ts";

const STEP_MS = 900;
const NEXT: Action = { do: "step", by: 1 };
const STOP: Action = { do: "play", speed: 0 };

export class Player {
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #seen = new Set<string>();
  readonly #act: (action: Action) => void;

  constructor(act: (action: Action) => void) {
    this.#act = act;
  }

  /** After each change of the state. */
  follow(scene: Scene, before: Scene | null): void {
    const { state } = scene;
    const hasMoved = before?.state.at !== state.at;
    if (state.play === before?.state.play && !hasMoved) return;
    clearTimeout(this.#timer);
    if (state.play === 0) return;
    const isStart = before?.state.play === 0;
    if (!isStart && this.#isWorthALook(scene)) this.#act(STOP);
    else this.#timer = setTimeout(() => this.#step(state), STEP_MS / state.play);
  }

  #step(state: State): void {
    const isEnd = reduce(state, NEXT) === state;
    this.#act(isEnd ? STOP : NEXT);
  }

  #isWorthALook({ hop, errata }: Scene): boolean {
    const fresh = errata.filter(({ id }) => !this.#seen.has(id));
    for (const { id } of fresh) this.#seen.add(id);
    return fresh.length > 0 || (hop !== null && isDrop(hop.verdict));
  }
}
