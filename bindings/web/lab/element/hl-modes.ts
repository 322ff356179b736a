// The mode of a network can be read off one byte: what is left of a ping's TTL where it arrives.
// Every value is that of a run made for this table.
import { html, nothing, type TemplateResult } from "lit";
import type { Trace } from "../../../lab/trace/trace.ts";
import { copyOf } from "../copy/copy.ts";
import { define, LabElement } from "../element.ts";
import type { Entry } from "../state/catalogue.ts";
import { ledgerOf } from "../state/ledger.ts";
import type { Scene } from "../state/scene.ts";
import type { Recipe, State } from "../state/state.ts";

/** The last hop of a run, and what its TTL was. */
interface Found {
  readonly ttl: string;
  readonly packet: number;
  readonly hop: number;
}

const MODES: readonly string[] = [
  "docker-bridge",
  "swarm-overlay",
  "weave-fastdp",
  "host-gw",
  "calico-bgp",
  "calico-ipip",
  "flannel-vxlan",
  "flannel-udp",
];

export class HlModes extends LabElement {
  static override properties = {
    state: { attribute: false },
    stage: { attribute: false },
    run: { attribute: false },
    entries: { attribute: false },
    found: { state: true },
  };

  declare state: State | null;
  declare stage: ((state: State) => Scene) | null;
  declare run: ((recipe: Recipe) => Promise<Trace>) | null;
  declare entries: readonly Entry[];
  declare found: ReadonlyMap<string, Found>;
  #isAsked = false;

  constructor() {
    super();
    this.state = null;
    this.stage = null;
    this.run = null;
    this.entries = [];
    this.found = new Map();
  }

  override render(): TemplateResult | typeof nothing {
    const lang = this.state?.lang ?? "en";
    const copy = copyOf(lang);
    return html`<h2>${copy.readMode}</h2>
      <p class="caption">${copy.readModeText}</p>
      <ul>${MODES.map((slug) => {
        const entry = this.entries.find((each) => each.slug === slug);
        const found = this.found.get(slug);
        if (entry === undefined || found === undefined) return nothing;
        const href = `?s=${slug}&p=${found.packet}&h=${found.hop}`;
        return html`<li><a href=${href}>${entry.title[lang]}</a> <b>${found.ttl}</b></li>`;
      })}</ul>`;
  }

  override updated(): void {
    if (this.#isAsked || this.run === null || this.entries.length === 0) return;
    this.#isAsked = true;
    void this.#ask(this.run);
  }

  async #ask(run: (recipe: Recipe) => Promise<Trace>): Promise<void> {
    for (const slug of MODES) {
      if (!this.entries.some((entry) => entry.slug === slug)) continue;
      const recipe = { scenario: slug, variant: null, seed: "1", edits: [] };
      const trace = await run(recipe).catch(() => null); // a mode that fails has no row
      if (trace === null) continue;
      const packet = trace.packets.find(({ line }) => line === "main");
      if (packet === undefined || this.state === null || this.stage === null) continue;
      const { frameAt } = this.stage({ ...this.state, scenario: slug, trace, compare: null });
      const { ttl } = ledgerOf(trace, frameAt);
      if (ttl === null) continue;
      const at = { ttl, packet: packet.index, hop: packet.hopCount };
      this.found = new Map([...this.found, [slug, at]]);
    }
  }
}

define("hl-modes", HlModes);
