// The specs' tests as units that can be run alone, each from a fresh instance, and what each of
// them reaches.
import { Aspect } from "./aspect.ts";
import { marksOf, type Schemata } from "./schemata.ts";

// No test of the specs asks one place as often as that in a hundred runs.
const TURNS_MAX = 20_000_000;

export interface Unit {
  readonly name: string;
  /** Index of its module. */
  readonly module: number;
  /** Tests of the module, in the order in which they run. */
  readonly tests: readonly number[];
  /** Mutants whose places it reaches. */
  readonly reached: ReadonlySet<number>;
  readonly ms: number;
}

/** Runs a unit with one mutant alive, 0 none. Throws when it fails. Returns: the instance. */
export function runUnit(module: WebAssembly.Module, tests: readonly number[], id: number): Aspect {
  const aspect = new Aspect(module);
  (aspect.exports as Schemata).mutant_set(id, TURNS_MAX);
  for (const test of tests) aspect.run(test);
  return aspect;
}

/** Every test of the modules as a unit, `count` mutants being in them. Throws when one fails. */
export function measureUnits(modules: readonly WebAssembly.Module[], count: number): Unit[] {
  return modules.flatMap((module, at) =>
    new Aspect(module).names.map((name, test) => {
      const tests = testsFor(module, test);
      const began = performance.now();
      const { exports } = runUnit(module, tests, 0);
      const ms = performance.now() - began;
      const marks = marksOf(exports as Schemata, count);
      const reached = new Set([...marks.keys()].filter((id) => marks[id] !== 0));
      return { name, module: at, tests, reached, ms };
    }),
  );
}

// A test that fails alone leans on those in front of it: then they run with it.
function testsFor(module: WebAssembly.Module, test: number): number[] {
  const upTo = Array.from({ length: test + 1 }, (_, index) => index);
  for (const tests of [[test], upTo]) {
    try {
      runUnit(module, tests, 0);
      return tests;
    } catch {}
  }
  throw new Error(`${new Aspect(module).names[test]}: fails without a mutant`);
}
