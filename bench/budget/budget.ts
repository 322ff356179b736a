// What the core may cost: bench/budget.json, and what it says about what was counted.
import { readFile, writeFile } from "node:fs/promises";
import { type Counts, countBytes, countInstructions } from "./count.ts";
import { type Tools, toolsHere } from "./tools.ts";

// Compiled, from dist/bench/budget.
const FILE = new URL("../../../bench/budget.json", import.meta.url);

/** How far a count may be from its budget, either way. */
export const SLACK = 0.02;

export interface Budget {
  /** What it was counted with. */
  readonly tools: Tools;
  readonly bytes: Counts;
  readonly instructions: Counts;
}

/** `over` is a core that got slower; `under` is a budget that says too much, and guards nothing. */
export type Verdict = "kept" | "over" | "under" | "new" | "gone";

export interface Judged {
  readonly name: string;
  readonly verdict: Verdict;
  readonly budget?: number;
  readonly found?: number;
}

export async function readBudget(): Promise<Budget> {
  return JSON.parse(await readFile(FILE, "utf8"));
}

export async function writeBudget(budget: Budget): Promise<void> {
  await writeFile(FILE, `${JSON.stringify(budget, null, 2)}\n`);
}

/** What the core costs now. */
export async function countAll(): Promise<Budget> {
  return {
    tools: toolsHere(),
    bytes: await countBytes(),
    instructions: await countInstructions(),
  };
}

/** All that was counted beside all that may be. */
export function judge(budget: Budget, found: Budget): Judged[] {
  const parts = ["bytes", "instructions"] as const;
  return parts.flatMap((part) => judgeCounts(budget[part], found[part]));
}

/** Each count beside its budget, in the order of what was found. */
export function judgeCounts(budget: Counts, found: Counts): Judged[] {
  const names = new Set([...Object.keys(found), ...Object.keys(budget)]);
  return [...names].map((name) => {
    const [allowed, count] = [budget[name], found[name]];
    if (allowed === undefined) return { name, verdict: "new", found: count ?? 0 };
    if (count === undefined) return { name, verdict: "gone", budget: allowed };
    return { name, verdict: verdictOn(allowed, count), budget: allowed, found: count };
  });
}

/** A line for who has to do something about it. */
export function sentenceOf({ name, verdict, budget = 0, found = 0 }: Judged): string {
  if (verdict === "new") return `${name}: ${found}, and no budget`;
  if (verdict === "gone") return `${name}: a budget of ${budget}, and nothing that is counted`;
  return `${name}: ${found}, a budget of ${budget}, ${percent(budget, found)}: ${verdict}`;
}

function verdictOn(budget: number, found: number): Verdict {
  if (found > budget * (1 + SLACK)) return "over";
  return found < budget * (1 - SLACK) ? "under" : "kept";
}

function percent(budget: number, found: number): string {
  const change = (found / budget - 1) * 100;
  return `${change < 0 ? "" : "+"}${change.toFixed(1)} %`;
}
