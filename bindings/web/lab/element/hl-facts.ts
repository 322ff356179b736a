// What a scenario proves: every assertion, whether it holds, and the hop to look at.
import { html, nothing, type TemplateResult } from "lit";
import type { Fact } from "../../../lab/trace/trace.ts";
import { copyOf, say } from "../copy/copy.ts";
import { define } from "../element.ts";
import { LabDialog } from "./lab-dialog.ts";

export class HlFacts extends LabDialog {
  static override properties: Record<string, object> = {
    ...LabDialog.properties,
    facts: { attribute: false },
  };

  declare facts: readonly Fact[];

  constructor() {
    super();
    this.facts = [];
  }

  protected override heading(): string {
    return copyOf(this.lang).factsHead;
  }

  protected override body(): TemplateResult {
    const copy = copyOf(this.lang);
    const held = this.facts.filter(({ isHeld }) => isHeld).length;
    const all = this.facts.length;
    const words =
      held === all
        ? say(copy.facts, { held, all })
        : say(copy.factsFail, { failed: all - held, all });
    if (all === 0) return html`<p class="caption">${copy.noFacts}</p>`;
    return html`<p class="caption">${words}</p>
      <ul class="list facts">${this.facts.map((fact) => this.#row(fact))}</ul>`;
  }

  #row({ name, isHeld, found, at }: Fact): TemplateResult {
    const copy = copyOf(this.lang);
    const go = (): void => {
      if (at === null) return;
      this.close();
      this.act({ do: "go", ...at });
    };
    return html`<li class=${isHeld ? "" : "fails"}>
      <button type="button" class="entry" ?disabled=${at === null} @click=${go}>
        <i aria-label=${isHeld ? copy.holds : copy.fails}>${isHeld ? "\u2713" : "\u2715"}</i>
        <b>${name}</b>
        ${found === "" ? nothing : html`<span class="mono">${found}</span>`}
      </button>
    </li>`;
  }
}

define("hl-facts", HlFacts);
