// `heddle lab --list` and `heddle lab all`: every scenario in a line.
import type { Core } from "../../core/index.ts";
import { type Case, type CaseReport, casesOf, reportOf, runCase } from "../../lab/check.ts";
import { SCENARIOS } from "../../lab/scenarios/index.ts";
import type { Lang } from "../../lab/why/index.ts";
import { tableOf } from "../cli/table.ts";

export function listText(lang: Lang): string {
  const rows = SCENARIOS.map(({ slug, group, promise, variants = {} }) => {
    const forms = Object.keys(variants).join(", ");
    return [slug, group, forms || "-", promise[lang]];
  });
  return tableOf(["SCENARIO", "GROUP", "VARIANTS", "WHAT IT SHOWS"], rows);
}

/** Runs every case of every scenario and tells of each as it ends. Returns whether all are good. */
export function checkAll(core: Core, seed: bigint, write: (text: string) => void): boolean {
  const cases = SCENARIOS.flatMap(casesOf);
  const width = Math.max(...cases.map((each) => nameOf(each).length));
  const columns = (name: string, packets: string, hops: string, facts: string): string =>
    `${name.padEnd(width)}  ${packets.padStart(7)}  ${hops.padStart(6)}  ${facts.padEnd(11)}`;
  write(`${columns("SCENARIO", "PACKETS", "HOPS", "ASSERTIONS")}  TIME\n`);
  let badCount = 0;
  for (const each of cases) {
    const began = performance.now();
    const report = attempt(core, each, seed);
    const took = `${(performance.now() - began).toFixed(0)} ms`;
    const { packetCount, hopCount, heldCount, factCount } = report;
    const facts = `${heldCount} of ${factCount}`;
    const row = columns(nameOf(each), String(packetCount), String(hopCount), facts);
    write(`${row}  ${took}${report.isGood ? "" : `  ${complaintOf(each, report)}`}\n`);
    badCount += Number(!report.isGood);
  }
  const outcome = badCount === 0 ? "all as they should be" : `${badCount} not as they should be`;
  write(`${cases.length} runs of ${SCENARIOS.length} scenarios, ${outcome}\n`);
  return badCount === 0;
}

/** "mtu-hole, mended". */
function nameOf({ scenario, variant, kind }: Case): string {
  const form = variant ?? (kind === "plain" ? "" : kind);
  return form === "" ? scenario.slug : `${scenario.slug}, ${form}`;
}

/** One run that cannot even be made must not hide how the others are. */
function attempt(core: Core, each: Case, seed: bigint): CaseReport {
  try {
    return reportOf(each, runCase(core, each, seed));
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    const failure = { name: "it runs", isHeld: false, found, at: null };
    return { packetCount: 0, hopCount: 0, heldCount: 0, factCount: 0, isGood: false, failure };
  }
}

function complaintOf({ kind }: Case, { failure }: CaseReport): string {
  if (failure !== null && kind !== "broken") return `FAILED ${failure.name}: ${failure.found}`;
  if (failure !== null) return `FAILED ${failure.found}`;
  return kind === "plain" ? "FAILED nothing is asserted" : "FAILED nothing is seen of the fault";
}
