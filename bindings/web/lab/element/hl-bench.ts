// How fast the core is in the reader's own browser.
import { html, nothing, type TemplateResult } from "lit";
import { copyOf, say } from "../copy/copy.ts";
import { type BenchResult, bench } from "../effect/bench.ts";
import { define, LabElement } from "../element.ts";
import type { Lang } from "../state/state.ts";

const NS_PER_US = 1000; // so many a second are a million each nanosecond

export class HlBench extends LabElement {
  static override properties = {
    lang: { attribute: false },
    results: { state: true },
    isRunning: { state: true },
    failure: { state: true },
  };

  declare lang: Lang;
  declare results: readonly BenchResult[];
  declare isRunning: boolean;
  declare failure: string;
  #leaving = new AbortController();

  constructor() {
    super();
    this.lang = this.givenLang();
    this.results = [];
    this.isRunning = false;
    this.failure = "";
  }

  override render(): TemplateResult {
    const copy = copyOf(this.lang);
    const words = this.results.length === 0 ? copy.benchRun : copy.benchAgain;
    return html`
      <h2>${copy.benchHead}</h2>
      <p class="caption">${copy.benchText} ${copy.benchNote}</p>
      <button type="button" class="button main" ?disabled=${this.isRunning} @click=${this.#run}
        >${this.isRunning ? copy.benchRunning : words}</button>
      <button type="button" class="button"
        @click=${() => this.act({ do: "pane", to: { show: "lab" } })}>${copy.leaveDecode}</button>
      ${this.failure === "" ? nothing : html`<p role="alert">${this.failure}</p>`}
      ${this.results.length === 0 ? nothing : this.#table()}
    `;
  }

  #table(): TemplateResult {
    const copy = copyOf(this.lang);
    return html`<table aria-busy=${this.isRunning}>
      <tr><th scope="col">${copy.benchItem}</th><th scope="col">${copy.benchNs}</th>
        <th scope="col">${copy.benchUnit}</th></tr>
      ${this.results.map(({ kind, size, sample: { median, min, max } }) => {
        const spread = `[${min.toFixed(1)}..${max.toFixed(1)}]`;
        return html`<tr><th scope="row">${say(copy.benchItems[kind], { n: size })}</th>
          <td>${median.toFixed(1)} <small>${spread}</small></td>
          <td>${(NS_PER_US / median).toFixed(1)}</td></tr>`;
      })}
    </table>`;
  }

  readonly #run = async (): Promise<void> => {
    this.isRunning = true;
    this.results = [];
    this.failure = "";
    const hear = (result: BenchResult): void => {
      this.results = [...this.results, result];
    };
    await bench(hear, this.#leaving.signal).catch((error: Error) => {
      this.failure = error.message;
    });
    this.isRunning = false;
  };

  override disconnectedCallback(): void {
    this.#leaving.abort();
    this.#leaving = new AbortController();
    super.disconnectedCallback();
  }
}

define("hl-bench", HlBench);
