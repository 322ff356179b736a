// What a drawing of few hosts and one of many have in common: they are as wide as they are given
// room, and what is drawn is a tree as well, for the keyboard and for who does not see it.
import { LabElement } from "../element.ts";
import { walk } from "../stage/outline.ts";
import type { Scene } from "../state/scene.ts";

export const NARROW_MAX = 720;
export const FORWARD_MS = 280;
export const BACK_MS = 160;

export abstract class StageElement extends LabElement {
  static override properties: Record<string, object> = {
    scene: { attribute: false },
    width: { state: true },
    focused: { state: true },
  };

  declare scene: Scene | null;
  declare width: number;
  /** The item of the tree that has the one tab stop. */
  declare focused: string;
  #watcher: ResizeObserver | null = null;

  constructor() {
    super();
    this.scene = null;
    this.width = 0;
    this.focused = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.width = this.clientWidth;
    this.#watcher = new ResizeObserver(([entry]) => {
      this.width = Math.round(entry?.contentRect.width ?? 0);
    });
    this.#watcher.observe(this);
  }

  override disconnectedCallback(): void {
    this.#watcher?.disconnect();
    super.disconnectedCallback();
  }

  /** A host, a namespace or a device, with all its tables. */
  protected open(place: string): void {
    this.act({ do: "pane", to: { show: "device", place } });
  }

  protected hasMotion({ state }: Scene): boolean {
    return state.prefs.hasMotion && !matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  protected readonly walk = (event: KeyboardEvent): void => {
    const tree = event.currentTarget as Element;
    const active = document.activeElement;
    if (event.key === "Enter" && active instanceof HTMLElement && tree.contains(active)) {
      this.open(active.dataset.id ?? "");
      event.preventDefault(); // or the same key shuts what it opened
      event.stopPropagation();
      return;
    }
    walk(tree, event);
  };

  protected readonly focusItem = (event: FocusEvent): void => {
    const id = (event.target as HTMLElement).dataset.id;
    if (id !== undefined) this.focused = id;
  };
}
