// Many lines for one run of `ip` or `bridge`: a process for each entry would cost a thousand times
// as much. `-force` goes on behind a line that fails and says "Command failed -:2"; but some
// failures, those of neighbors above all, end the whole program with no such word and the rest
// undone. Then what is left is run in halves until the culprit stands alone. A line that was
// carried out already does no harm a second time.
import { type Attempt, attempt, NetworkError } from "../netns.ts";
import type { Program } from "./netcfg-line.ts";

/** A line that failed, and what the program said about it. */
export interface LineFailure {
  /** Of the lines that were given. */
  readonly index: number;
  readonly reason: string;
}

export interface BatchOutcome {
  readonly printed: string;
  readonly failures: readonly LineFailure[];
}

const WORD = /^[\w.:/@+-]+$/;

/** Carries out all lines that can be; each is an array of words. */
export async function runBatch(
  program: Program,
  options: readonly string[],
  lines: readonly (readonly string[])[],
): Promise<BatchOutcome> {
  const strange = lines.flat().find((word) => !WORD.test(word));
  // A batch has its own quoting; no word of ours needs any.
  if (strange !== undefined) throw new NetworkError(`not a plain word: "${strange}"`);
  return carryOut(program, [...options, "-force", "-batch", "-"], lines);
}

async function carryOut(
  program: Program,
  options: readonly string[],
  lines: readonly (readonly string[])[],
): Promise<BatchOutcome> {
  const input = lines.map((line) => `${line.join(" ")}\n`).join("");
  const { printed, complaint, status } = await runProgram(program, options, input);
  if (status === 0) return { printed, failures: [] };
  const { failures, rest } = readComplaint(complaint);
  const hasDied = rest !== "" || failures.length === 0;
  if (!hasDied) return { printed, failures };
  if (lines.length === 1) {
    const reason = rest || complaint.trim() || `${program} ended (${status})`;
    return { printed, failures: [{ index: 0, reason }] };
  }
  const from = (failures.at(-1)?.index ?? -1) + 1;
  const middle = from + Math.ceil((lines.length - from) / 2);
  const first = await carryOut(program, options, lines.slice(from, middle));
  const second = await carryOut(program, options, lines.slice(middle));
  return {
    printed: `${printed}${first.printed}${second.printed}`,
    failures: [...failures, ...shift(first, from), ...shift(second, middle)],
  };
}

/** Runs a program of iproute2 to its end. */
export async function runProgram(
  program: Program,
  words: readonly string[],
  input = "",
): Promise<Attempt> {
  try {
    return await attempt(program, words, input);
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const said = isMissing ? "not found (apt-get install iproute2)" : String(cause);
    throw new NetworkError(`${program}: ${said}`, { cause });
  }
}

function shift({ failures }: BatchOutcome, by: number): LineFailure[] {
  return failures.map(({ index, reason }) => ({ index: index + by, reason }));
}

/** What was said of which line, and what stands behind the last of them. */
function readComplaint(complaint: string): { failures: LineFailure[]; rest: string } {
  const failures: LineFailure[] = [];
  let said: string[] = [];
  for (const line of complaint.split("\n")) {
    const number = /^Command failed -:(\d+)$/.exec(line)?.[1];
    if (number === undefined) {
      if (line.trim() !== "") said.push(line.trim());
      continue;
    }
    failures.push({ index: Number(number) - 1, reason: said.join("; ") || "refused" });
    said = [];
  }
  return { failures, rest: said.join("; ") };
}
