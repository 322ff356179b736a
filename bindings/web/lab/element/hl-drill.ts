// A drill: what comes next is guessed before it is seen, or a broken network is mended. The only
// judge is the engine.
import { html, nothing, type TemplateResult } from "lit";
import { type Copy, copyOf, say } from "../copy/copy.ts";
import { define, LabElement } from "../element.ts";
import type { DrillEntry, Entry } from "../state/catalogue.ts";
import { commandOf } from "../state/place.ts";
import { pointedAt, type Question, questionOf } from "../state/question.ts";
import type { Scene } from "../state/scene.ts";
import type { DrillState, Guess } from "../state/state.ts";

const HINTS_MAX = 3;

export class HlDrill extends LabElement {
  static override properties = {
    scene: { attribute: false },
    entries: { attribute: false },
    truth: { state: true },
  };

  declare scene: Scene | null;
  declare entries: readonly Entry[];
  /** What the last guess should have been; null: it was right, or there was none. */
  declare truth: string | null;

  constructor() {
    super();
    this.scene = null;
    this.entries = [];
    this.truth = null;
  }

  override render(): TemplateResult | typeof nothing {
    const { scene } = this;
    const drill = scene?.state.drill ?? null;
    if (scene === null || drill === null) return nothing;
    const copy = copyOf(scene.state.lang);
    const entry = this.entries.find(({ slug }) => slug === scene.state.scenario)?.drill ?? null;
    const isFault = drill.mode === "fault" && entry !== null;
    return html`
      <header>
        <h2>${isFault ? copy.findFault : copy.predict}</h2>
        ${entry === null ? nothing : this.#modes(drill, copy)}
        <button type="button" class="button"
          @click=${() => this.act({ do: "drill", to: null })}>${copy.leave}</button>
      </header>
      ${isFault ? this.#fault(scene, drill, entry, copy) : this.#predict(scene, drill, copy)}
    `;
  }

  #modes(drill: DrillState, copy: Copy): TemplateResult {
    const mode = drill.mode === "fault" ? "predict" : "fault";
    return html`<button type="button" class="button"
      @click=${() => this.act({ do: "drill", to: { ...drill, mode } })}
      >${mode === "fault" ? copy.findFault : copy.predict}</button>`;
  }

  #predict(scene: Scene, drill: DrillState, copy: Copy): TemplateResult {
    const question = questionOf(scene);
    return html`
      <div role="status">${this.#verdict(drill, copy)}</div>
      ${question === null ? this.#score(drill, copy) : this.#question(question, scene, copy)}
    `;
  }

  #verdict({ guesses }: DrillState, copy: Copy): TemplateResult | typeof nothing {
    const last = guesses.at(-1);
    if (last === undefined) return nothing;
    if (last.isRight) return html`<p class="right">\u2713 ${copy.right}</p>`;
    return html`<p class="wrong">\u2715 ${say(copy.wrong, { truth: this.truth ?? "" })}</p>`;
  }

  #score({ guesses }: DrillState, copy: Copy): TemplateResult {
    const right = guesses.filter(({ isRight }) => isRight).length;
    const missed = guesses.filter(({ isRight }) => !isRight).map(({ at }) => at.hop);
    const words = say(copy.score, { right, all: guesses.length });
    const list = missed.join(", ");
    const more = missed.length === 0 ? "" : `, ${say(copy.missed, { list })}`;
    return html`<p><b>${words}</b>${more}</p>`;
  }

  #question(question: Question, scene: Scene, copy: Copy): TemplateResult {
    switch (question.ask) {
      case "row": {
        const table = commandOf(question.table);
        const words = say(copy.askRow, { table, key: question.key });
        return html`<p>${words}</p>${this.#choices(question.rows, question, scene)}`;
      }
      case "port":
        return html`<p>${copy.askPort}</p>${this.#choices(question.choices, question, scene)}`;
      case "ttl":
      case "bytes":
        return this.#number(question, scene, copy);
    }
  }

  #choices(choices: readonly string[], { truth }: Question, scene: Scene): TemplateResult {
    return html`<ul class="choices">${choices.map(
      (choice) => html`<li><button type="button" class="mono"
        @click=${() => this.#guess(scene, choice === truth, truth)}>${choice}</button></li>`,
    )}</ul>`;
  }

  #number(
    { ask, place, truth }: Extract<Question, { place: string }>,
    scene: Scene,
    copy: Copy,
  ): TemplateResult {
    const answer = (event: SubmitEvent): void => {
      event.preventDefault();
      const form = event.target as HTMLFormElement;
      const value = new FormData(form).get("answer");
      form.reset();
      this.#guess(scene, String(value).trim() === truth, truth);
    };
    const words = say(ask === "ttl" ? copy.askTtl : copy.askBytes, { place });
    return html`<form @submit=${answer}><label>${words}
      <input name="answer" inputmode="numeric" autocomplete="off" required /></label>
      <button class="button main">${copy.answer}</button></form>`;
  }

  // A device of the drawing is as good as its button.
  override updated(): void {
    const { scene } = this;
    const drill = scene?.state.drill ?? null;
    if (scene === null || drill?.pointed === undefined) return;
    const { pointed, ...rest } = drill;
    const question = questionOf(scene);
    const choice = question?.ask === "port" ? pointedAt(question, pointed) : undefined;
    if (question === null || choice === undefined) this.act({ do: "drill", to: rest });
    else this.#guess(scene, choice === question.truth, question.truth);
  }

  /** The truth is shown at once: the packet goes on, and the sentence says why. */
  #guess({ state, hop }: Scene, isRight: boolean, truth: string): void {
    if (state.drill === null || hop === null) return;
    this.truth = isRight ? null : truth;
    const guess: Guess = { at: { packet: hop.packet, hop: hop.n + 1 }, isRight };
    const { mode, hintCount } = state.drill;
    const guesses = [...state.drill.guesses, guess];
    this.act({ do: "drill", to: { mode, hintCount, guesses } });
    this.act({ do: "step", by: 1 });
  }

  #fault(scene: Scene, drill: DrillState, entry: DrillEntry, copy: Copy): TemplateResult {
    const facts = scene.trace?.facts ?? [];
    const failed = facts.filter(({ isHeld }) => !isHeld).length;
    const isMended = failed === 0 && facts.length > 0 && scene.state.edits.length > 0;
    const words = isMended ? copy.mended : say(copy.notYet, { failed, all: facts.length });
    return html`
      <h3>${copy.symptom}</h3>
      ${(scene.trace?.outputs ?? []).map(
        ({ command, text }) => html`<pre class="mono" tabindex="0">$ ${command}\n${text}</pre>`,
      )}
      <p role="status" class=${isMended ? "right" : ""}><b>${words}</b></p>
      <ul class="checks">${facts.map(
        ({ name, isHeld }) => html`<li class=${isHeld ? "right" : "wrong"}>
          ${isHeld ? "\u2713" : "\u2715"} ${name}</li>`,
      )}</ul>
      ${isMended ? this.#diagnosis(entry, copy) : this.#hints(drill, entry, copy)}
    `;
  }

  #diagnosis({ cause, clue, finder }: DrillEntry, copy: Copy): TemplateResult {
    const lang = this.scene?.state.lang ?? "en";
    return html`<h3>${copy.diagnosis}</h3>
      <dl>
        <div><dt>${copy.cause}</dt><dd>${cause[lang]}</dd></div>
        <div><dt>${copy.clue}</dt><dd>${clue[lang]}</dd></div>
        <div><dt>${copy.finder}</dt><dd class="mono">${finder}</dd></div>
      </dl>`;
  }

  #hints(drill: DrillState, { namespace, command }: DrillEntry, copy: Copy): TemplateResult {
    const table = command.split(" ").slice(0, 2).join(" ");
    const hints = [
      say(copy.hintRegion, { host: namespace }),
      say(copy.hintTable, { table, host: namespace }),
      say(copy.hintRow, { row: command.split(" ").slice(3).join(" ") }),
    ];
    const hintCount = Math.min(drill.hintCount + 1, HINTS_MAX);
    const told = hints.slice(0, drill.hintCount);
    const take = (): void => this.act({ do: "drill", to: { ...drill, hintCount } });
    return html`${told.map((hint) => html`<p class="caption">${hint}</p>`)}
      <button type="button" class="button" ?disabled=${drill.hintCount === HINTS_MAX}
        @click=${take}>${copy.hint}</button>`;
  }
}

define("hl-drill", HlDrill);
