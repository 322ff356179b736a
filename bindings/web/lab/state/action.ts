// Everything that can happen to the state.
import type { Edit } from "../../../lab/scenario.ts";
import type { Trace } from "../../../lab/trace/trace.ts";
import type {
  Capture,
  DiffMode,
  DrillState,
  Lang,
  Notice,
  Pane,
  Preferences,
  Selection,
  Speed,
  State,
  Tab,
} from "./state.ts";

export type Action =
  /** Another scenario, from its first hop, without edits. */
  | { readonly do: "open"; readonly scenario: string; readonly variant?: string | null }
  /** What a URL says. */
  | { readonly do: "visit"; readonly to: Partial<State> }
  /** A run is done. */
  | { readonly do: "traced"; readonly trace: Trace }
  | { readonly do: "compared"; readonly trace: Trace }
  | { readonly do: "failed"; readonly failure: string }
  /** The kernel would not take the last edit. */
  | { readonly do: "refused"; readonly answer: string }
  /** So many hops along the packets that matter. */
  | { readonly do: "step"; readonly by: number }
  | { readonly do: "go"; readonly packet: number; readonly hop: number }
  /** null: back to the hop's own choice. */
  | { readonly do: "select"; readonly sel: Selection | null }
  /** What belongs together is one run. */
  | { readonly do: "edit"; readonly edits: readonly Edit[] }
  | { readonly do: "editing"; readonly to: boolean }
  | { readonly do: "undo" | "reset" }
  | { readonly do: "diff"; readonly to: DiffMode }
  | { readonly do: "pane"; readonly to: Pane }
  | { readonly do: "tab"; readonly to: Tab }
  /** The slug of what to compare with; null: no more. */
  | { readonly do: "compare"; readonly scenario: string | null; readonly variant?: string | null }
  | { readonly do: "drill"; readonly to: DrillState | null }
  | { readonly do: "capture"; readonly capture: Capture | null }
  | { readonly do: "play"; readonly speed: Speed | 0 }
  | { readonly do: "lang"; readonly to: Lang }
  | { readonly do: "prefer"; readonly to: Partial<Preferences> }
  | { readonly do: "notice"; readonly notice: Notice | null };
