// The laws of fuzz/ against one mutant, with what is kept and then a fixed seed:
// `fuzz.child.js MUTANT`. Exits 1 when it is caught.
import { readCorpus } from "../../fuzz/corpus.ts";
import { inject } from "./inject.ts";

const SEED = 1;
const MS = 8000; // for all laws together

inject(Number(process.argv[2]));
const { openSuites } = await import("../../fuzz/suites.ts");
const suites = (await openSuites()).filter((suite) => !suite.mustFail);
const laws = suites.flatMap(({ name, laws }) =>
  laws.map((law) => ({ law, name: `${name}/${law.name}` })),
);
process.exit(laws.some(breaks) ? 1 : 0);

function breaks({ law, name }: (typeof laws)[number]): boolean {
  try {
    for (const { input } of readCorpus(name)) law.again(input);
  } catch {
    return true;
  }
  return law.search({ seed: SEED, ms: MS / laws.length, isFirstEnough: true }).broken !== undefined;
}
