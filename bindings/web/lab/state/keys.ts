// The keyboard map: what a key does in a scene. Single letters can be switched off.
import type { Action } from "./action.ts";
import type { FieldRow } from "./frame.ts";
import type { Scene } from "./scene.ts";
import type { DiffMode } from "./state.ts";

/** What of a key press matters. */
export interface Press {
  readonly key: string;
  readonly isCommand: boolean;
  /** Whether it is meant for a text. */
  readonly isTyping: boolean;
}

type Answer = (scene: Scene) => Action | null;

const step =
  (by: number): Answer =>
  () => ({ do: "step", by });

const pane =
  (show: "picker" | "keys" | "errata" | "save" | "compare-with"): Answer =>
  () => ({ do: "pane", to: { show } });

const ALWAYS: Readonly<Record<string, Answer>> = {
  ArrowRight: step(1),
  ArrowLeft: step(-1),
  ArrowDown: (scene) => packetAt(scene, 1),
  ArrowUp: (scene) => packetAt(scene, -1),
  Home: ({ state }) => ({ do: "go", packet: state.at.packet, hop: 1 }),
  End: ({ state, hops }) => ({ do: "go", packet: state.at.packet, hop: hops.length }),
  Escape: left,
};

const LETTERS: Readonly<Record<string, Answer>> = {
  l: step(1),
  h: step(-1),
  " ": ({ state }) => ({ do: "play", speed: state.play === 0 ? 1 : 0 }),
  "[": (scene) => fieldAt(scene, -1),
  "]": (scene) => fieldAt(scene, 1),
  "{": (scene) => layerAt(scene, -1),
  "}": (scene) => layerAt(scene, 1),
  d: turned,
  t: tableAt,
  e: ({ state }) => ({ do: "editing", to: !state.isEditing }),
  u: ({ state }) => (state.edits.length > 0 ? { do: "undo" } : null),
  r: ({ state }) => (state.edits.length > 0 ? { do: "reset" } : null),
  x: pane("errata"),
  c: pane("compare-with"),
  g: pane("picker"),
  "/": pane("picker"),
  s: pane("save"),
  a: ({ state }) => ({ do: "prefer", to: { hasAscii: !state.prefs.hasAscii } }),
  L: ({ state }) => ({ do: "lang", to: state.lang === "en" ? "zh" : "en" }),
  T: ({ state }) => ({
    do: "prefer",
    to: { theme: state.prefs.theme === "dark" ? "light" : "dark" },
  }),
  "?": pane("keys"),
};

/** What the key does here; null: nothing. */
export function actionOfKey({ key, isCommand, isTyping }: Press, scene: Scene): Action | null {
  if (isCommand || (isTyping && key !== "Escape")) return null;
  const always = ALWAYS[key];
  if (always !== undefined) return always(scene);
  if (!scene.state.prefs.hasKeys) return null;
  if (/^[1-9]$/.test(key)) return { do: "go", packet: scene.state.at.packet, hop: Number(key) };
  return LETTERS[key]?.(scene) ?? null;
}

function packetAt({ state, trace }: Scene, by: number): Action {
  const mains = (trace?.packets ?? []).filter(({ line }) => line === "main");
  const now = mains.findIndex(({ index }) => index >= state.at.packet);
  const next = mains[Math.max(0, Math.min(now + by, mains.length - 1))];
  return { do: "go", packet: next?.index ?? state.at.packet + by, hop: 1 };
}

function fieldAt({ shown, marks }: Scene, by: number): Action | null {
  const rows: readonly FieldRow[] = shown?.shells.flatMap((shell) => shell.rows) ?? [];
  const now = marks.row === null ? -1 : rows.indexOf(marks.row);
  const next = rows[Math.max(0, Math.min(now + by, rows.length - 1))];
  return next === undefined ? null : { do: "select", sel: next.path };
}

function layerAt({ shown, marks }: Scene, by: number): Action | null {
  const shells = shown?.shells ?? [];
  const next = shells[Math.max(0, Math.min(marks.shell + by, shells.length - 1))];
  return next === undefined ? null : { do: "select", sel: { at: next.at, len: next.len } };
}

const TURNS: readonly DiffMode[] = ["before", "after", "diff"];

function turned({ diff }: Scene): Action {
  const next = TURNS[(TURNS.indexOf(diff) + 1) % TURNS.length] ?? "after";
  return { do: "diff", to: next };
}

function tableAt({ hop, marks }: Scene): Action | null {
  const given = (hop?.asked ?? []).map(({ gave }) => gave.find((path) => path !== "device"));
  const ways = given.filter((path) => path !== undefined);
  const now = marks.path === null ? -1 : ways.indexOf(marks.path);
  const next = ways[(now + 1) % Math.max(1, ways.length)];
  return next === undefined ? null : { do: "select", sel: next };
}

// Out of what is innermost: an edit, a packet that was asked for, a sheet, a selection.
function left({ state, packet }: Scene): Action | null {
  if (state.isEditing) return { do: "editing", to: false };
  if (state.pane.show !== "lab") return { do: "pane", to: { show: "lab" } };
  const because = packet?.line === "side" ? packet.because : null;
  if (because) return { do: "go", ...because };
  return { do: "select", sel: null };
}
