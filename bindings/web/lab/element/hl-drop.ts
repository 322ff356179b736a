// The whole page takes a file: it is outlined while one is held over it.
import { html, nothing, type TemplateResult } from "lit";
import { copyOf } from "../copy/copy.ts";
import { define, LabElement } from "../element.ts";
import type { Lang } from "../state/state.ts";

export class HlDrop extends LabElement {
  static override properties = {
    lang: { attribute: false },
    open: { attribute: false },
    isOver: { state: true },
  };

  declare lang: Lang;
  declare open: (file: File) => void;
  declare isOver: boolean;
  readonly #stop = new Map<string, (event: DragEvent) => void>();

  constructor() {
    super();
    this.lang = "en";
    this.open = () => {};
    this.isOver = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const over = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      this.isOver = true;
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) this.isOver = false;
    };
    const drop = (event: DragEvent): void => {
      const file = event.dataTransfer?.files[0];
      this.isOver = false;
      if (file === undefined) return;
      event.preventDefault();
      this.open(file);
    };
    for (const [name, hear] of Object.entries({ dragover: over, dragleave: leave, drop })) {
      this.#stop.set(name, hear);
      window.addEventListener(name as "drop", hear);
    }
  }

  override disconnectedCallback(): void {
    for (const [name, hear] of this.#stop) window.removeEventListener(name as "drop", hear);
    super.disconnectedCallback();
  }

  override render(): TemplateResult | typeof nothing {
    return this.isOver ? html`<p>${copyOf(this.lang).dropHere}</p>` : nothing;
  }
}

define("hl-drop", HlDrop);
