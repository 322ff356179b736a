// The bytes of the packet, sixteen a row, in the colours of their headers.
import { html, nothing, type TemplateResult } from "lit";
import type { Change, Range } from "../../../lab/trace/trace.ts";
import { say } from "../copy/copy.ts";
import { type InspectCopy, inspectCopy, rowName } from "../copy/inspect/inspect.ts";
import { define, LabElement } from "../element.ts";
import { type Frame, rowOfByte, shellAt } from "../state/frame.ts";
import { bytesAt, type Scene } from "../state/scene.ts";
import type { DiffMode } from "../state/state.ts";

const WIDTH = 16; // bytes
const COLUMNS = Array.from({ length: WIDTH }, (_, at) => at.toString(16));
const MODES: readonly DiffMode[] = ["before", "after", "diff"];
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -WIDTH,
  ArrowDown: WIDTH,
};

export class HlBytes extends LabElement {
  static override properties = { scene: { attribute: false }, cursor: { state: true } };

  declare scene: Scene | null;
  /** The byte that the keyboard is at; null: the first of what is marked. */
  declare cursor: number | null;

  constructor() {
    super();
    this.scene = null;
    this.cursor = null;
  }

  override render(): TemplateResult | typeof nothing {
    const { scene } = this;
    if (!scene?.shown) return nothing;
    const { shown, state } = scene;
    const copy = inspectCopy(state.lang);
    const starts = Array.from({ length: Math.ceil(shown.bytes.length / WIDTH) }, (_, row) => row);
    return html`
      <div class="head">
        <h2>${copy.bytes}</h2>
        <span class="caption">${caption(copy, scene)}</span>
        ${this.#modes(copy, scene)}
      </div>
      <div
        class="grid mono"
        role="grid"
        aria-label=${copy.bytes}
        ?data-ascii=${state.prefs.hasAscii}
        @click=${this.#click}
        @keydown=${this.#key}
      >
        <div class="row heads" role="row">
          <span role="columnheader"><span class="unseen">${copy.bytes}</span></span>
          ${COLUMNS.map((name) => html`<span role="columnheader">${name}</span>`)}
        </div>
        ${scene.diff === "diff" ? this.#removed(copy, scene) : nothing}
        ${starts.map((row) => this.#row(copy, scene, shown, row * WIDTH))}
      </div>
    `;
  }

  #modes(copy: InspectCopy, scene: Scene): TemplateResult | typeof nothing {
    if (scene.hop === null) return nothing;
    const has = { before: scene.before, after: scene.after, diff: scene.before && scene.after };
    return html`<div class="modes" role="group" aria-label=${copy.show}>
      ${MODES.map(
        (mode) => html`<button
          aria-pressed=${scene.diff === mode}
          ?disabled=${!has[mode]}
          @click=${() => this.act({ do: "diff", to: mode })}
        >${copy[mode]}</button>`,
      )}
    </div>`;
  }

  #removed(copy: InspectCopy, { hop, before }: Scene): TemplateResult | typeof nothing {
    const gone = (hop?.changes ?? []).flatMap(({ at, was }) => (at.len === 0 && was ? [was] : []));
    if (gone.length === 0 || before === null) return nothing;
    const n = gone.reduce((sum, { len }) => sum + len, 0);
    const layers = [...new Set(gone.flatMap((range) => layersIn(copy, before, range)))];
    return html`<div class="row gone" role="row">
      <details role="gridcell">
        <summary>${say(copy.shrank, { n, layers: layers.join(", ") })}</summary>
        ${gone.map((range) => html`<span>${hexOf(bytesAt(before, range))} </span>`)}
      </details>
    </div>`;
  }

  #row(copy: InspectCopy, scene: Scene, shown: Frame, start: number): TemplateResult {
    const part = shown.bytes.subarray(start, start + WIDTH);
    const cells = Array.from(part, (byte, at) => this.#cell(copy, scene, start + at, byte));
    const isNew = scene.diff === "diff" && changeAt(scene, start, isInserted) !== undefined;
    const text = scene.state.prefs.hasAscii
      ? html`<span class="ascii" aria-hidden="true">${asciiOf(part)}</span>`
      : nothing;
    return html`<div class="row" role="row" ?data-new=${isNew}>
      <span class="offset" role="rowheader">${start.toString(16).padStart(4, "0")}</span
      >${cells}${text}
    </div>`;
  }

  #cell(copy: InspectCopy, scene: Scene, at: number, byte: number): TemplateResult {
    const { marks } = scene;
    const shown = scene.shown as Frame;
    const shell = shellAt(shown, at);
    const row = rowOfByte(shown, at);
    const isMarked = isIn(marks.range, at);
    const old = scene.diff === "diff" ? oldByte(scene, at) : undefined;
    const text = hex(byte);
    const said = old === undefined ? text : say(copy.was, { byte: text, old: hex(old) });
    const field = row === undefined ? "" : rowName(copy, row);
    return html`<span
      class="byte"
      role="gridcell"
      data-at=${at}
      data-hue=${shown.shells[shell]?.hue ?? "pay"}
      data-path=${row?.path ?? nothing}
      data-old=${old === undefined ? nothing : hex(old)}
      ?data-sel=${isMarked}
      ?data-also=${marks.also.some((range) => isIn(range, at))}
      ?data-layer=${marks.shell === shell}
      tabindex=${at === this.#focused() ? 0 : -1}
      aria-selected=${isMarked}
      aria-label=${say(copy.offset, { at, byte: said, field })}
      >${text}</span
    >`;
  }

  #focused(): number {
    return this.cursor ?? this.scene?.marks.range?.at ?? 0;
  }

  #click(event: Event): void {
    const at = atOf(event);
    if (at !== null) this.#hold(at);
  }

  #hold(at: number): void {
    const shown = this.scene?.shown;
    if (!shown) return;
    this.cursor = at;
    const sel = rowOfByte(shown, at)?.path ?? { at, len: 1 };
    this.act({ do: "select", sel });
  }

  #key(event: KeyboardEvent): void {
    const at = atOf(event);
    const shown = this.scene?.shown;
    if (at === null || !shown) return;
    const step = STEPS[event.key];
    if (event.key === "Enter" || event.key === " ") this.#hold(at);
    else if (step === undefined) return;
    else this.#move(at, at + step, event.shiftKey);
    event.preventDefault();
    event.stopPropagation();
  }

  #move(from: number, to: number, isRange: boolean): void {
    if (to < 0 || to >= (this.scene?.shown?.bytes.length ?? 0)) return;
    this.cursor = to;
    if (isRange)
      this.act({ do: "select", sel: stretched(this.scene?.marks.range ?? null, from, to) });
    this.updateComplete.then(() => {
      this.querySelector<HTMLElement>(`[data-at="${to}"]`)?.focus();
    });
  }
}

function caption(copy: InspectCopy, { diff, shown, hop }: Scene): string {
  const n = shown?.bytes.length ?? 0;
  if (diff === "before") return say(copy.asCame, { n });
  return say(hop?.outDevice === null ? copy.asLeft : copy.onWire, { n });
}

function atOf({ target }: Event): number | null {
  const at = (target as Element).closest<HTMLElement>("[data-at]")?.dataset.at;
  return at === undefined ? null : Number(at);
}

function isIn(range: Range | null, at: number): boolean {
  return range !== null && at >= range.at && at < range.at + range.len;
}

// From where the range began to where the keyboard is now.
function stretched(range: Range | null, from: number, to: number): Range {
  const isEnd = range !== null && (from === range.at || from === range.at + range.len - 1);
  const other = isEnd && from === range.at ? range.at + range.len - 1 : range?.at;
  const anchor = isEnd && other !== undefined ? other : from;
  return { at: Math.min(anchor, to), len: Math.abs(anchor - to) + 1 };
}

function isInserted({ at, was }: Change): boolean {
  return was === null && at.len > 0;
}

function changeAt(
  { hop }: Scene,
  at: number,
  isMeant: (change: Change) => boolean,
): Change | undefined {
  return hop?.changes.find((change) => isIn(change.at, at) && isMeant(change));
}

function oldByte(scene: Scene, at: number): number | undefined {
  const change = changeAt(scene, at, ({ was }) => was !== null);
  if (!change?.was) return undefined;
  const old = scene.before?.bytes[change.was.at + at - change.at.at];
  return old === scene.after?.bytes[at] ? undefined : old;
}

function layersIn(copy: InspectCopy, { shells }: Frame, { at, len }: Range): string[] {
  const inside = shells.filter((shell) => shell.at >= at && shell.at < at + len);
  return inside.map(({ layer }) => copy.layerNames[layer]);
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, hex).join(" ");
}

function asciiOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
  ).join("");
}

define("hl-bytes", HlBytes);
