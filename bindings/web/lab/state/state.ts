// What the page knows, as plain data. What is on the screen is a function of it (scene.ts), and it
// changes by actions alone (reduce.ts).
import type { Edit } from "../../../lab/scenario.ts";
import type { FieldPath, Range, Span, TableId, Trace } from "../../../lab/trace/trace.ts";

export type Lang = "en" | "zh";
export type DiffMode = "before" | "after" | "diff";
export type Speed = 0.5 | 1 | 2 | 4;
export type Phase = "running" | "ready" | "failed";

/** A hop: its packet's index in the trace, and its `n`. */
export interface Cursor {
  readonly packet: number;
  readonly hop: number;
}

/** What makes a trace. */
export interface Recipe {
  /** A slug. */
  readonly scenario: string;
  readonly variant: string | null;
  /** A whole number, in digits. */
  readonly seed: string;
  readonly edits: readonly Edit[];
}

/** A field, or bytes of the packet that is shown. */
export type Selection = FieldPath | Range;

/** What stands in place of the lab, or over it. */
export type Pane =
  | { readonly show: "lab" | "drill" | "decode" | "bench" }
  | { readonly show: "picker" | "compare-with" | "keys" | "facts" | "errata" | "save" }
  | { readonly show: "device"; readonly place: string }
  | { readonly show: "table"; readonly table: TableId };

/** Which part of the inspector a narrow page shows. */
export type Tab = "bytes" | "fields" | "tables";

/** The other side of a comparison; it shares the cursor, by milestone. */
export interface Beside {
  readonly scenario: string;
  readonly variant: string | null;
  readonly phase: Phase;
  readonly trace: Trace | null;
}

/** What the reader guessed of a hop, and whether it was so. */
export interface Guess {
  readonly at: Cursor;
  readonly isRight: boolean;
}

export interface DrillState {
  readonly mode: "predict" | "fault";
  readonly guesses: readonly Guess[];
  /** How many hints were taken: region, table, row. */
  readonly hintCount: number;
  /** What the reader chose in the drawing: a device, a namespace, a host. Left out: nothing. */
  readonly pointed?: string;
}

/** A file that was dropped on the page. */
export interface Capture {
  readonly name: string;
  readonly packets: readonly CapturedPacket[];
  readonly bytes: Uint8Array;
  /** What was wrong with the file, if it could not be read to its end. */
  readonly cut: string | null;
}

export interface CapturedPacket {
  /** Nanoseconds since 1970. */
  readonly timeNs: bigint;
  readonly link: "ethernet" | "ipv4";
  readonly span: Span;
}

/** What belongs to the reader and not to the view: kept by the browser, never in the URL. */
export interface Preferences {
  readonly theme: "auto" | "light" | "dark";
  readonly hasMotion: boolean;
  readonly hasKeys: boolean;
  readonly hasAscii: boolean;
}

export interface State extends Recipe {
  readonly phase: Phase;
  /** null until the first run is done; then the last good one. */
  readonly trace: Trace | null;
  /** Why the run failed. */
  readonly failure: string | null;
  readonly at: Cursor;
  /** null: the hop's own choice. */
  readonly sel: Selection | null;
  readonly diff: DiffMode;
  readonly pane: Pane;
  readonly tab: Tab;
  /** Whether tables are text to be edited. */
  readonly isEditing: boolean;
  readonly compare: Beside | null;
  readonly drill: DrillState | null;
  readonly capture: Capture | null;
  readonly lang: Lang;
  /** 0: it stands still. */
  readonly play: Speed | 0;
  readonly prefs: Preferences;
  /** What the URL said that means nothing here, and what was wrong with it. */
  readonly strange: readonly (readonly [string, string])[];
  readonly notice: Notice | null;
}

/** A line about what was asked for and is not there. */
export type Notice =
  | { readonly kind: "no-hop"; readonly asked: number; readonly shown: number }
  | { readonly kind: "no-scenario"; readonly asked: string }
  | { readonly kind: "refused"; readonly command: string; readonly answer: string }
  /** Nothing runs here: what was recorded is shown. */
  | { readonly kind: "recorded" };

export const FIRST: State = {
  scenario: "flannel-vxlan",
  variant: null,
  seed: "1",
  edits: [],
  phase: "running",
  trace: null,
  failure: null,
  at: { packet: 0, hop: 1 },
  sel: null,
  diff: "after",
  pane: { show: "lab" },
  tab: "bytes",
  isEditing: false,
  compare: null,
  drill: null,
  capture: null,
  lang: "en",
  play: 0,
  prefs: { theme: "auto", hasMotion: true, hasKeys: true, hasAscii: false },
  strange: [],
  notice: null,
};
