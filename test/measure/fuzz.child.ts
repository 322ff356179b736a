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
for (const law of laws) if (await breaks(law)) process.exit(1);
process.exit(0);

async function breaks({ law, name }: (typeof laws)[number]): Promise<boolean> {
  try {
    for (const { input } of readCorpus(name)) await law.again(input);
  } catch {
    return true;
  }
  const limits = { seed: SEED, ms: MS / laws.length, isFirstEnough: true };
  return (await law.search(limits)).broken !== undefined;
}
