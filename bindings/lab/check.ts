// Whether a scenario keeps its word: in each of its forms, all assertions hold; and where something
// is broken on purpose, they fail until it is mended, and after the mending that only looks right.
import type { Core } from "../core/index.ts";
import { runScenario } from "./engine/run.ts";
import type { Edit, Scenario } from "./scenario.ts";
import type { Fact, Trace } from "./trace/trace.ts";

/** `broken` and `mistaken` are right when assertions fail. */
export type CaseKind = "plain" | "broken" | "mended" | "mistaken";

/** One way to run a scenario. */
export interface Case {
  readonly scenario: Scenario;
  readonly variant: string | null;
  readonly kind: CaseKind;
  readonly edits: readonly Edit[];
}

export interface CaseReport {
  readonly packetCount: number;
  readonly hopCount: number;
  readonly heldCount: number;
  readonly factCount: number;
  /** Whether it came out as its kind says. */
  readonly isGood: boolean;
  /** The first assertion that does not hold. */
  readonly failure: Fact | null;
}

/** All ways to run a scenario that a check goes through. */
export function casesOf(scenario: Scenario): Case[] {
  const { drill, variants = {} } = scenario;
  const plain = { scenario, variant: null, edits: [] } as const;
  if (drill !== undefined) {
    return [
      { ...plain, kind: "broken" },
      { ...plain, kind: "mended", edits: drill.fix },
      { ...plain, kind: "mistaken", edits: drill.wrongFix },
    ];
  }
  const forms = Object.keys(variants).map((variant) => ({ ...plain, variant }));
  return [plain, ...forms].map((form) => ({ ...form, kind: "plain" }));
}

/** Runs a case. Equal seeds give equal traces. */
export function runCase(core: Core, { scenario, variant, edits }: Case, seed: bigint): Trace {
  return runScenario(core, scenario, { seed, edits, ...(variant !== null && { variant }) });
}

export function reportOf({ kind }: Case, trace: Trace): CaseReport {
  const { facts, packets, hops } = trace;
  const failure = facts.find(({ isHeld }) => !isHeld) ?? null;
  const failsRightly = kind === "broken" || kind === "mistaken";
  return {
    packetCount: packets.length,
    hopCount: hops.length,
    heldCount: facts.filter(({ isHeld }) => isHeld).length,
    factCount: facts.length,
    isGood: facts.length > 0 && failsRightly === (failure !== null),
    failure,
  };
}
