// What an action makes of the state. No DOM, no clock, no promise: what a new recipe asks of the
// engine is asked by whoever holds the state.
import type { Packet, Trace } from "../../../lab/trace/trace.ts";
import type { Action } from "./action.ts";
import { type Cursor, FIRST, type Recipe, type State } from "./state.ts";

type Of<Do extends Action["do"]> = Extract<Action, { do: Do }>;

export function reduce(state: State, action: Action): State {
  switch (action.do) {
    case "open":
      return opened(state, action);
    case "visit":
      return visited(state, action.to);
    case "traced":
      return traced(state, action.trace);
    case "compared":
      return { ...state, compare: state.compare && { ...state.compare, ...ready(action.trace) } };
    case "failed":
      return { ...state, phase: "failed", failure: action.failure, play: 0 };
    case "refused":
      return refused(state, action.answer);
    case "step":
      return stepped(state, action.by);
    case "go":
      return gone(state, action);
    default:
      return changed(state, action);
  }
}

type Change = Exclude<
  Action,
  Of<"open" | "visit" | "traced" | "compared" | "failed" | "refused" | "step" | "go">
>;

function changed(state: State, action: Change): State {
  switch (action.do) {
    case "select":
      return { ...state, sel: action.sel };
    case "edit":
      return edited(state, [...state.edits, ...action.edits]);
    case "undo":
      return edited(state, state.edits.slice(0, -1));
    case "reset":
      return edited(state, []);
    case "compare":
      return { ...state, ...SHUT, compare: besideOf(action) };
    case "capture":
      return captured(state, action.capture);
    case "drill":
      return { ...state, drill: action.to, pane: { show: action.to === null ? "lab" : "drill" } };
    default:
      return set(state, action);
  }
}

function set(
  state: State,
  action: Of<"editing" | "diff" | "pane" | "tab" | "play" | "lang" | "prefer" | "notice">,
): State {
  switch (action.do) {
    case "editing":
      return { ...state, isEditing: action.to };
    case "diff":
      return { ...state, diff: action.to };
    case "pane":
      return paned(state, action.to);
    case "tab":
      return { ...state, tab: action.to };
    case "play":
      return { ...state, play: action.speed };
    case "lang":
      return { ...state, lang: action.to };
    case "prefer":
      return { ...state, prefs: { ...state.prefs, ...action.to } };
    case "notice":
      return { ...state, notice: action.notice };
  }
}

// Who is asked where a packet goes answers by pointing.
function paned(state: State, pane: State["pane"]): State {
  const { drill } = state;
  const isAnswer = drill?.mode === "predict" && pane.show === "device";
  return isAnswer ? { ...state, drill: { ...drill, pointed: pane.place } } : { ...state, pane };
}

const SHUT = { pane: FIRST.pane } as const;

function opened({ lang, prefs, strange }: State, { scenario, variant = null }: Of<"open">): State {
  return { ...FIRST, lang, prefs, strange, scenario, variant };
}

// A URL that names the recipe of the trace that is there needs no other trace.
function visited(state: State, to: Partial<State>): State {
  const { lang, prefs, trace, phase, compare } = state;
  const next: State = { ...FIRST, lang, prefs, ...to };
  if (!isSameRecipe(state, next)) return next;
  const isSameBeside = compare?.scenario === next.compare?.scenario;
  const kept = { ...next, trace, phase, compare: isSameBeside ? compare : next.compare };
  return trace === null ? kept : { ...kept, at: nearest(trace, next.at) };
}

/** Whether two recipes make equal traces. */
export function isSameRecipe(one: Recipe, other: Recipe): boolean {
  return recipeKey(one) === recipeKey(other);
}

/** A text that is equal for equal recipes. */
export function recipeKey({ scenario, variant, seed, edits }: Recipe): string {
  return JSON.stringify([scenario, variant, seed, edits]);
}

function traced(state: State, trace: Trace): State {
  const at = nearest(trace, state.at);
  const isThere = at.packet === state.at.packet && at.hop === state.at.hop;
  const shown = at.hop;
  const lost = { kind: "no-hop", asked: state.at.hop, shown } as const;
  const notice = isThere || state.edits.length > 0 ? state.notice : lost;
  return { ...state, trace, phase: "ready", failure: null, at, notice };
}

function ready(trace: Trace): { trace: Trace; phase: "ready" } {
  return { trace, phase: "ready" };
}

function edited(state: State, edits: State["edits"]): State {
  return { ...state, edits, phase: "running", sel: null, play: 0, notice: null };
}

function refused(state: State, answer: string): State {
  const command = state.edits.at(-1)?.command ?? "";
  const notice = { kind: "refused", command, answer } as const;
  return { ...edited(state, state.edits.slice(0, -1)), notice, isEditing: state.isEditing };
}

function besideOf({ scenario, variant = null }: Of<"compare">): State["compare"] {
  return scenario === null ? null : { scenario, variant, phase: "running", trace: null };
}

function captured(state: State, capture: State["capture"]): State {
  const at = capture === null ? FIRST.at : { packet: 0, hop: 1 };
  const pane = { show: capture === null ? "lab" : "decode" } as const;
  return { ...state, capture, at, pane, sel: null, play: 0 };
}

function gone(state: State, { packet, hop }: Cursor): State {
  if (state.pane.show === "decode" && state.capture !== null) {
    const last = state.capture.packets.length - 1;
    const at = { packet: Math.max(0, Math.min(packet, last)), hop: 1 };
    return { ...state, at, sel: null };
  }
  const at = state.trace === null ? { packet, hop } : nearest(state.trace, { packet, hop });
  return { ...state, at, sel: null, isEditing: false, notice: lasting(state.notice) };
}

/** What is true of all hops. */
function lasting(notice: State["notice"]): State["notice"] {
  return notice?.kind === "recorded" ? notice : null;
}

function stepped(state: State, by: number): State {
  const at = reached(state, by);
  const isStill = at.packet === state.at.packet && at.hop === state.at.hop;
  return isStill ? state : gone(state, at);
}

function reached({ trace, at, pane, capture }: State, by: number): Cursor {
  if (pane.show === "decode" && capture !== null) return { packet: at.packet + by, hop: 1 };
  const packet = trace?.packets[at.packet];
  if (trace === null || packet === undefined) return at;
  if (packet.line === "side") return alongSide(packet, at, by);
  const way = mainWay(trace);
  const now = way.findIndex((each) => each.packet === at.packet && each.hop === at.hop);
  return way[Math.max(0, Math.min(now + by, way.length - 1))] ?? at;
}

// Who leaves a packet that somebody asked for is back at the hop that asked.
function alongSide({ hopCount, because }: Packet, at: Cursor, by: number): Cursor {
  const hop = at.hop + by;
  if (because !== null && (hop < 1 || hop > hopCount)) return because;
  return { packet: at.packet, hop: Math.max(1, Math.min(hop, hopCount)) };
}

/** Every hop that Next passes, in order. */
export function mainWay(trace: Trace): readonly Cursor[] {
  return trace.packets
    .filter(({ line }) => line === "main")
    .flatMap(({ index, hopCount }) =>
      Array.from({ length: hopCount }, (_, n) => ({ packet: index, hop: n + 1 })),
    );
}

/** The cursor if it points to a hop; else the last hop of its packet, or the first of all. */
export function nearest(trace: Trace, { packet, hop }: Cursor): Cursor {
  const found = trace.packets[packet];
  if (found === undefined) {
    const first = trace.packets.find(({ line }) => line === "main");
    return { packet: first?.index ?? 0, hop: 1 };
  }
  return { packet, hop: Math.max(1, Math.min(hop, found.hopCount)) };
}
