// The core's encapsulation rate in the reader's own browser.
import { html, nothing, type TemplateResult } from "lit";
import uPlot from "uplot";
import { copyOf } from "../copy/copy.ts";
import { type BenchResult, bench, FRAME_LENS } from "../effect/bench.ts";
import { define, LabElement } from "../element.ts";
import type { Lang } from "../state/state.ts";

const CHART_H = 300;

export class HlBench extends LabElement {
  static override properties = {
    lang: { attribute: false },
    results: { state: true },
    isRunning: { state: true },
  };

  declare lang: Lang;
  declare results: readonly BenchResult[];
  declare isRunning: boolean;
  #chart: uPlot | null = null;

  constructor() {
    super();
    this.lang = "en";
    this.results = [];
    this.isRunning = false;
  }

  override render(): TemplateResult {
    const copy = copyOf(this.lang);
    const words = this.results.length === 0 ? copy.benchRun : copy.benchAgain;
    return html`
      <h2>${copy.benchHead}</h2>
      <p class="caption">${copy.benchText}</p>
      <button type="button" class="button main" ?disabled=${this.isRunning} @click=${this.#run}
        >${this.isRunning ? copy.benchRunning : words}</button>
      <button type="button" class="button"
        @click=${() => this.act({ do: "pane", to: { show: "lab" } })}>${copy.leaveDecode}</button>
      <div class="chart"></div>
      ${this.results.length === 0 ? nothing : this.#table()}
    `;
  }

  #table(): TemplateResult {
    const copy = copyOf(this.lang);
    const rate = (perSecond: number): string => (perSecond / 1e6).toFixed(2);
    const bits = ({ frameLen, packetsPerSecond }: BenchResult): string =>
      ((frameLen * 8 * packetsPerSecond) / 1e9).toFixed(1);
    return html`<table>
      <tr><th scope="col">${copy.columns.bytes}</th><th scope="col">${copy.benchUnit}</th>
        <th scope="col">Gbit/s</th></tr>
      ${this.results.map(
        (each) => html`<tr><td>${each.frameLen}</td><td>${rate(each.packetsPerSecond)}</td>
          <td>${bits(each)}</td></tr>`,
      )}
    </table>`;
  }

  readonly #run = async (): Promise<void> => {
    this.isRunning = true;
    this.results = [];
    for await (const result of bench(() => performance.now())) {
      this.results = [...this.results, result];
      this.#draw();
    }
    this.isRunning = false;
  };

  #draw(): void {
    const place = this.querySelector<HTMLElement>(".chart");
    if (place === null) return;
    const rates = FRAME_LENS.map((_, at) => {
      const result = this.results[at];
      return result === undefined ? null : result.packetsPerSecond / 1e6;
    });
    const data: uPlot.AlignedData = [[...FRAME_LENS], rates];
    if (this.#chart !== null) {
      this.#chart.setData(data);
      return;
    }
    const ink = getComputedStyle(this).color;
    const axis = { stroke: ink, grid: { stroke: `${ink.replace(")", " / 12%)")}` } };
    const copy = copyOf(this.lang);
    this.#chart = new uPlot(
      {
        width: Math.min(place.clientWidth, 760),
        height: CHART_H,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: false }, y: { range: (_, __, max) => [0, Math.max(max * 1.1, 0.1)] } },
        axes: [
          { ...axis, label: copy.columns.bytes },
          { ...axis, label: copy.benchUnit },
        ],
        series: [{}, { stroke: ink, width: 2, points: { show: true, size: 7, fill: ink } }],
      },
      data,
      place,
    );
  }

  override disconnectedCallback(): void {
    this.#chart?.destroy();
    this.#chart = null;
    super.disconnectedCallback();
  }
}

define("hl-bench", HlBench);
