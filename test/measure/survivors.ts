// The mutants that nobody can catch, each with the reason: test/measure/survivors.txt.
import { readFileSync } from "node:fs";
import { ROOT } from "./compile.ts";

const FILE = "test/measure/survivors.txt";

/** The reasons by the mutants' keys. Throws when a mutant has none, or a reason no mutant. */
export function readReasons(): Map<string, string> {
  return parseReasons(readFileSync(ROOT + FILE, "utf8"));
}

/**
 * A mutant's key at the beginning of a line, below it its reason, indented; `#` begins a comment.
 * Several mutants in a row share the reason below them.
 */
export function parseReasons(text: string): Map<string, string> {
  const reasons = new Map<string, string>();
  let open: string[] = [];
  let isReason = false;
  for (const line of text.split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    if (line.startsWith("  ")) {
      if (open.length === 0) throw new Error(`${FILE}: "${line.trim()}" is the reason of nobody`);
      for (const key of open) {
        reasons.set(key, `${reasons.get(key) ?? ""} ${line.trim()}`.trim());
      }
      isReason = true;
      continue;
    }
    if (isReason) open = [];
    isReason = false;
    if (reasons.has(line) || open.includes(line)) throw new Error(`${FILE}: twice: ${line}`);
    open.push(line);
  }
  if (!isReason && open.length > 0) throw new Error(`${FILE}: no reason for ${open[0]}`);
  return reasons;
}
