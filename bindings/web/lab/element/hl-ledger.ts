// What two modes cost, side by side.
import { html, type TemplateResult } from "lit";
import { copyOf, say } from "../copy/copy.ts";
import { define, LabElement } from "../element.ts";
import { type Ledger, rowsFor } from "../state/ledger.ts";
import type { Lang } from "../state/state.ts";

const NODES_MAX = 1000;
const CONTAINERS_MAX = 100;

export class HlLedger extends LabElement {
  static override properties = {
    lang: { attribute: false },
    left: { attribute: false },
    right: { attribute: false },
    nodes: { state: true },
    containers: { state: true },
  };

  declare lang: Lang;
  declare left: Ledger | null;
  declare right: Ledger | null;
  declare nodes: number;
  declare containers: number;

  constructor() {
    super();
    this.lang = "en";
    this.left = null;
    this.right = null;
    this.nodes = 100;
    this.containers = 10;
  }

  override render(): TemplateResult {
    const copy = copyOf(this.lang);
    const { nodes, containers } = this;
    const cells = (pick: (ledger: Ledger) => string | number | null): TemplateResult[] =>
      [this.left, this.right].map((each) => {
        const value = each === null ? null : pick(each);
        return html`<td>${value ?? "\u2013"}</td>`;
      });
    const rows: [string, TemplateResult[]][] = [
      [copy.onUnderlay, cells(({ onUnderlay }) => onUnderlay)],
      [copy.ttlAtEnd, cells(({ ttl }) => ttl)],
      [copy.crossingsSent, cells(({ crossings }) => crossings)],
      [
        say(copy.rowsFor, { n: nodes, m: containers }),
        cells((ledger) => Math.round(rowsFor(ledger, nodes, containers))),
      ],
      [copy.mtuOf, cells(({ mtu }) => mtu)],
      [copy.arpFrames, cells(({ arpFrames }) => arpFrames)],
    ];
    return html`<h2>${copy.ledger}</h2>
      <table>
        ${rows.map(([words, values]) => html`<tr><th scope="row">${words}</th>${values}</tr>`)}
      </table>
      ${this.#slider(copy.nodes, nodes, NODES_MAX, (value) => {
        this.nodes = value;
      })}
      ${this.#slider(copy.containersEach, containers, CONTAINERS_MAX, (value) => {
        this.containers = value;
      })}`;
  }

  #slider(words: string, value: number, max: number, set: (value: number) => void): TemplateResult {
    const move = (event: Event): void => set(Number((event.target as HTMLInputElement).value));
    return html`<label>${words}
      <input type="range" min="2" max=${max} .value=${String(value)} @input=${move} />
      <b>${value}</b></label>`;
  }
}

define("hl-ledger", HlLedger);
