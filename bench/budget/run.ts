// `npm run bench:budget`: what the core costs beside what it may cost. Ends with 1 when a count is
// more than 2 % away from its budget; `--write` makes what was counted the budget.
import { flagsOf, Misuse } from "../../fuzz/flags.ts";
import { countAll, judge, readBudget, sentenceOf, writeBudget } from "./budget.ts";
import { mismatch, missingTools } from "./tools.ts";

const FLAGS = { json: { type: "boolean" }, write: { type: "boolean" } } as const;
const USAGE = [
  "npm run bench:budget -- [--write] [--json]",
  "  --write  what is counted becomes the budget",
  "  --json   what is counted as one JSON document, and nothing is compared",
].join("\n");

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const { json = false, write = false } = flagsOf(args, FLAGS);
    const missing = missingTools();
    if (missing !== undefined) throw new Misuse(`this needs ${missing}`);
    const found = await countAll();
    if (json) console.log(JSON.stringify(found, null, 2));
    const before = write || json ? undefined : await readBudget();
    if (write) await writeBudget(found);
    if (before === undefined) return 0;
    const others = mismatch(before.tools, found.tools);
    if (others !== undefined) console.log(others);
    const judged = judge(before, found);
    for (const one of judged) console.log(sentenceOf(one));
    return others === undefined && judged.every(({ verdict }) => verdict === "kept") ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    console.error(`${error.message}\n${USAGE}`);
    return 2;
  }
}
