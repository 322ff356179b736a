// The hops of the packet, side by side: comparing is by count, so all are equally wide.
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { type Copy, copyOf, say } from "../copy/copy.ts";
import { define, LabElement } from "../element.ts";
import { type Column, columnsOf } from "../state/column.ts";
import type { Scene } from "../state/scene.ts";

/** More than these scroll, and what is now stays at one third. */
const COLUMNS_MAX = 14;
/** More packets than these are seen at a glance as well. */
const PACKETS_MAX = 60;
/** More than these have smaller words. */
const ROOMY_MAX = 9;

export class HlHops extends LabElement {
  static override properties = { scene: { attribute: false } };

  declare scene: Scene | null;

  constructor() {
    super();
    this.scene = null;
  }

  override render(): TemplateResult | typeof nothing {
    const { scene } = this;
    if (scene?.packet == null) return nothing;
    const copy = copyOf(scene.state.lang);
    const columns = columnsOf(scene).filter(({ n }) => !isHidden(scene, n));
    const now = scene.hop?.n ?? 1;
    return html`
      ${overview(scene)}
      ${this.#crumb(scene, copy)}
      <ol class=${formOf(columns.length)} aria-label=${copy.hops}
        @keydown=${this.#keys}>
        ${columns.map((column) => this.#column(column, now, copy))}
      </ol>
      ${crossingsLine(columns, scene, copy)}
    `;
  }

  /** Beside a side packet, the way back to who waited for it. */
  #crumb({ trace, packet }: Scene, copy: Copy): TemplateResult | typeof nothing {
    const because = packet?.line === "side" ? packet.because : null;
    const cause = because === null ? undefined : trace?.packets[because.packet];
    if (because === null || cause === undefined) return nothing;
    const back = (): void => this.act({ do: "go", packet: because.packet, hop: because.hop });
    const words = say(copy.backTo, { packet: cause.label, side: packet?.label ?? "" });
    return html`<nav>
      <button type="button" @click=${back}>\u25c0 ${copy.back}</button>${words}
    </nav>`;
  }

  #column(column: Column, now: number, copy: Copy): TemplateResult {
    const { n, owner, device, isDropped, side, hasErratum } = column;
    const time = n === now ? "now" : n < now ? "past" : "ahead";
    const go = (packet: number, hop: number): void => this.act({ do: "go", packet, hop });
    const packet = this.scene?.packet?.index ?? 0;
    return html`<li class="${time}${isDropped ? " drop" : ""}">
      <span class="owner">${owner ?? nothing}</span>
      <button type="button" tabindex=${n === now ? 0 : -1}
        aria-current=${n === now ? "step" : "false"} @click=${() => go(packet, n)}>
        <span class="device mono"><span class="unseen">${copy.hop} </span><b>${n}</b><span
          class="unseen">, ${column.ownerName}, </span><span class="what"> ${device}</span></span>
        <span class="stack">${column.stack.map((hue) => html`<i data-hue=${hue}></i>`)}</span>
        <span class="facts">${factsOf(column, copy)}</span>
        <span class="unseen">, ${say(copy.headers, { n: column.stack.length })}</span>
      </button>
      ${hasErratum ? html`<span class="erratum" aria-hidden="true">\u2260</span>` : nothing}
      ${
        side === null
          ? nothing
          : html`<button type="button" class="pill" @click=${() => go(side.packet, 1)}
              >${side.label}</button>`
      }
    </li>`;
  }

  readonly #keys = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined || !(event.target instanceof HTMLElement)) return;
    this.act({ do: "step", by: step });
    event.preventDefault();
    event.stopPropagation();
    void this.updateComplete.then(() => {
      this.querySelector<HTMLElement>("[aria-current=step]")?.focus();
    });
  };

  override updated(_: PropertyValues): void {
    const list = this.querySelector<HTMLElement>("ol");
    const now = this.querySelector<HTMLElement>("li.now");
    if (list === null || now === null || list.scrollWidth <= list.clientWidth) return;
    list.scrollTo({ left: now.offsetLeft - list.clientWidth / 3 });
  }
}

/** Many packets are more than a list of names. */
function overview(scene: Scene): TemplateResult | typeof nothing {
  if ((scene.trace?.packets.length ?? 0) <= PACKETS_MAX) return nothing;
  void import("./hl-overview.ts");
  return html`<hl-overview .scene=${scene}></hl-overview>`;
}

/** What is to be guessed is not shown. */
function isHidden({ state, hop }: Scene, n: number): boolean {
  const isPredicting = state.pane.show === "drill" && state.drill?.mode === "predict";
  return isPredicting && n > (hop?.n ?? 1);
}

function formOf(count: number): string {
  if (count > COLUMNS_MAX) return "scrolling";
  return count > ROOMY_MAX ? "tight" : "";
}

function factsOf({ len, ttl, isLenNew, isTtlNew, isDropped }: Column, copy: Copy): TemplateResult {
  if (isDropped) return html`<span class="fate">\u2715 ${copy.dropped}</span>`;
  const bytes = isLenNew ? html`<b>${len} B</b>` : html`${len} B`;
  const life = isTtlNew ? html`<b>TTL ${ttl}</b>` : html`TTL ${ttl}`;
  return html`<span>${bytes}</span> ${ttl === null ? nothing : html`<span>${life}</span>`}`;
}

/** Where a packet rises into a program and falls back, each border counted. */
function crossingsLine(
  columns: readonly Column[],
  { hops }: Scene,
  copy: Copy,
): TemplateResult | typeof nothing {
  if (!columns.some(({ isUser }) => isUser)) return nothing;
  const hosts = [...new Set(hops.filter(({ plane }) => plane === "user").map(({ host }) => host))];
  const counted = hosts.map((host) => {
    const n = Math.max(...hops.filter((hop) => hop.host === host).map((hop) => hop.crossings));
    return say(n === 1 ? copy.crossing : copy.crossings, { n, host });
  });
  return html`<p class="crossings" style="--count:${columns.length}">
    ${columns.map(({ isUser }) => html`<i class=${isUser ? "up" : "down"}></i>`)}
    <span>${copy.kernel} | ${copy.user} | ${copy.kernel} \u00b7 ${counted.join(" \u00b7 ")}</span>
  </p>`;
}

define("hl-hops", HlHops);
